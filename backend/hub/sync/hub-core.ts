/** The hub's core: commands run one after the other within a team, each in one transaction, and are then told of. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { isCommandName } from '../../domain/commands.ts'
import type { ConversationId, TeamId } from '../../domain/ids.ts'
import { maySee } from '../../domain/visibility.ts'
import type { Time } from '../../domain/rows.ts'
import type { QueuedCommand, Version } from '../../sync/protocol.ts'
import { runAsync } from '../../sync/run.ts'
import type { AttachmentCheck, Commit, EffectSink, HubCore, HubDatabase, HubTransaction, Identity } from '../core.ts'
import { readRow, rowReader, writeBulk, writeChanges } from '../store/rows.ts'
import { isOutage, isRetryable } from './failure.ts'
import { Lanes } from './lanes.ts'
import { consumeAsBug, takeCommand } from './take-command.ts'
import type { Done, Taken } from './take-command.ts'

export type CoreParts = {
  db: HubDatabase
  effects: EffectSink
  attachments: AttachmentCheck
  log: Logger
  /** The hub's clock, in ms since 1970. */
  clock: () => Time
  /** A name that no other hub process has. */
  epoch?: string
}

/** The core with what only the sync sockets use. */
export interface SyncCore extends HubCore {
  /**
   * Takes one command of a member's queue, exactly once (SYN-3): in one transaction its rows, its result, the queue's
   * progress and the audit entry (ROL-6). Listeners have been called when it resolves.
   * @throws when the database is in trouble; nothing was taken then
   */
  runPushed(identity: Identity, command: QueuedCommand): Promise<Taken>
  /** Runs `work` while no command of the team runs in this hub. */
  between<T>(teamId: TeamId, work: () => Promise<T>): Promise<T>
  /** Calls `listener` when a version came to be without a {@link Commit} being told (bulk imports). */
  onImport(listener: (teamId: TeamId, version: Version) => void): () => void
  onCustomerTyping(listener: (teamId: TeamId, conversationId: ConversationId, typing: boolean) => void): () => void
}

const ATTEMPTS = 5
const NO_VERSION = { version: null, told: null } as const

