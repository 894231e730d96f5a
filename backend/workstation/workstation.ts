/**
 * The workstation of this computer: who is at it, which windows they have open, and their store. It is what the local
 * API asks; the work is done in `session/`, `store/` and `hub/`.
 */
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Logger } from 'pino'
import { acceptAttachment } from './attachments/accept.ts'
import { batchItems, runBatch } from './batches/batch.ts'
import type { BatchRequest } from './batches/batch.ts'
import type { AttachmentId, ConversationId } from '../domain/ids.ts'
import { refuse } from '../domain/refusal.ts'
import { newTeam } from '../domain/team/team.ts'
import type { Refusal } from '../domain/refusal.ts'
import { blacklistDesk } from './hub/blacklist.ts'
import { channelSettings } from './hub/channel-settings.ts'
import { HubClient } from './hub/client.ts'
import { notificationDesk } from './hub/notifications.ts'
import type { SyncTiming } from './hub/timing.ts'
import type { Result, Workstation } from './service.ts'
import { Home } from './session/home.ts'
import { OpenSession } from './session/open-session.ts'
import type { OpenStore, SessionParts } from './session/open-session.ts'
import { SignInDesk } from './session/sign-in.ts'
import type { Keychain } from './session/vault.ts'
import type {
  AppState,
  CommandAnswer,
  CommandRequest,
  Draft,
  ListQuery,
  LiveEvent,
  MessagePage,
  MessagesQuery,
  PresenceUpdate,
  QueueView,
  Reference,
  SearchQuery,
} from './views.ts'

export type WorkstationParts = {
  /** The hub's address; how it is written (slash at the end, capitals) does not matter. */
  hub: string
  /** Where everything is kept. */
  home: string
  openStore: OpenStore
  keychain: Keychain | null
  log: Logger
  now?: () => number
  random?: () => number
  timing?: SyncTiming
}

type Listener = { window: string; tell: (event: LiveEvent) => void }
const NOT_CONNECTED = { state: 'offline', since: null, lastSyncAt: null, reason: null } as const

export class LocalWorkstation implements Workstation {
  readonly channels = channelSettings((schema, request) => this.#here().ask(schema, request))
  readonly notifications = notificationDesk((schema, request) => this.#here().ask(schema, request))
  readonly blacklist = blacklistDesk((schema, request) => this.#here().ask(schema, request))
  readonly #hub: string
  readonly #desk: SignInDesk
  readonly #session: SessionParts
  readonly #now: () => number
  readonly #log: Logger
  readonly #listeners = new Set<Listener>()
  /** The windows whose session is open: all of one member. */
  readonly #windows = new Set<string>()
  #open: OpenSession | null = null
  #known: AppState['knownMembers']
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(parts: WorkstationParts, desk: SignInDesk, hub: HubClient, known: AppState['knownMembers']) {
    this.#hub = hub.base
    this.#desk = desk
    this.#known = known
    this.#now = parts.now ?? Date.now
    this.#log = parts.log
    this.#session = {
      hub,
      openStore: parts.openStore,
      now: this.#now,
      random: parts.random ?? Math.random,
      log: parts.log,
      ...(parts.timing ? { timing: parts.timing } : {}),
      tell: (event) => this.#tell(event),
      onState: () => this.#tellState(),
    }
  }

  /** @throws when the home folder cannot be used */
  static async open(parts: WorkstationParts): Promise<LocalWorkstation> {
    const home = await Home.open(parts.home, parts.log)
    const hub = new HubClient(new URL(parts.hub).href.replace(/\/+$/, ''), parts.log)
    const desk = new SignInDesk(home, hub, parts.keychain, parts.now ?? Date.now, parts.log)
    return new LocalWorkstation(parts, desk, hub, await desk.known())
  }

  state(window: string): AppState {
    const open = this.#open
    return {
      hub: this.#hub,
      session: this.#sessionFor(window),
      connection: open?.connection ?? NOT_CONNECTED,
      knownMembers: this.#known,
      storeNotice: open?.notice ?? null,
    }
  }

  isOpenFor(window: string): boolean {
    return this.#open !== null && this.#windows.has(window)
  }

  signIn(window: string, email: string, password: string): Promise<Result<AppState>> {
    return this.#inTurn(async () => {
      const answer = await this.#desk.signIn(email, password, this.#open?.vault)
      if (!answer.ok) return answer
      const { vault, session } = answer.value
      if (this.#open?.vault.file.memberId === vault.file.memberId) {
        if (session) this.#open.renew(session)
      } else {
        await this.#leave()
        this.#open = await OpenSession.open(this.#session, vault, session)
      }
      this.#known = await this.#desk.known()
      return this.#enter(window)
    })
  }

