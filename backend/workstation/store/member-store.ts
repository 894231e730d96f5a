/**
 * One member's store on this workstation: confirmed rows, what waits for the hub, drafts and the search index, in one
 * encrypted SQLite file. Everything here is synchronous and durable when it returns (SYN-2).
 */
import type { AttachmentId, ConversationId, MemberId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Member, Time } from '../../domain/rows.ts'
import type { HubFrame, QueuedCommand, SnapshotLine, Version } from '../../sync/protocol.ts'
import type { z } from 'zod'
import type { Result } from '../service.ts'
import type {
  CommandAnswer,
  CommandRequest,
  ConversationPage,
  ConversationView,
  Counts,
  Draft,
  ListQuery,
  MessagesQuery,
  QueueItem,
  RefusedMessage,
  Reference,
  SearchQuery,
  SearchResult,
  ThreadMessage,
} from '../views.ts'
import type { Message } from '../../domain/rows.ts'

/** What a change made stale; the caller tells the screens. */
export type Stale = {
  reference: boolean
  lists: boolean
  queue: boolean
  conversations: ReadonlySet<ConversationId>
  /** Left the member's sight or the device. */
  gone: ReadonlySet<ConversationId>
}

/** Where the device stands in the team's history. `snapshot` is set while a first or renewed snapshot is under way. */
export type Position = {
  clientId: string
  memberId: MemberId
  version: Version | null
  /** Of `version`, in the hub's words; empty without one. */
  epoch: string
  /** The last command of ours that the hub has taken. */
  lastClientSeq: number
  /** The last seq whose outcome is known (for `hello.resultsAfter`). */
  resultsKnown: number
  snapshot: { version: Version; epoch: string; after: ConversationId | null; done: number; total: number } | null
}

export type Patch = Extract<HubFrame, { type: 'patch' }>
export type StoredAttachment = {
  id: AttachmentId
  conversationId: ConversationId
  name: string
  mime: string
  size: number
  width: number | null
  height: number | null
  bytes: Uint8Array
}

export interface MemberStore {
  position(): Position
  /** The member this store belongs to, as last synced; undefined before the first snapshot. */
  me(): Member | undefined

  /** Whether the hub is in reach: commands that need it at once are refused while it is not (the default). */
  setOnline(online: boolean): void

  // --- what the member does
  /** Runs the command by the same rules the hub runs and queues it, in one transaction; or refuses it and keeps nothing. */
  command(request: CommandRequest, now: Time): CommandAnswer
  /** The commands after `seq`, oldest first, at most `limit`, whose attachments the hub has. Stops at one that waits for an upload. */
  outbox(afterSeq: number, limit: number): QueuedCommand[]
  saveDraft(id: ConversationId, draft: Draft): void
  addAttachment(attachment: StoredAttachment): void
  attachment(id: AttachmentId): StoredAttachment | undefined
  /** Attachments that queued commands need and the hub does not have yet, oldest first. */
  uploads(): Omit<StoredAttachment, 'bytes'>[]
  /** The hub has it; or refuses it: then every queued command that needs it is marked refused when its turn comes. */
  uploaded(id: AttachmentId, outcome: { ok: true } | { ok: false; refusal: Refusal }): void
  /** Sends what was refused again, as new, with other text if given. */
  retry(queueId: number, text: string | undefined, now: Time): Result<CommandAnswer>
  discard(queueId: number): boolean

  // --- what the hub says
  /** Undoes what waits, applies the patch, drops what the hub has taken, runs the rest again: one transaction. */
  applyPatch(parts: readonly Patch[]): void
  /**
   * Removes closed conversations from before the horizon. When the hub has forgotten commands of ours, what waits is
   * numbered anew and the device has no version any more: it needs a snapshot.
   */
  applyWelcome(welcome: Extract<HubFrame, { type: 'welcome' }>): void
  /** One line, one transaction (bulk lines without search index churn); repeating a line changes nothing. */
  applySnapshotLine(line: SnapshotLine): void
  /** Older messages than the device holds, kept in a cache that goes with the conversation. */
  cacheOlder(id: ConversationId, messages: readonly Message[], reachedStart: boolean): void

  // --- what screens show
  reference(): Reference | undefined
  counts(): Counts
  conversations(query: z.output<typeof ListQuery>): ConversationPage
  conversation(id: ConversationId): Omit<ConversationView, 'viewers' | 'customerTyping'> | undefined
  messages(
    id: ConversationId,
    query: z.output<typeof MessagesQuery>,
  ):
    | {
        messages: ThreadMessage[]
        refused: RefusedMessage[]
        hasOlder: boolean
        hasNewer: boolean
        olderOnHub: boolean
      }
    | undefined
  search(query: z.output<typeof SearchQuery>): SearchResult
  queue(): { waiting: QueueItem[]; refused: QueueItem[] }

  /** Called after each transaction that changed something. */
  onStale(listener: (stale: Stale) => void): () => void
  close(): void
}