/** Puts the core together. The database has been migrated. */
export function createHubCore({ db, effects, attachments, log, clock, epoch = randomUUID() }: CoreParts): SyncCore {
  const lanes = new Lanes()
  /** Teams in which this process has begun its epoch. */
  const begun = new Set<TeamId>()
  const commits = new Listeners<[Commit]>(log)
  const imports = new Listeners<[TeamId, Version]>(log)
  const typing = new Listeners<[TeamId, ConversationId, boolean]>(log)

  /**
   * A transaction that holds the team's lock from its beginning: rules of a team run one after the other, whatever the
   * number of hubs, and versions become visible in their order. What it committed is told before the next one begins.
   */
  async function inTeam<T>(
    teamId: TeamId,
    work: (trx: HubTransaction, version: Version) => Promise<Done<T>>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { value, version, commit } = await db.transaction().execute(async (trx) => {
          const team = await lockTeam(trx, teamId)
          const done = await work(trx, team.version)
          const { value, version, told } = done
          if (version === null) return { value, version, commit: null }
          if (!begun.has(teamId)) await beginEpoch(trx, teamId, version, epoch)
          const now = begun.has(teamId) ? team.epoch : epoch
          return { value, version, commit: told && { teamId, version, epoch: now, ...told } }
        })
        if (version !== null) begun.add(teamId)
        if (commit) commits.tell(commit)
        return value
      } catch (error) {
        if (!isRetryable(error) || attempt === ATTEMPTS) throw error
      }
    }
  }

  const core: SyncCore = {
    db,
    onCommit: (listener) => commits.add(listener),
    onImport: (listener) => imports.add(listener),
    onCustomerTyping: (listener) => typing.add(listener),
    customerTyping: (...typed) => typing.tell(...typed),
    between: (teamId, work) => lanes.run(teamId, work),
    row: (teamId, table, id) => readRow(db, teamId, table, id),

    async sees(teamId, member, conversationId) {
      const conversation = await core.row(teamId, 'conversation', conversationId)
      if (!conversation) return false
      const follower = conversation.followerId ? await core.row(teamId, 'member', conversation.followerId) : undefined
      return maySee(conversation, member, follower?.storeIds ?? [])
    },

    system: (teamId, name, args) =>
      lanes.run(teamId, () =>
        inTeam<Awaited<ReturnType<HubCore['system']>>>(teamId, async (trx, seq) => {
          const context = { actor: { type: 'system' }, now: clock() } as const
          const outcome = await runAsync(name, args, context, rowReader(trx, teamId))
          if (!outcome.ok) return { value: outcome, ...NO_VERSION }
          if (outcome.effects.length > 0) await effects.record(trx, teamId, outcome.effects)
          if (outcome.changes.length === 0) return { value: { ok: true, version: seq }, ...NO_VERSION }
          const version = seq + 1
          await writeChanges(trx, teamId, version, outcome.changes)
          await setVersion(trx, teamId, version)
          return { value: { ok: true, version }, version, told: { changes: outcome.changes, taken: null } }
        }),
      ),

    runPushed: (identity, command) =>
      lanes.run(identity.teamId, async () => {
        try {
          return await inTeam(identity.teamId, (trx, version) =>
            takeCommand({ trx, version, identity, command, effects, attachments, now: clock() }),
          )
        } catch (error) {
          if (isOutage(error)) throw error
          // A bug in one command must not stop its queue for ever: it is refused, with everything it did undone.
          const { clientId } = identity
          const known = isCommandName(command.name) ? command.name : 'unknown'
          log.error({ err: traceOf(error), clientId, seq: command.seq, command: known }, 'a command failed')
          return inTeam(identity.teamId, async (trx) => ({
            value: await consumeAsBug({ trx, identity, command, now: clock() }),
            ...NO_VERSION,
          }))
        }
      }),

    importRows: (teamId, rows) =>
      lanes.run(teamId, async () => {
        const version = await inTeam(teamId, async (trx, seq) => {
          await writeBulk(trx, teamId, seq + 1, rows)
          await setVersion(trx, teamId, seq + 1)
          return { value: seq + 1, version: seq + 1, told: null }
        })
        imports.tell(teamId, version)
        return version
      }),
  }
  return core
}

async function lockTeam(trx: HubTransaction, teamId: TeamId): Promise<{ version: Version; epoch: string }> {
  const lock = () =>
    trx
      .selectFrom('team_seq')
      .select(['seq as version', 'epoch'])
      .where('team_id', '=', teamId)
      .forUpdate()
      .executeTakeFirst()
  const locked = await lock()
  if (locked) return locked
  await sql`insert into team_seq (team_id, seq) values (${teamId}, 0) on conflict do nothing`.execute(trx)
  return (await lock()) ?? { version: 0, epoch: '' }
}

async function beginEpoch(trx: HubTransaction, teamId: TeamId, version: Version, epoch: string): Promise<void> {
  await trx.insertInto('epoch').values({ team_id: teamId, from_version: version, epoch }).execute()
  await trx.updateTable('team_seq').set({ epoch }).where('team_id', '=', teamId).execute()
}

async function setVersion(trx: HubTransaction, teamId: TeamId, version: Version): Promise<void> {
  await trx.updateTable('team_seq').set({ seq: version }).where('team_id', '=', teamId).execute()
}

/** What a log may hold of an error: a database's message can quote what was written, its code and place cannot. */
function traceOf(error: unknown): { type: string; code: unknown; stack: string } {
  if (!(error instanceof Error)) return { type: typeof error, code: null, stack: '' }
  const code: unknown = Object.getOwnPropertyDescriptor(error, 'code')?.value ?? null
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { type: error.name, code, stack: frames.join('\n') }
}

class Listeners<A extends unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  add(listener: (...args: A) => void): () => void {
    const own = (...args: A) => listener(...args)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** What is told has happened: a listener that fails changes nothing about it, nor for the others. */
  tell(...args: A): void {
    for (const listener of this.#listeners) {
      try {
        listener(...args)
      } catch (error) {
        this.#log.error({ err: traceOf(error) }, 'a listener failed')
      }
    }
  }
}
