/** The hub's core: commands run one after the other within a team, each in one transaction, and are then told of. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { isCommandName } from '../../domain/commands.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Effect } from '../../domain/rule.ts'
import type { ConversationId, TeamId } from '../../domain/ids.ts'
import { maySee } from '../../domain/visibility.ts'
import type { Member, Team, Time } from '../../domain/rows.ts'
import type { QueuedCommand, Version } from '../../sync/protocol.ts'
import { Changes, readsOf, runAsync } from '../../sync/run.ts'
import type {
  AttachmentCheck,
  Commit,
  EffectSink,
  HubCore,
  HubDatabase,
  HubTransaction,
  Identity,
  SystemBatch,
  SystemCommand,
  SystemResult,
} from '../core.ts'
import type { HubLine } from '../line/line.ts'
import { Listeners, traceOf } from '../listeners.ts'
import { readAhead, readAll, readRow, rowReader, writeBulk, writeChanges } from '../store/rows.ts'
import { together } from '../store/together.ts'
import type { Asker } from '../store/together.ts'
import { isOutage, isRetryable } from './failure.ts'
import { Lanes } from './lanes.ts'
import { NOTHING, consumeAsBug, noteOutside, standingOf, takeCommand } from './take-command.ts'
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
  /** To the other hubs over the same database, if there may be any. */
  line?: HubLine | null
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
  /** Calls `listener` when a version came to be without a {@link Commit} being told here: by an import, or by another hub. */
  onUntold(listener: (teamId: TeamId, version: Version) => void): () => void
  onCustomerTyping(listener: (teamId: TeamId, conversationId: ConversationId, typing: boolean) => void): () => void
}

const ATTEMPTS = 5

