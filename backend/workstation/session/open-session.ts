/** One member at the workstation: their open store, and its connection to the hub, from sign-in to sign-out. */
import { join } from 'node:path'
import type { z } from 'zod'
import type { Logger } from 'pino'
import type { AttachmentId, ConversationId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Member } from '../../domain/rows.ts'
import type { Session } from '../../sync/protocol.ts'
import { RecentFiles } from '../attachments/recent.ts'
import type { Downloaded, HubRequest, HubClient } from '../hub/client.ts'
import { fetchReplyFile } from '../hub/reply-files.ts'
import { Sync } from '../hub/sync.ts'
import type { SyncTiming } from '../hub/timing.ts'
import { Departures } from '../replies/departures.ts'
import { ReplyDesk } from '../replies/desk.ts'
import { NoticeDesk } from '../notices/notice-desk.ts'
import type { Result } from '../service.ts'
import type { KeptFile, MemberStore, Stale } from '../store/member-store.ts'
import type { OwnedStore } from '../store/open.ts'
import type { AppState, Connection, LiveEvent, MessagePage, MessagesQuery } from '../views.ts'
import { readIfThere, writeAtomically } from './atomic-file.ts'
import { Tokens } from './tokens.ts'
import type { Vault } from './vault.ts'

/**
 * Opens (or makes) the store of a vault's member; one that cannot be read is set aside, and `notice` says so.
 * `session` is what the hub just said; null without the hub.
 */
export type OpenStore = (
  vault: Vault,
  session: Session | null,
  log: Logger,
  /** Called when the store's file was found to be damaged while it was open, and a new one is in its place. */
  onMended: (notice: StoreNotice) => void,
) => OpenedStore
export type OpenedStore = { store: OwnedStore; notice: StoreNotice }
type StoreNotice = AppState['storeNotice']

export type SessionParts = {
  hub: HubClient
  openStore: OpenStore
  now: () => number
  random: () => number
  log: Logger
  timing?: SyncTiming
  /** Something on a screen went stale. */
  tell: (event: Exclude<LiveEvent, { type: 'state' }>) => void
  /** The state, as {@link AppState} shows it, is another. */
  onState: () => void
}

type Presence = { viewers: { memberId: Member['id']; typing: boolean }[]; customerTyping: boolean }
const NOBODY: Presence = { viewers: [], customerTyping: false }
const RECENT_FILES_MAX = 64 * 1024 * 1024
/** How many older messages are asked of the hub at once. */
const OLDER = 200
const SAVE_SYNC_EVERY = 30_000
const SETTLE = 2_000
const EVERYTHING: Stale = {
  reference: true,
  replies: true,
  lists: true,
  queue: true,
  conversations: new Set(),
  gone: new Set(),
}

export class OpenSession {
  readonly vault: Vault
  readonly store: OwnedStore
  readonly #parts: SessionParts
  readonly #tokens: Tokens
  readonly #sync: Sync
  readonly #presence = new Map<ConversationId, Presence>()
  readonly #files = new RecentFiles(RECENT_FILES_MAX)
  readonly #notices: NoticeDesk
  /** Grows with what leaves the device. */
  #left = 0
  /** The saved replies, and what was sent by them and has not left. */
  readonly replies: ReplyDesk
  readonly #departures: Departures
  #isOpen = true
  readonly #unsubscribe: () => void
  readonly #saveTimer: NodeJS.Timeout
  #notice: StoreNotice
  #savedSyncAt: number | null

