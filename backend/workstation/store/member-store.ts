/**
 * One member's store on this workstation: confirmed rows, what waits for the hub, drafts and the search index, in one
 * encrypted SQLite file. Everything here is synchronous and durable when it returns (SYN-2).
 */
import type { AttachmentId, ConversationId, MemberId, ReplyId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Member, Time } from '../../domain/rows.ts'
import type { ReplyFile } from '../../domain/replies/files.ts'
import type { Happened } from '../notices/happened.ts'
import type { HubFrame, QueuedCommand, SnapshotLine, Version } from '../../sync/protocol.ts'
import type { z } from 'zod'
import type { Result } from '../service.ts'
import type {
  CommandAnswer,
  CommandRequest,
  ConversationPage,
  ConversationView,
  Counts,
  Departing,
  Draft,
  ListQuery,
  MessagesQuery,
  QueueItem,
  RefusedMessage,
  Reference,
  SavedReplies,
  SearchQuery,
  SearchResult,
  ThreadMessage,
} from '../views.ts'
import type { Message } from '../../domain/rows.ts'
import type { Send } from './departing.ts'

/** What a change made stale; the caller tells the screens. */
export type Stale = {
  reference: boolean
  /** Saved replies and their folders. */
  replies: boolean
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

/** A file of a saved reply. */
export type KeptFile = { id: AttachmentId; name: string; mime: string; size: number; bytes: Uint8Array }
/** A file that a queued command needs and the hub does not have. */
export type Upload = {
  id: AttachmentId
  name: string
  owner: { conversationId: ConversationId } | { replyId: ReplyId }
}
/** What was sent by 發送, with the copies of its files; it leaves at `leavesAt`, by the device's clock (REP-6). */
export type Departure = { id: string; leavesAt: Time; sends: readonly Send[]; files: readonly StoredAttachment[] }

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
  /** Files that queued commands need and the hub does not have yet, oldest first. */
  uploads(): Upload[]
  /** The hub has it; or refuses it: then every queued command that needs it is marked refused when its turn comes. */
  uploaded(id: AttachmentId, outcome: { ok: true } | { ok: false; refusal: Refusal }): void
  /** Sends what was refused again, as new, with other text if given. */
  retry(queueId: number, text: string | undefined, now: Time): Result<CommandAnswer>
  discard(queueId: number): boolean
  /**
   * Keeps what is to leave in a while, with its files, and shows it in the thread; refused at once for what the rules
   * refuse by now, and nothing is kept then.
   */
  depart(departure: Departure, now: Time): Result<Departing>
  /**
   * Queues what is to leave by now, each whole: where the rules refuse one of its messages, all of it is kept as refused
   * (SYN-4). @returns whether there was any
   */
  leave(now: Time): boolean
  /** When the next one leaves; undefined when there is none. */
  nextDeparture(): Time | undefined
  /** Takes back what has not left; false when it has. */
  takeBack(id: string): boolean
  /** Keeps a file for a reply that the member is about to save. */
  addReplyFile(file: KeptFile): void
  replyFile(id: AttachmentId): KeptFile | undefined
  /** A file as a reply of the member's shows it, wherever its bytes are. */
  shownReplyFile(id: AttachmentId): ReplyFile | undefined
  /** Files of replies that should be on the device and are not. */
  missingReplyFiles(): ReplyFile[]
  /** Keeps what the hub gave; false when no reply of the member's shows it any more. */
  keepReplyFile(id: AttachmentId, bytes: Uint8Array): boolean

  // --- what the hub says
  /**
   * Undoes what waits, applies the patch, drops what the hub has taken, runs the rest again: one transaction. Gives back
   * what it changed about who is in which conversation; nothing for a repeat.
   */
  applyPatch(parts: readonly Patch[]): Happened[]
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
  replies(): SavedReplies
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
        departing: Departing[]
        hasOlder: boolean
        hasNewer: boolean
        olderOnHub: boolean
      }
    | undefined
  search(query: z.output<typeof SearchQuery>): SearchResult
  queue(): { waiting: QueueItem[]; refused: QueueItem[] }
  /** Why the hub refused a command lately, also where its item had to go; null for one that it did not. */
  refusalOf(queueId: number): Refusal | null

  /** Called after each transaction that changed something. */
  onStale(listener: (stale: Stale) => void): () => void
  close(): void
}
