/** One team's live state in this hub: its recent commits, its connections, and who is where. */
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { ConversationId, MemberId, TeamId } from '../../domain/ids.ts'
import type { Version } from '../../sync/protocol.ts'
import type { Commit } from '../core.ts'
import type { HubLine, NewsOf } from '../line/line.ts'
import { parseRow, readAll } from '../store/rows.ts'
import { reading } from './catch-up.ts'
import type { Connection } from './connection.ts'
import type { SyncCore } from './hub-core.ts'
import { newsSince } from './news-since.ts'
import { Presence } from './presence.ts'
import { TeamLog } from './team-log.ts'

export type TeamParts = { core: SyncCore; log: Logger; line: HubLine | null }

export class Team {
  readonly id: TeamId
  readonly log: TeamLog
  readonly presence: Presence
  /** By client id: a queue has one connection at a time. */
  readonly #connections = new Map<string, Connection>()
  readonly #parts: TeamParts
  /** The last version that was heard of; above `log.head` while what led to it is being read. */
  #heard: Version
  #looking: Promise<void> | null = null
  #waking: NodeJS.Immediate | null = null

  private constructor(id: TeamId, log: TeamLog, parts: TeamParts) {
    this.id = id
    this.log = log
    this.#parts = parts
    this.#heard = log.head
    this.presence = new Presence((conversationId) => this.#tellPresence(conversationId, this.connections))
  }

  /** Reads where the team stands. `opened` is called before any later command of the team runs, so that none is missed. */
  static open(parts: TeamParts, id: TeamId, opened: (team: Team) => void): Promise<Team> {
    return parts.core.between(id, async () => {
      const { version, epoch, members } = await standing(parts.core, id)
      const team = new Team(id, new TeamLog(version, epoch, members), parts)
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
    this.look(connection, null)
  }

  connectionOf(clientId: string): Connection | undefined {
    return this.#connections.get(clientId)
  }

  committed(commit: Commit): void {
    // In one step with the log: a patch that holds what a command did must also say that it was taken.
    if (commit.taken) this.#connections.get(commit.taken.clientId)?.took(commit.taken.seq, null)
    if (this.log.append(commit)) this.#moved()
    // Another hub committed in between, and may have changed members.
    else this.hear(commit.version)
  }

  /** The database is at `version`, by a commit that nobody tells of here: what led to it is read. */
  hear(version: Version): void {
    if (version <= Math.max(this.#heard, this.log.head)) return
    this.#heard = version
    this.reach(version).catch((error: unknown) => this.#failed(error))
  }

  /** As {@link hear}, for who waits for it, and does not know whether this hub is about to tell. */
  async hearOf(version: Version): Promise<void> {
    if (version <= this.log.head) return
    await this.#parts.core.between(this.id, async () => undefined)
    await this.reach(version)
  }

  /** Resolves when everything that was heard of by now is in the log: nothing may be told by what was before. */
  async settled(): Promise<void> {
    await this.reach(this.#heard)
  }

  /** Resolves when the log is at `version` or later. */
  async reach(version: Version): Promise<void> {
    // The first look may have begun before the version was there, the second has not.
    for (let looks = 0; this.log.head < version; looks++) {
      if (looks === 2) throw new Error(`the database is not at version ${version}, which it was`)
      await this.lookUp()
    }
  }

  /** Something may have been committed of which no word came. */
  missed(): void {
    // A look that is under way may have begun before it.
    const looked = (this.#looking ?? Promise.resolve()).then(() => this.lookUp())
    looked.catch((error: unknown) => this.#failed(error))
  }

  /** Takes in what the database has and the log has not. */
  lookUp(): Promise<void> {
    this.#looking ??= this.#lookUp().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #lookUp(): Promise<void> {
    const { db } = this.#parts.core
    for (;;) {
      const news = await newsSince(db, this.id, this.log.head, [...this.#connections.keys()])
      if (news && news.version < news.from) return this.#wentBack()
      if (!news) await this.#reset()
      else if (this.log.read(news)) this.#doubt(news.taken)
      // This hub's own commits were told in the meantime.
      else if (news.version > this.log.head) continue
      this.#heard = Math.max(this.#heard, this.log.head)
      return this.#moved()
    }
  }

  /** Too much happened to be kept here: every device asks the database. */
  async #reset(): Promise<void> {
    let now = await standing(this.#parts.core, this.id)
    while (now.version < this.log.head) now = await standing(this.#parts.core, this.id)
    this.log.reset(now.version, now.epoch, now.members)
    this.#doubt(new Map())
  }

  /** The database is a copy from before: every device has to say again where it stands. */
  async #wentBack(): Promise<void> {
    const { version, epoch, members } = await standing(this.#parts.core, this.id)
    this.log.reset(version, epoch, members)
    this.#failed(new Error('the database is older than it was'))
  }

  /** @param taken how far each queue was taken by then; of others it is not known */
  #doubt(taken: ReadonlyMap<string, number>): void {
    for (const [clientId, connection] of this.#connections) connection.doubt(taken.get(clientId) ?? null)
  }

  #moved(): void {
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
    while (!this.log.conversation(id)) {
      const { resets } = this.log
      const { rows } = await sql<{ data: string; version: Version }>`
        select data::text as data, version from conversation where team_id = ${this.id} and id = ${id}`.execute(
        this.#parts.core.db,
      )
      const [found] = rows
      if (!found) return false
      // Only as of the log's own version may it be remembered.
      if (found.version > this.log.head) await this.hearOf(found.version)
      else if (resets === this.log.resets) this.log.remember(parseRow('conversation', found.data))
    }
    return true
  }

  /** The connection's member now looks at this conversation, or at none any more. */
  look(
    connection: Connection,
    now: { conversationId: ConversationId; memberId: MemberId; typing: boolean } | null,
  ): void {
    const before = this.presence.of(connection)
    if (now) this.presence.view(connection, now)
    else this.presence.leave(connection)
    const told = this.presence.of(connection) ?? (before && { ...before, conversationId: null })
    if (told && told !== before) this.#tellView(connection, told)
  }

  /** What another hub tells of one of its connections. */
  looksElsewhere(hub: string, { viewer, memberId, conversationId, typing }: NewsOf<'viewing'>): void {
    if (conversationId === null) this.presence.leave(`${hub} ${viewer}`)
    else this.presence.view(`${hub} ${viewer}`, { conversationId, memberId, typing })
  }

  /** A hub is gone, and all that looked there with it. */
  hubGone(hub: string): void {
    this.presence.leaveAll((viewer) => typeof viewer === 'string' && viewer.startsWith(`${hub} `))
  }

  /** Tells other hubs again what is true here at the moment. */
  tellHubs(): void {
    for (const connection of this.#connections.values()) {
      connection.tellJoined()
      const viewing = this.presence.of(connection)
      if (viewing) this.#tellView(connection, viewing)
    }
  }

  /** Tells a connection who is where at the moment. */
  tellAllPresence(connection: Connection): void {
    for (const id of this.presence.conversations()) this.#tellPresence(id, [connection])
  }

  close(): void {
    if (this.#waking) clearImmediate(this.#waking)
    this.presence.close()
  }

  /** Without knowing the members nobody can be told anything: every device connects anew. */
  #failed(error: unknown): void {
    this.#heard = this.log.head
    for (const connection of this.#connections.values()) connection.broken(error)
  }

  #tellView(
    connection: Connection,
    view: { conversationId: ConversationId | null; memberId: MemberId; typing: boolean },
  ): void {
    const { conversationId, memberId, typing } = view
    const news = { type: 'viewing', teamId: this.id, viewer: connection.id, memberId, conversationId, typing } as const
    this.#parts.line?.tell(news)
  }

  #tellPresence(id: ConversationId, connections: Iterable<Connection>): void {
    if (this.log.conversation(id)) {
      for (const connection of connections) connection.tellPresence(id)
      return
    }
    this.know(id).then(
      (known) => known && this.#tellPresence(id, connections),
      (error: unknown) => this.#parts.log.warn({ err: error }, 'sync: presence could not be told'),
    )
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