  unlock(window: string, password: string): Promise<Result<AppState>> {
    return this.#inTurn(async () => {
      const open = this.#open
      if (!open) return no(refuse('request.unauthorised', {}, { instead: 'sign-in' }))
      const verified = await this.#desk.verify(open.vault, password)
      if (verified.ok) {
        if (open.hasEnded) this.#inBackground(this.#renew(open, password))
        return this.#enter(window)
      }
      // It may have been changed elsewhere: then the hub knows it and this device does not yet.
      const mayBeNew = verified.refusal.code !== 'signIn.slowed'
      return mayBeNew && (await this.#renew(open, password)) ? this.#enter(window) : verified
    })
  }

  async lock(): Promise<AppState> {
    this.#windows.clear()
    this.#open?.showOwnPresence({ conversationId: null, typing: false })
    this.#tellState()
    return this.state('')
  }

  /**
   * The session with the hub is not ended by it, on purpose. Its refresh token stays in the vault alone, encrypted under
   * a key that only the member's password (or the hub, to who knows it) opens; an access token is good for minutes and
   * was never written. So whoever signs in without the hub is connected again when it comes back, and what was left
   * unsent can leave. An admin who removes the workstation or deactivates the member ends it at the hub.
   */
  signOut(): Promise<AppState> {
    return this.#inTurn(async () => {
      await this.#leave()
      this.#tellState()
      return this.state('')
    })
  }

  reference(): Reference {
    const { store, vault, member } = this.#here()
    return (
      store.reference() ?? {
        team: newTeam({ id: vault.kept.teamId, name: '' }),
        stores: [],
        members: [member],
        channels: [],
        tags: [],
        templates: [],
        clockAhead: 0,
      }
    )
  }

  get replies() {
    return this.#here().replies
  }

  counts() {
    return this.#here().store.counts()
  }

  conversations(query: z.output<typeof ListQuery>) {
    return this.#here().store.conversations(query)
  }

  conversation(id: ConversationId) {
    const open = this.#here()
    const view = open.store.conversation(id)
    if (!view) return no(refuse('conversation.notVisible', {}))
    return { ok: true as const, value: { ...view, ...open.presenceOf(id) } }
  }

  messages(id: ConversationId, query: z.output<typeof MessagesQuery>): Promise<Result<MessagePage>> {
    return this.#here().messages(id, query)
  }

  search(query: z.output<typeof SearchQuery>) {
    return this.#here().store.search(query)
  }

  command(request: CommandRequest): CommandAnswer {
    const open = this.#here()
    const answer = open.store.command(request, this.#now())
    if (answer.ok) open.acted()
    return answer
  }

  batch(request: BatchRequest) {
    const open = this.#here()
    const answer = runBatch(request, (command) => open.store.command(command, this.#now()), randomUUID)
    open.acted()
    return answer
  }

  batchItems(queueIds: readonly number[]) {
    const { store } = this.#here()
    return batchItems(queueIds, store.queue().waiting, (queueId) => store.refusalOf(queueId))
  }

  saveDraft(id: ConversationId, draft: Draft): Result<Record<string, never>> {
    const { store } = this.#here()
    if (!store.conversation(id)) return no(refuse('conversation.notVisible', {}))
    store.saveDraft(id, draft)
    return { ok: true, value: {} }
  }

  queue(): QueueView {
    const { store, connection } = this.#here()
    return { connection, ...store.queue() }
  }

  retry(queueId: number, text: string | undefined): Result<CommandAnswer> {
    const open = this.#here()
    const answer = open.store.retry(queueId, text, this.#now())
    if (answer.ok && answer.value.ok) open.acted()
    return answer
  }

  discard(queueId: number): Result<QueueView> {
    return this.#here().store.discard(queueId) ? { ok: true, value: this.queue() } : no(refuse('request.notFound', {}))
  }

  async addAttachment(conversationId: ConversationId, name: string, mime: string, bytes: Uint8Array) {
    const open = this.#here()
    if (!open.store.conversation(conversationId)) return no(refuse('conversation.notVisible', {}))
    const accepted = await acceptAttachment(conversationId, name, mime, bytes)
    if (!accepted.ok) return accepted
    // Looking at the bytes took a while: the member may have left meanwhile, and their store with them.
    if (this.#open !== open) return no(refuse('request.unauthorised', {}, { instead: 'sign-in' }))
    open.store.addAttachment(accepted.value)
    const { id, size, width, height } = accepted.value
    return {
      ok: true as const,
      value: { attachmentId: id, name: accepted.value.name, mime: accepted.value.mime, size, width, height },
    }
  }

  attachment(id: AttachmentId) {
    return this.#here().attachment(id)
  }

  presence(update: z.output<typeof PresenceUpdate>): void {
    this.#here().showOwnPresence(update)
  }

  onLive(window: string, tell: (event: LiveEvent) => void): () => void {
    const listener = { window, tell }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The computer woke up, the network came back, or the member does not want to wait. */
  wake(): void {
    this.#open?.wake()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#inTurn(() => this.#leave())
  }

  #sessionFor(window: string): AppState['session'] {
    const open = this.#open
    if (!open) return { state: 'signed-out' }
    const { member } = open
    if (this.#windows.has(window)) return { state: 'open', member, clientId: open.store.position().clientId }
    return { state: 'locked', member: { id: member.id, name: member.name, email: member.email } }
  }

  /** Opens the session for a window. */
  #enter(window: string): Result<AppState> {
    if (this.#closed) return no(refuse('request.unauthorised', {}))
    this.#windows.add(window)
    this.#tellState()
    return { ok: true, value: this.state(window) }
  }

  /** Closes the member's session, if there is one: no window sees anything of it afterwards. */
  async #leave(): Promise<void> {
    const open = this.#open
    this.#windows.clear()
    this.#open = null
    await open?.close()
  }

  /** A new session with the hub for the member who is here. False when the hub does not give one. */
  async #renew(open: OpenSession, password: string): Promise<boolean> {
    const answer = await this.#desk.withHub(open.vault.file.email, password, open.vault)
    if (!answer.ok || answer.value.vault !== open.vault || this.#open !== open) return false
    open.renew(answer.value.session)
    return true
  }

  #here(): OpenSession {
    if (!this.#open) throw new Error('nobody is at the workstation')
    return this.#open
  }

  #tell(event: LiveEvent): void {
    for (const { window, tell } of this.#listeners) if (this.#windows.has(window)) tell(event)
  }

  #tellState(): void {
    for (const { window, tell } of this.#listeners) tell({ type: 'state', state: this.state(window) })
  }

  /** Signing in, unlocking and leaving happen one after the other, so that guesses cannot be made side by side. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step, step)
    this.#turn = turn
    return turn
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#log.error({ err: error }, 'the session could not be renewed'))
  }
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
