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
import type { HubLine } from '../line/line.ts'
import { Listeners, traceOf } from '../listeners.ts'
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
const NO_VERSION = { version: null, told: null } as const

/** Puts the core together. The database has been migrated. */
export function createHubCore(parts: CoreParts): SyncCore {
  const { db, effects, attachments, log, clock, line } = parts
  const lanes = new Lanes()
  const epochs = new OwnEpochs(parts.epoch ?? randomUUID())
  const commits = new Listeners<[Commit]>(log)
  const untold = new Listeners<[TeamId, Version]>(log)
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
        const own = epochs.name
        const { value, version, commit } = await db.transaction().execute(async (trx) => {
          const team = await lockTeam(trx, teamId)
          const { value, version, told } = await work(trx, team.version)
          if (version === null) return { value, version, commit: null }
          const isBegun = epochs.hasBegun(teamId, own)
          if (!isBegun) await beginEpoch(trx, teamId, version, own)
          await line?.tellIn(trx, { type: 'committed', teamId, version })
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
      lanes.run(teamId, () =>
        inTeam<Awaited<ReturnType<HubCore['system']>>>(teamId, async (trx, seq) => {
          const now = clock()
          const context = { actor: { type: 'system' }, now } as const
          const outcome = await runAsync(name, args, context, rowReader(trx, teamId))
          if (!outcome.ok) return { value: outcome, ...NO_VERSION }
          if (outcome.effects.length > 0) await effects.record(trx, teamId, outcome.effects)
          if (outcome.changes.length === 0) return { value: { ok: true, version: seq }, ...NO_VERSION }
          const version = seq + 1
          await writeChanges(trx, teamId, version, outcome.changes, now)
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