  private constructor(
    parts: SessionParts,
    vault: Vault,
    opened: OpenedStore,
    session: Session | null,
    lastSyncAt: number | null,
  ) {
    this.#parts = parts
    this.vault = vault
    this.store = opened.store
    this.#notice = opened.notice
    this.#savedSyncAt = lastSyncAt
    this.#tokens = new Tokens(parts.hub, vault, parts.now, parts.log)
    if (session) this.#tokens.use(session)
    this.#unsubscribe = this.store.onStale((stale) => this.#stale(stale))
    this.#notices = new NoticeDesk({
      me: () => this.member,
      moment: () => {
        const reference = this.store.reference()
        return reference ? { team: reference.team, now: parts.now() + reference.clockAhead } : null
      },
      tell: (notice) => parts.tell({ type: 'notice', notice }),
    })
    this.#sync = new Sync({
      ...parts,
      store: this.store,
      tokens: this.#tokens,
      lastSyncAt,
      onConnection: (connection) => this.#connectionChanged(connection),
      onPresence: ({ conversationId, viewers, customerTyping }) => {
        this.#showPresence(conversationId, { viewers, customerTyping })
      },
      onHappened: (happened) => this.#notices.take(happened),
    })
    this.#departures = new Departures({
      store: this.store,
      now: parts.now,
      log: parts.log,
      onLeft: () => this.acted(),
    })
    this.replies = new ReplyDesk({
      store: this.store,
      file: (id) => this.#replyFile(id),
      now: parts.now,
      onDeparting: () => this.#departures.look(),
      isOpen: () => this.#isOpen,
    })
    this.#saveTimer = setInterval(() => void this.#saveSyncTime(), SAVE_SYNC_EVERY)
    this.#saveTimer.unref()
  }

  /** Opens the vault's store and begins to keep it in step. `session` is null when the hub did not answer. */
  static async open(parts: SessionParts, vault: Vault, session: Session | null): Promise<OpenSession> {
    const mended: StoreNotice[] = []
    let open: OpenSession | null = null
    const opened = parts.openStore(vault, session, parts.log, (notice) => {
      if (open) open.#mended(notice)
      else mended.push(notice)
    })
    const lastSyncAt = opened.notice ? null : await readSyncTime(vault.folder)
    open = new OpenSession(parts, vault, opened, session, lastSyncAt)
    for (const notice of mended) open.#mended(notice)
    open.#sync.start()
    open.#departures.look()
    return open
  }

  get member(): Member {
    return this.store.me() ?? this.vault.kept.member
  }
  /** What became of a store that could not be read. */
  get notice(): StoreNotice {
    return this.#notice
  }
  get connection(): Connection {
    return this.#sync.connection
  }
  /** Whether the hub will not talk to this session any more. */
  get hasEnded(): boolean {
    return this.#tokens.ended !== null
  }

  /** Goes on with a new session of the same member with the hub; the vault has it already. */
  renew(session: Session): void {
    this.#tokens.use(session)
    this.#sync.wake()
  }

  wake(): void {
    this.#sync.wake()
  }

  /** The member did something that waits for the hub. */
  acted(): void {
    this.#sync.acted()
  }

  presenceOf(id: ConversationId): Presence {
    return this.#presence.get(id) ?? NOBODY
  }

  showOwnPresence(update: { conversationId: ConversationId | null; typing: boolean }): void {
    this.#sync.presence(update)
  }

  /** A page of a thread; what the device does not hold is asked of the hub when it can be. */
  async messages(id: ConversationId, query: z.output<typeof MessagesQuery>): Promise<Result<MessagePage>> {
    let page = this.store.messages(id, query)
    let reached = true
    if (page && this.#needsOlder(page, query)) {
      reached = await this.#fetchOlder(id, page.messages[0]?.ordinal ?? query.before)
      if (reached) page = this.store.messages(id, query)
    }
    if (!page) return { ok: false, refusal: refuse('conversation.notVisible', {}) }
    const { messages, refused, departing, hasOlder, hasNewer, olderOnHub } = page
    const olderNeedsHub = olderOnHub && (!reached || !this.#sync.isReachable)
    const value = { messages, refused, departing, hasOlder: hasOlder || olderOnHub, hasNewer, olderNeedsHub }
    return { ok: true, value }
  }

  /** A file: from the device, or from the hub when somebody else sent it. */
  async attachment(id: AttachmentId): Promise<Result<Downloaded>> {
    const own = this.store.attachment(id) ?? this.#files.get(id)
    const left = this.#left
    if (own) return { ok: true, value: { bytes: own.bytes, mime: own.mime, name: own.name } }
    const result = this.#sync.isReachable
      ? await this.#tokens.authorised((token) => this.#parts.hub.download(token, id))
      : { ok: false as const, refusal: refuse('request.offline', {}) }
    if (result.ok) {
      // What left the member's sight while it was on its way is shown once, as it was asked for, and not kept.
      if (left === this.#left) this.#files.keep(id, result.value)
      return result
    }
    const { code } = result.refusal
    const isOut = code === 'request.offline' || code === 'hub.unreachable'
    return {
      ok: false,
      refusal: isOut ? refuse('attachment.missing', { name: '' }, { instead: 'go-online' }) : result.refusal,
    }
  }

  /** A file of a saved reply: from the device, or from the hub, whose answer is kept. */
  async #replyFile(id: AttachmentId): Promise<Result<KeptFile>> {
    const kept = this.store.replyFile(id)
    if (kept) return { ok: true, value: kept }
    const shown = this.store.shownReplyFile(id)
    if (!shown) return { ok: false, refusal: refuse('attachment.missing', { name: '' }) }
    if (!this.#sync.isReachable) {
      return { ok: false, refusal: refuse('attachment.missing', { name: shown.name }, { instead: 'go-online' }) }
    }
    const { hub, log } = this.#parts
    return fetchReplyFile({ hub, tokens: this.#tokens, store: this.store, log }, shown, () => !this.#isOpen)
  }

  /** Asks the hub for what the device does not hold, as long as it can be reached. */
  async ask<T>(schema: z.ZodType<T>, request: HubRequest): Promise<Result<T>> {
    if (!this.#sync.isReachable) return { ok: false, refusal: refuse('request.offline', {}, { instead: 'go-online' }) }
    return this.#tokens.authorised((token) => this.#parts.hub.ask(token, schema, request))
  }

  /** Ends the connection and closes the store; the member's data stays encrypted on the disk. */
  async close(): Promise<void> {
    this.#isOpen = false
    clearInterval(this.#saveTimer)
    this.#departures.stop()
    await this.#sync.stop()
    this.#notices.close()
    this.#unsubscribe()
    await this.#saveSyncTime()
    this.store.close()
    this.#files.clear()
    // A refresh token that is just being changed for another should find its way to the disk.
    await this.#tokens.settled(SETTLE)
    await this.vault.retire()
  }

  #needsOlder(page: NonNullable<ReturnType<MemberStore['messages']>>, query: z.output<typeof MessagesQuery>): boolean {
    return page.olderOnHub && query.after === undefined && page.messages.length < query.limit && this.#sync.isReachable
  }

  async #fetchOlder(id: ConversationId, before: number | undefined): Promise<boolean> {
    const result = await this.#tokens.authorised((token) => this.#parts.hub.olderMessages(token, id, before, OLDER))
    if (!result.ok) {
      this.#parts.log.info({ code: result.refusal.code }, 'older messages could not be had')
      return false
    }
    const messages = result.value
    // Another conversation's messages have no business here, whatever the hub thinks.
    if (messages.some(({ conversationId }) => conversationId !== id)) return false
    this.store.cacheOlder(id, messages, messages.length < OLDER || messages[0]?.ordinal === 1)
    return true
  }

  #stale({ reference, replies, lists, queue, conversations, gone }: Stale): void {
    const { tell } = this.#parts
    if (reference) {
      tell({ type: 'reference' })
      this.#parts.onState()
    }
    if (replies) tell({ type: 'replies' })
    if (lists) tell({ type: 'lists' })
    if (queue) tell({ type: 'queue' })
    for (const conversationId of conversations)
      if (!gone.has(conversationId)) tell({ type: 'conversation', conversationId })
    for (const conversationId of gone) {
      this.#presence.delete(conversationId)
      tell({ type: 'gone', conversationId })
    }
    // Which of the files belonged to it is not known here; they can all be had again.
    if (gone.size > 0) {
      this.#files.clear()
      this.#left += 1
    }
  }

  /** A new store is in the place of a damaged one: everything on the screens is stale, and has to come from the hub. */
  #mended(notice: StoreNotice): void {
    this.#notice = notice
    this.#sync.restart()
    this.#departures.look()
    this.#stale(EVERYTHING)
  }

  #connectionChanged(connection: Connection): void {
    this.store.setOnline(connection.state === 'online')
    if (connection.state === 'offline') for (const id of [...this.#presence.keys()]) this.#showPresence(id, NOBODY)
    this.#parts.onState()
    this.#parts.tell({ type: 'queue' })
    void this.#saveSyncTime()
  }

  #showPresence(conversationId: ConversationId, presence: Presence): void {
    if (presence.viewers.length === 0 && !presence.customerTyping) this.#presence.delete(conversationId)
    else this.#presence.set(conversationId, presence)
    this.#parts.tell({ type: 'presence', conversationId, ...presence })
  }

  async #saveSyncTime(): Promise<void> {
    const at = this.#sync.lastSyncAt
    if (at === null || at === this.#savedSyncAt) return
    this.#savedSyncAt = at
    try {
      await writeAtomically(join(this.vault.folder, 'last-sync.json'), JSON.stringify({ at }))
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the time of the last sync could not be kept')
    }
  }
}

async function readSyncTime(folder: string): Promise<number | null> {
  const text = await readIfThere(join(folder, 'last-sync.json'))
  const at = /^\{"at":(\d{1,16})\}$/.exec(text ?? '')?.[1]
  return at === undefined ? null : Number(at)
}
