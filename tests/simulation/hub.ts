/** The hub of a simulated world: the real core and the real sync over a database that outlives its process. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { PGlite } from '@electric-sql/pglite'
import { Hono } from 'hono'
import { pino } from 'pino'
import { z } from 'zod'
import type { CommandArgs, CommandName } from '../../backend/domain/commands.ts'
import { MemberId, TeamId } from '../../backend/domain/ids.ts'
import { refuse } from '../../backend/domain/refusal.ts'
import type { Effect } from '../../backend/domain/rule.ts'
import type { Member, Time } from '../../backend/domain/rows.ts'
import type { Authenticator, Identity } from '../../backend/hub/core.ts'
import { createHubCore } from '../../backend/hub/sync/hub-core.ts'
import type { SyncCore } from '../../backend/hub/sync/hub-core.ts'
import { pruneTombstones } from '../../backend/hub/sync/prune.ts'
import { snapshotLines } from '../../backend/hub/sync/snapshot.ts'
import { createSync } from '../../backend/hub/sync/sync.ts'
import type { QueuedCommand, Session, TableRow } from '../../backend/sync/protocol.ts'
import { Crash, DyingDatabase } from './dying-database.ts'
import type { Moment } from './dying-database.ts'
import type { Network } from './network.ts'

/** A transaction that became durable: the command it was for, and the hub's time in it. */
export type Done = { teamId: TeamId; now: Time; effects: Effect[]; durable: boolean } & (
  { by: 'member'; identity: Identity; command: QueuedCommand } | { by: 'system'; name: CommandName; args: unknown }
)

const HOUR = 3_600_000
/** More than anything that is forgotten some day is kept. */
const LONG = 400 * 24 * HOUR
const Token = z.object({ teamId: TeamId, memberId: MemberId, clientId: z.string(), expiresAt: z.number() })
type Token = z.infer<typeof Token>
/** Every table that holds something of a team. */
const TABLES = [
  ...['team', 'store', 'member', 'channel', 'tag', 'template', 'contact', 'conversation', 'message', 'mark'],
  ...['replyFolder', 'reply'],
  ...['team_seq', 'epoch', 'tombstone', 'client_progress', 'client_result', 'audit'],
]

export type Backup = { tables: Map<string, string>; history: number }

export class SimHub {
  /** What was committed since the beginning, in its order; what a restore has undone is gone from it. */
  history: Done[] = []
  /** What was ever committed, restores or not. */
  readonly ever: Done[] = []
  readonly problems: string[] = []
  readonly #pglite: PGlite
  readonly #network: Network
  readonly #wall: () => Time
  readonly #settled: <T>(ending: Promise<T>) => Promise<T>
  readonly #work = new AsyncLocalStorage<Done>()
  readonly #databases: DyingDatabase[] = []
  #process: { core: SyncCore; sync: ReturnType<typeof createSync>; database: DyingDatabase } | null = null

  /** @param settled resolves or fails as the promise does, letting time pass as long as it takes */
  constructor(pglite: PGlite, network: Network, wall: () => Time, settled: <T>(ending: Promise<T>) => Promise<T>) {
    this.#settled = settled
    this.#pglite = pglite
    this.#network = network
    this.#wall = wall
  }

  get isUp(): boolean {
    return this.#process !== null
  }
  get busy(): boolean {
    return this.#databases.some(({ busy }) => busy > 0)
  }

