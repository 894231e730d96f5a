/**
 * What the local API asks of the workstation: one object, so that routes stay thin and tests can drive the same thing
 * without HTTP. Functions that can be refused answer a {@link Result}; they throw only for bugs.
 */
import type { AttachmentId, ConversationId } from '../domain/ids.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { z } from 'zod'
import type { BatchAnswer, BatchItems, BatchRequest } from './batches/batch.ts'
import type { BlacklistDesk } from './hub/blacklist.ts'
import type { ChannelSettings } from './hub/channel-settings.ts'
import type { NotificationDesk } from './hub/notifications.ts'
import type { ReplyDesk } from './replies/desk.ts'
import type {
  AppState,
  CommandAnswer,
  CommandRequest,
  ConversationPage,
  ConversationView,
  Counts,
  Draft,
  ListQuery,
  LiveEvent,
  MessagePage,
  MessagesQuery,
  PresenceUpdate,
  QueueView,
  Reference,
  SearchQuery,
  SearchResult,
  UploadedAttachment,
} from './views.ts'

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

/**
 * The workstation of this computer, with at most one member at it.
 *
 * `window` is the random value of the cookie by which the backend tells the shell's window (or a browser) from any
 * other program on the computer. Signing in or unlocking opens the session for that window; every other function is
 * called only for a window whose session is open (`app.ts` checks).
 */
export interface Workstation {
  state(window: string): AppState
  isOpenFor(window: string): boolean
  signIn(window: string, email: string, password: string): Promise<Result<AppState>>
  unlock(window: string, password: string): Promise<Result<AppState>>
  lock(): Promise<AppState>
  signOut(): Promise<AppState>

  reference(): Reference
  counts(): Counts
  conversations(query: z.output<typeof ListQuery>): ConversationPage
  conversation(id: ConversationId): Result<ConversationView>
  /** Asks the hub for messages older than the device holds; when it cannot, says so in the page. */
  messages(id: ConversationId, query: z.output<typeof MessagesQuery>): Promise<Result<MessagePage>>
  search(query: z.output<typeof SearchQuery>): SearchResult
  command(request: CommandRequest): CommandAnswer
  /** Does something with several conversations, each by a command of its own. */
  batch(request: BatchRequest): BatchAnswer
  batchItems(queueIds: readonly number[]): BatchItems
  saveDraft(id: ConversationId, draft: Draft): Result<Record<string, never>>
  queue(): QueueView
  retry(queueId: number, text: string | undefined): Result<CommandAnswer>
  discard(queueId: number): Result<QueueView>
  /** Checks size and type, keeps the bytes on the device and uploads them when it can. */
  addAttachment(
    conversationId: ConversationId,
    name: string,
    mime: string,
    bytes: Uint8Array,
  ): Promise<Result<UploadedAttachment>>
  attachment(id: AttachmentId): Promise<Result<{ bytes: Uint8Array; mime: string; name: string }>>
  /** Asked of the hub each time: nothing of it is kept on the device. */
  readonly channels: ChannelSettings
  /** Notification messages, asked of the hub each time. */
  readonly notifications: NotificationDesk
  /** The saved replies of the member who is here. */
  readonly replies: ReplyDesk
  /** The blacklist, and what is still being erased: asked of the hub each time. */
  readonly blacklist: BlacklistDesk
  presence(update: PresenceUpdateOutput): void
  /** Tries to reach the hub now instead of at the end of the usual wait. */
  wake(): void

  /** Calls `listener` for every change from now on; returns the function that stops it. */
  onLive(window: string, listener: (event: LiveEvent) => void): () => void
  /** Closes the database after what is under way; the process may exit then. */
  close(): Promise<void>
}

type PresenceUpdateOutput = z.output<typeof PresenceUpdate>