/** Puts the core together. The database has been migrated. */
export function createHubCore(parts: CoreParts): SyncCore {
  const { db, effects, attachments, log, clock, line } = parts
  const lanes = new Lanes()
  const epochs = new OwnEpochs(parts.epoch ?? randomUUID())
  const commits = new Listeners<[Commit]>(log)
  const untold = new Listeners<[TeamId, Version]>(log)
  const typing = new Listeners<[TeamId, ConversationId, boolean]>(log)

  // Its beginning goes out with the lock, which only reads (see `named-statements.ts`).
  const teamTransaction = <T>(work: (trx: HubTransaction) => Promise<T>) =>
    db.transaction().setAccessMode('read write').execute(work)

  /**
   * A transaction that holds the team's lock from its beginning: rules of a team run one after the other, whatever the
   * number of hubs, and versions become visible in their order. What it committed is told before the next one begins.
   * @param ahead reads under the lock, in one trip with taking it
   */
  async function inTeam<A, T>(
    teamId: TeamId,
    ahead: (asker: Asker) => Promise<A>,
    work: (trx: HubTransaction, version: Version, read: A) => Promise<Done<T>>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const own = epochs.name
        const { value, version, commit } = await teamTransaction(async (trx) => {
          const [team, read] = await lockTeam(trx, teamId, ahead)
          const { value, version, told, write } = await work(trx, team.version, read)
          const isBegun = version === null || epochs.hasBegun(teamId, own)
          await together(trx, (asker) => [
            write(asker),
            ...(isBegun ? [] : [beginEpoch(asker, teamId, version, own)]),
            ...(line && version !== null ? [line.tellIn(asker, { type: 'committed', teamId, version })] : []),
          ])
          if (version === null) return { value, version, commit: null }
          return { value, version, commit: told && { teamId, version, epoch: isBegun ? team.epoch : own, ...told } }
        })
        if (version !== null) epochs.begun(teamId, own)
        if (commit) commits.tell(commit)
        return value
      } catch (error) {
        if (!isRetryable(error) || attempt === ATTEMPTS) throw error
      }
    }
  }

  /** Several commands of the hub itself, one after the other, in one transaction and under one version. */
  async function systemInTeam<A>(
    teamId: TeamId,
    batch: SystemBatch<A>,
  ): Promise<{ results: SystemResult[]; version: Version }> {
    return inTeam(
      teamId,
      (asker) => Promise.all([readAhead(asker, teamId, batch.reads), batch.ahead(asker)]),
      async (trx, seq, [ahead, read]) => {
        const now = clock()
        const context = { actor: { type: 'system' }, now } as const
        const reader = rowReader(trx, teamId, ahead)
        const done = new Changes()
        const wanted: Effect[] = []
        const results: SystemResult[] = []
        for (const { name, args } of batch.commands(read)) {
          const outcome = await runAsync(name, args, context, done.over(reader))
          results.push(outcome.ok ? { ok: true } : outcome)
          if (!outcome.ok) continue
          done.add(outcome.changes)
          wanted.push(...outcome.effects)
        }
        if (wanted.length > 0) await effects.record(trx, teamId, wanted)
        const changes = done.all()
        const also = (asker: Asker) => batch.also(asker, results)
        if (changes.length === 0) return { value: { results, version: seq }, ...NOTHING, write: also }
        const version = seq + 1
        return {
          value: { results, version },
          version,
          told: { changes, taken: null },
          write: (asker) =>
            Promise.all([
              writeChanges(asker, teamId, version, changes, now),
              setVersion(asker, teamId, version),
              also(asker),
            ]),
        }
      },
    )
  }

  const core: SyncCore = {
    db,
    onCommit: (listener) => commits.add(listener),
    onUntold: (listener) => untold.add(listener),
    onCustomerTyping: (listener) => typing.add(listener),
    customerTyping(teamId, conversationId, isTyping) {
      typing.tell(teamId, conversationId, isTyping)
      line?.tell({ type: 'customerTyping', teamId, conversationId, typing: isTyping })
    },
    between: (teamId, work) => lanes.run(teamId, work),
    row: (teamId, table, id) => readRow(db, teamId, table, id),

    async sees(teamId, member, conversationId) {
      const conversation = await core.row(teamId, 'conversation', conversationId)
      if (!conversation) return false
      const follower = conversation.followerId ? await core.row(teamId, 'member', conversation.followerId) : undefined
      return maySee(conversation, member, follower?.storeIds ?? [])
    },

    system: (teamId, name, args) =>
      lanes.run(teamId, async () => {
        const { results, version } = await systemInTeam(teamId, {
          reads: readsOf(name, args),
          ahead: async () => undefined,
          // The name and its own arguments.
          commands: () => [{ name, args } as SystemCommand],
          also: async () => undefined,
        })
        const [result] = results
        if (!result) throw new Error('a command came to nothing')
        return result.ok ? { ok: true, version } : result
      }),

    systemMany: (teamId, batch) => lanes.run(teamId, async () => (await systemInTeam(teamId, batch)).results),

    memberNow: (identity, name, args) =>
      lanes.run(identity.teamId, () =>
        inTeam<{ member?: Member; team?: Team }, SystemResult>(
          identity.teamId,
          async (asker) => whoAndWhere(asker, identity),
          async (trx, seq, { member, team }) => {
            const { teamId } = identity
            if (!member?.active || !team) {
              return { value: { ok: false, refusal: refuse('signIn.inactive', {}) }, ...NOTHING }
            }
            const now = clock()
            const context = { actor: { type: 'member', member, team }, now } as const
            const outcome = await runAsync(name, args, context, rowReader(trx, teamId))
            const refusal = outcome.ok ? null : outcome.refusal
            const noted = (asker: Asker) => noteOutside(asker, { identity, name, args, now, refusal })
            if (!outcome.ok) return { value: outcome, ...NOTHING, write: noted }
            if (outcome.effects.length > 0) await effects.record(trx, teamId, outcome.effects)
            const { changes } = outcome
            if (changes.length === 0) return { value: { ok: true }, ...NOTHING, write: noted }
            const version = seq + 1
            return {
              value: { ok: true },
              version,
              told: { changes, taken: null },
              write: (asker) =>
                Promise.all([
                  writeChanges(asker, teamId, version, changes, now),
                  setVersion(asker, teamId, version),
                  noted(asker),
                ]),
            }
          },
        ),
      ),

    runPushed: (identity, command) =>
      lanes.run(identity.teamId, async () => {
        const standing = (asker: Asker) => standingOf(asker, identity, command)
        try {
          return await inTeam(identity.teamId, standing, (trx, version, standing) =>
            takeCommand({ trx, version, standing, identity, command, effects, attachments, now: clock() }),
          )
        } catch (error) {
          if (isOutage(error)) throw error
          // A bug in one command must not stop its queue for ever: it is refused, with everything it did undone.
          const { clientId } = identity
          const known = isCommandName(command.name) ? command.name : 'unknown'
          log.error({ err: traceOf(error), clientId, seq: command.seq, command: known }, 'a command failed')
          return inTeam(identity.teamId, standing, async (_trx, _version, standing) =>
            consumeAsBug({ standing, identity, command, now: clock() }),
          )
        }
      }),

    importRows: (teamId, rows) =>
      lanes.run(teamId, async () => {
        const version = await inTeam(
          teamId,
          async () => undefined,
          async (trx, seq) => {
            await writeBulk(trx, teamId, seq + 1, rows)
            return {
              value: seq + 1,
              version: seq + 1,
              told: null,
              write: (asker) => setVersion(asker, teamId, seq + 1),
            }
          },
        )
        untold.tell(teamId, version)
        return version
      }),
  }
  line?.onNews((news) => {
    if (news.type === 'committed') untold.tell(news.teamId, news.version)
    else if (news.type === 'customerTyping') typing.tell(news.teamId, news.conversationId, news.typing)
  })
  // The database may be back as a copy from before, which no hub may take for the history it knows.
  line?.onMissed(() => epochs.beginAnew())
  return core
}

