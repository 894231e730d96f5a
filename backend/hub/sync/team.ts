/** One team's live state in this hub: its recent commits, its connections, and who is where. */
import type { ConversationId, TeamId } from '../../domain/ids.ts'
import type { Version } from '../../sync/protocol.ts'
import type { Commit } from '../core.ts'
import { readAll } from '../store/rows.ts'
import { reading } from './catch-up.ts'
import type { Connection } from './connection.ts'
import type { SyncCore } from './hub-core.ts'
import { Presence } from './presence.ts'
import { TeamLog } from './team-log.ts'

export class Team {
  readonly id: TeamId
  readonly log: TeamLog
  readonly presence: Presence
  /** By client id: a queue has one connection at a time. */
  readonly #connections = new Map<string, Connection>()
  readonly #core: SyncCore
  #waking: NodeJS.Immediate | null = null

  private constructor(id: TeamId, log: TeamLog, core: SyncCore) {
    this.id = id
    this.log = log
    this.#core = core
    this.presence = new Presence((conversationId) => this.#tellPresence(conversationId))
  }

  /** Reads where the team stands. `opened` is called before any later command of the team runs, so that none is missed. */
  static open(core: SyncCore, id: TeamId, opened: (team: Team) => void): Promise<Team> {
    return core.between(id, async () => {
      const { version, epoch, members } = await standing(core, id)
      const team = new Team(id, new TeamLog(version, epoch, members), core)
      opened(team)
      return team
    })
  }

  get connections(): Iterable<Connection> {
    return this.#connections.values()
  }

  /** The connection is now the one of its queue; an older one is closed. */
  join(clientId: string, connection: Connection): void {
    const older = this.#connections.get(clientId)
    this.#connections.set(clientId, connection)
    if (older && older !== connection) older.replaced()
  }

  leave(clientId: string, connection: Connection): void {
    if (this.#connections.get(clientId) === connection) this.#connections.delete(clientId)
    this.presence.leave(connection)
  }

  connectionOf(clientId: string): Connection | undefined {
    return this.#connections.get(clientId)
  }

  committed(commit: Commit): void {
    // In one step with the log: a patch that holds what a command did must also say that it was taken.
    if (commit.taken) this.#connections.get(commit.taken.clientId)?.took(commit.taken.seq, null)
    const missed = commit.version !== this.log.head + 1
    this.log.append(commit)
    // What another hub committed in between may have changed members.
    if (missed) this.imported().catch((error: unknown) => this.#failed(error))
    for (const connection of this.#connections.values()) connection.checkMember()
    this.wake()
  }

  /**
   * The database is at `version`. What another hub committed, or a commit whose answer was lost, nobody tells of here:
   * it must not wait for the next one.
   */
  async hearOf(version: Version): Promise<void> {
    if (version <= this.log.head) return
    // Most likely it was this hub, and it is about to tell.
    await this.#core.between(this.id, async () => undefined)
    if (version > this.log.head) await this.imported()
  }

  /** Rows came in that no commit tells of. */
  async imported(): Promise<void> {
    let now = await standing(this.#core, this.id)
    while (now.version < this.log.head) now = await standing(this.#core, this.id)
    this.log.reset(now.version, now.epoch, now.members)
    for (const connection of this.#connections.values()) connection.checkMember()
    this.wake()
  }

  /** Brings every connection up to date, once for all that happens in this turn of the event loop. */
  wake(): void {
    this.#waking ??= setImmediate(() => {
      this.#waking = null
      for (const connection of this.#connections.values()) connection.wake()
    })
  }

  /** The conversation as it is now, read when it is not at hand. */
  async know(id: ConversationId): Promise<boolean> {
    if (this.log.conversation(id)) return true
    const conversation = await this.#core.row(this.id, 'conversation', id)
    if (conversation) this.log.remember(conversation)
    return conversation !== undefined
  }

  /** Tells a connection who is where at the moment. */
  tellAllPresence(connection: Connection): void {
    for (const id of this.presence.conversations()) connection.tellPresence(id)
  }

  close(): void {
    if (this.#waking) clearImmediate(this.#waking)
    this.presence.close()
  }

  /** Without knowing the members nobody can be told anything: every device connects anew. */
  #failed(error: unknown): void {
    for (const connection of this.#connections.values()) connection.broken(error)
  }

  #tellPresence(id: ConversationId): void {
    for (const connection of this.#connections.values()) connection.tellPresence(id)
  }
}

function standing(core: SyncCore, teamId: TeamId) {
  return reading(core.db, async (trx) => {
    const row = await trx
      .selectFrom('team_seq')
      .select(['seq', 'epoch'])
      .where('team_id', '=', teamId)
      .executeTakeFirst()
    return { version: row?.seq ?? 0, epoch: row?.epoch ?? '', members: await readAll(trx, teamId, 'member') }
  })
}