  start(): void {
    if (this.#process) return
    const database = new DyingDatabase(this.#pglite, {
      commitTakes: () => this.#commitTakes(),
      committed: () => this.#committed(),
      died: () => this.kill(),
    })
    this.#databases.push(database)
    const log = pino({ level: 'error' }, { write: (line: string) => this.#logged(database, line) })
    const clock = () => {
      const done = this.#work.getStore()
      const now = this.#wall()
      if (done) done.now = now
      return now
    }
    const inner = createHubCore({
      db: database.db,
      log,
      clock,
      epoch: `start-${this.#databases.length}`,
      effects: { record: async (_trx, _teamId, effects) => void this.#work.getStore()?.effects.push(...effects) },
      attachments: { check: async () => null },
    })
    const core: SyncCore = {
      ...inner,
      runPushed: (identity, command) => {
        const done: Done = {
          by: 'member',
          teamId: identity.teamId,
          identity,
          command,
          now: 0,
          effects: [],
          durable: false,
        }
        return this.#work.run(done, () => inner.runPushed(identity, command))
      },
      system: (teamId, name, args) => {
        const done: Done = { by: 'system', teamId, name, args, now: 0, effects: [], durable: false }
        return this.#work.run(done, () => inner.system(teamId, name, args))
      },
    }
    const sync = createSync({ core, authenticator: this.#authenticator(), log, clock: this.#wall })
    const app = new Hono().route('/', sync.routes)
    app.onError((error) => {
      if (!database.dead) this.problems.push(String(error.stack))
      return new Response(null, { status: 502 })
    })
    this.#process = { core, sync, database }
    this.#network.hubIsUp({
      accept: (socket) => sync.sockets.connected(socket),
      answer: async (request) =>
        new URL(request.url).pathname === '/auth/refresh' ? this.#refresh(request) : app.fetch(request),
    })
  }

  /** The process is killed. */
  kill(): void {
    const process = this.#process
    if (!process) return
    this.#process = null
    process.database.die()
    this.#network.hubIsDown()
    // Lets go of what a real process takes with it.
    process.sync.close().catch((error: unknown) => this.problems.push(String(error)))
  }

  /** The process is killed right before or after the `commits`-th commit from now. */
  killAt(commits: number, moment: Moment): void {
    this.#process?.database.dieAt(commits, moment)
  }

  /** Nothing of {@link killAt} comes true any more. */
  spare(): void {
    this.#process?.database.spare()
  }

  importTeam(teamId: TeamId, rows: Iterable<TableRow>): Promise<unknown> {
    return this.#running().core.importRows(teamId, rows)
  }

  /** A command of the hub itself. Undefined when the process died of it. */
  async system<N extends CommandName>(
    teamId: TeamId,
    name: N,
    args: CommandArgs<N>,
  ): Promise<'ok' | string | undefined> {
    return this.#asking(async ({ core }) => {
      const outcome = await core.system(teamId, name, args)
      return outcome.ok ? 'ok' : outcome.refusal.code
    })
  }

  /** A command of a member who works elsewhere, always online. Undefined when the process died of it. */
  async console(
    teamId: TeamId,
    memberId: MemberId,
    name: CommandName,
    args: unknown,
    at: Time,
  ): Promise<string | undefined> {
    return this.#asking(async ({ core }) => {
      const clientId = 'console-of-the-admin'
      const taken = await core.db
        .selectFrom('client_progress')
        .select('last_seq')
        .where('team_id', '=', teamId)
        .where('client_id', '=', clientId)
        .executeTakeFirst()
      const identity = { teamId, memberId, clientId, workstationId: 'elsewhere', expiresAt: at + HOUR }
      const result = await core.runPushed(identity, { seq: (taken?.last_seq ?? 0) + 1, name, args, at })
      return result.refusal?.code ?? 'ok'
    })
  }

  async #asking<T>(work: (process: { core: SyncCore }) => Promise<T>): Promise<T | undefined> {
    const process = this.#process
    if (!process) return undefined
    try {
      return await this.#settled(work(process))
    } catch (error) {
      if (error instanceof Crash || process.database.dead) return undefined
      throw error
    }
  }

  get db() {
    return this.#running().core.db
  }

  async member(teamId: TeamId, id: MemberId): Promise<Member | undefined> {
    return this.#settled(this.#running().core.row(teamId, 'member', id))
  }

  /** What a new workstation of the member is given, line by line. */
  async snapshot(teamId: TeamId, memberId: MemberId): Promise<string[]> {
    const identity = { teamId, memberId, clientId: 'new', workstationId: 'new', expiresAt: 0 }
    const lines = await snapshotLines(this.db, identity, null, this.#wall())
    const texts: string[] = []
    if (lines) for await (const line of lines) texts.push(line)
    return texts
  }

  async version(teamId: TeamId): Promise<number> {
    const query = this.db.selectFrom('team_seq').select('seq').where('team_id', '=', teamId)
    const row = await this.#settled(query.executeTakeFirst())
    return row?.seq ?? 0
  }

  /** Tidies up as it does every night, as if everything had happened long ago. */
  async prune(): Promise<void> {
    await this.#asking(({ core }) => pruneTombstones(core.db, this.#wall() + LONG))
  }

  async backup(): Promise<Backup> {
    const tables = new Map<string, string>()
    for (const table of TABLES) {
      const { rows } = await this.#sql<{ rows: string | null }>(`select json_agg(t)::text as rows from "${table}" t`)
      tables.set(table, rows[0]?.rows ?? '[]')
    }
    return { tables, history: this.history.length }
  }

  /** Puts the database back to what it was; the hub is down meanwhile. */
  async restore(backup: Backup): Promise<void> {
    this.kill()
    await this.#empty()
    for (const [table, rows] of backup.tables) {
      const columns = await this.#sql<{ columns: string }>(
        `select string_agg(quote_ident(column_name), ',') as columns from information_schema.columns where table_name = '${table}'`,
      )
      const names = columns.rows[0]?.columns ?? ''
      await this.#sql(
        `insert into "${table}" (${names}) overriding system value select ${names} from json_populate_recordset(null::"${table}", $1)`,
        [rows],
      )
    }
    this.history = this.history.slice(0, backup.history)
  }

  /** Ends this hub and leaves an empty database. */
  async end(): Promise<void> {
    this.kill()
    await this.#empty()
  }

  async #empty(): Promise<void> {
    await this.#settled(this.#pglite.exec(TABLES.map((table) => `delete from "${table}"`).join(';')))
  }

  /** What a member needs to go on, as signing in gives it. */
  async session(teamId: TeamId, memberId: MemberId, clientId: string): Promise<Session | null> {
    const member = await this.member(teamId, memberId)
    if (!member?.active) return null
    const row = await this.db
      .selectFrom('client_progress')
      .select('last_seq')
      .where('team_id', '=', teamId)
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    const hubTime = this.#wall()
    const expiresAt = hubTime + HOUR
    return {
      teamId,
      member,
      clientId,
      lastClientSeq: row?.last_seq ?? 0,
      accessToken: encode({ teamId, memberId, clientId, expiresAt }),
      accessExpiresAt: expiresAt,
      refreshToken: encode({ teamId, memberId, clientId, expiresAt: 0 }),
      storeKey: Buffer.alloc(32, 7).toString('base64'),
      hubTime,
    }
  }

  async #refresh(request: Request): Promise<Response> {
    const { refreshToken } = z.object({ refreshToken: z.string() }).parse(await request.json())
    const { teamId, memberId, clientId } = decode(refreshToken)
    const session = await this.session(teamId, memberId, clientId)
    return session ? Response.json(session) : Response.json({ error: refuse('signIn.inactive', {}) }, { status: 403 })
  }

  #authenticator(): Authenticator {
    return {
      authenticate: async (token) => {
        const { expiresAt, ...who } = decode(token)
        if (expiresAt < this.#wall()) return { ok: false, refusal: refuse('session.expired', {}) }
        return { ok: true, identity: { ...who, workstationId: `of-${who.clientId}`, expiresAt } }
      },
    }
  }

  /** A transaction that is under way has to end first. */
  #sql<R>(text: string, parameters: unknown[] = []): Promise<{ rows: R[] }> {
    return this.#settled(this.#pglite.query<R>(text, parameters))
  }

  /** A disk takes its time: what a hub says before its commit is durable would get out. */
  async #commitTakes(): Promise<void> {
    const { faults, chance } = this.#network
    const ms = this.#work.getStore() && chance.is(0.3) ? chance.between(0, faults.slowCommit) : 0
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  }

  #committed(): void {
    const done = this.#work.getStore()
    // What a listener of the commit reads is committed too.
    if (!done || done.durable) return
    done.durable = true
    this.history.push(done)
    this.ever.push(done)
  }

  /** A hub that dies has much to complain about; otherwise nothing may go wrong in it. */
  #logged(database: DyingDatabase, line: string): void {
    if (!database.dead) this.problems.push(line)
  }

  #running() {
    if (!this.#process) throw new Error('the hub is down')
    return this.#process
  }
}

function encode(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function decode(token: string): Token {
  const text = Buffer.from(token, 'base64url').toString()
  // Over HTTP the token travels as it is.
  return Token.parse(JSON.parse(text))
}