/** The epochs that this process begins: one for each team with its first commit there. */
class OwnEpochs {
  readonly #first: string
  #count = 0
  readonly #begun = new Map<TeamId, string>()

  constructor(first: string) {
    this.#first = first
  }

  get name(): string {
    return this.#count === 0 ? this.#first : `${this.#first}.${this.#count}`
  }

  hasBegun(teamId: TeamId, name: string): boolean {
    return this.#begun.get(teamId) === name
  }

  begun(teamId: TeamId, name: string): void {
    this.#begun.set(teamId, name)
  }

  /** From now on under another name. */
  beginAnew(): void {
    this.#count += 1
  }
}

/** The member who asks, and their team. */
async function whoAndWhere(asker: Asker, { teamId, memberId }: Identity): Promise<{ member?: Member; team?: Team }> {
  const [member, [team]] = await Promise.all([
    readRow(asker, teamId, 'member', memberId),
    readAll(asker, teamId, 'team'),
  ])
  return { ...(member && { member }), ...(team && { team }) }
}

/** Takes the team's lock, and reads under it. */
async function lockTeam<A>(
  trx: HubTransaction,
  teamId: TeamId,
  ahead: (asker: Asker) => Promise<A>,
): Promise<[{ version: Version; epoch: string }, A]> {
  for (let attempt = 1; ; attempt++) {
    const [team, read] = await together(trx, (asker) => [lockRow(asker, teamId), ahead(asker)])
    if (team) return [team, read]
    // Without a row there was no lock either: what was read may be another's that is about to change.
    if (attempt === 2) throw new Error('the row of a team cannot be made')
    await sql`insert into team_seq (team_id, seq) values (${teamId}, 0) on conflict do nothing`.execute(trx)
  }
}

async function lockRow(asker: Asker, teamId: TeamId): Promise<{ version: Version; epoch: string } | undefined> {
  const { rows } = await sql<{ version: Version; epoch: string }>`
    select seq as version, epoch from team_seq where team_id = ${teamId} for update`.execute(asker)
  return rows[0]
}

async function beginEpoch(asker: Asker, teamId: TeamId, version: Version, epoch: string): Promise<void> {
  await sql`
    with begun as (insert into epoch (team_id, from_version, epoch) values (${teamId}, ${version}, ${epoch}))
    update team_seq set epoch = ${epoch} where team_id = ${teamId}`.execute(asker)
}

async function setVersion(asker: Asker, teamId: TeamId, version: Version): Promise<void> {
  await sql`update team_seq set seq = ${version} where team_id = ${teamId}`.execute(asker)
}
