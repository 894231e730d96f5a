/**
 * What the local API gives to screens and takes from them. Types and the schemas of what comes in, no behaviour.
 *
 * | route | takes | gives |
 * |---|---|---|
 * | `GET /api/state` | – | {@link AppState} |
 * | `POST /api/sign-in` | {@link SignIn} | {@link AppState} |
 * | `POST /api/unlock` | {@link Unlock} | {@link AppState} |
 * | `POST /api/lock`, `POST /api/sign-out` | – | {@link AppState} |
 * | `GET /api/reference` | – | {@link Reference} |
 * | `GET /api/counts` | – | {@link Counts} |
 * | `GET /api/conversations` | {@link ListQuery} as query | {@link ConversationPage} |
 * | `GET /api/conversations/:id` | – | {@link ConversationView} |
 * | `GET /api/conversations/:id/messages` | {@link MessagesQuery} as query | {@link MessagePage} |
 * | `GET /api/search` | {@link SearchQuery} as query | {@link SearchResult} |
 * | `POST /api/commands` | {@link CommandRequest} | {@link CommandAnswer} |
 * | `PUT /api/drafts/:conversationId` | {@link Draft} | `{}` |
 * | `POST /api/attachments?conversationId&name` | the bytes, `content-type` | {@link UploadedAttachment} |
 * | `GET /api/attachments/:id` | – | the bytes |
 * | `GET /api/channels` | – | {@link ChannelView}s |
 * | `POST /api/channels` | {@link ChannelAdd} | {@link ChannelView} |
 * | `PATCH /api/channels/:id` | {@link ChannelChange} | {@link ChannelView} |
 * | `PUT /api/channels/:id/account` | {@link AccountFields} | {@link ChannelView} |
 * | `DELETE /api/channels/:id/account` | – | {@link ChannelView} |
 * | `POST /api/channels/:id/check` | – | {@link ChannelCheck} |
 * | `POST /api/channels/:id/templates` | – | {@link TemplateRefresh} |
 * | `GET /api/replies` | – | {@link SavedReplies} |
 * | `POST /api/replies/files?name` | the bytes, `content-type` | {@link UploadedAttachment} |
 * | `GET /api/replies/files/:id` | – | the bytes |
 * | `POST /api/replies/:id/use` | {@link ReplyUse} | {@link ReplyUsed} |
 * | `DELETE /api/departing/:id` | – | `{}` |
 * | `POST /api/batches` | {@link BatchRequest} | {@link BatchAnswer} |
 * | `GET /api/batches/items?ids=1,2,3` | – | {@link BatchItems} |
 * | `GET /api/blacklist` | {@link BlacklistQuery} as query | {@link BlacklistPage} |
 * | `POST /api/blacklist/:contactId/lift` | – | `{}` |
 * | `GET /api/erasures` | – | {@link Erasures} |
 * | `GET /api/queue` | – | {@link QueueView} |
 * | `POST /api/queue/:id/retry` | {@link Retry} | {@link CommandAnswer} |
 * | `POST /api/queue/:id/discard` | – | {@link QueueView} |
 * | `POST /api/presence` | {@link PresenceUpdate} | `{}` |
 * | `POST /api/wake` | – | `{}`; tries to reach the hub now |
 * | `GET /api/live` | a WebSocket | {@link LiveEvent} as JSON text frames |
 *
 * Every failure is `{ error: Refusal }` with a 4xx or 5xx status; the renderer words it by its code.
 */
import { z } from 'zod'
import { AttachmentId, ConversationId, ChannelId, StoreId, TagId } from '../domain/ids.ts'
import type { MemberId, MessageId } from '../domain/ids.ts'
import { LIST_NAMES } from '../domain/lists.ts'
import type { ListName } from '../domain/lists.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Variable } from '../domain/replies/variables.ts'
import type {
  Body,
  Channel,
  Contact,
  Conversation,
  Event,
  Mark,
  Member,
  Message,
  Reply,
  ReplyFolder,
  Store,
  Tag,
  Team,
  Template,
} from '../domain/rows.ts'

export type {
  AccountFields,
  ChannelAdd,
  ChannelChange,
  ChannelCheck,
  ChannelView,
  CheckStep,
  TemplateRefresh,
} from '../sync/channel-settings.ts'

export type { BatchAnswer, BatchItems, BatchRequest } from './batches/batch.ts'
export type { BlacklistEntry, BlacklistPage, BlacklistQuery } from '../sync/blacklist.ts'
export type { Erasures } from './hub/blacklist.ts'

/** Whether somebody is at the workstation, and how it stands with the hub. */
export type AppState = {
  hub: string
  /** Who is here. `locked` keeps the member's name so that they can unlock; nothing else can be read. */
  session:
    | { state: 'signed-out' }
    | { state: 'locked'; member: { id: MemberId; name: string; email: string } }
    | { state: 'open'; member: Member; clientId: string }
  connection: Connection
  /** The members who have a store on this workstation, for the sign-in page. */
  knownMembers: { name: string; email: string }[]
  /** Set when a store could not be read and was set aside; cleared by the next sign-in. */
  storeNotice: { code: 'store.rebuilt' | 'store.queueLost'; kept: number } | null
}

export type Connection =
  | { state: 'offline'; since: number | null; lastSyncAt: number | null; reason: Refusal | null }
  | { state: 'connecting'; lastSyncAt: number | null }
  /** First sync or a long catch-up: `done` of `total` conversations are in. */
  | { state: 'syncing'; done: number; total: number; lastSyncAt: number | null }
  | { state: 'online'; lastSyncAt: number }

export const SignIn = z.strictObject({
  email: z.string().trim().min(3).max(254),
  password: z.string().min(1).max(1024),
})
export const Unlock = z.strictObject({ password: z.string().min(1).max(1024) })

/** The team's small tables, whole. */
export type Reference = {
  team: Team
  stores: Store[]
  members: Member[]
  channels: Channel[]
  tags: Tag[]
  templates: Template[]
  /** By how much the hub's clock is ahead of this device's, in ms. */
  clockAhead: number
}

/** The saved replies that the member has, with their folders in order. */
export type SavedReplies = { folders: ReplyFolder[]; replies: Reply[] }

/** Use a saved reply in a conversation: put it in the composer 套用, or send it at once 發送 (REP-3). */
export const ReplyUse = z.strictObject({ conversationId: ConversationId, mode: z.enum(['apply', 'send']) })
export type ReplyUse = z.infer<typeof ReplyUse>
export type ReplyUsed =
  | {
      mode: 'apply'
      /** The texts, with an empty line in between; what could not be filled in still has its braces. */
      text: string
      /** Copies of the files, for this conversation. */
      attachments: UploadedAttachment[]
      missing: Variable[]
    }
  | { mode: 'send'; departing: Departing }

/** What was sent and can be taken back until `leavesAt`, in ms by the device's clock (REP-6). */
export type Departing = { id: string; messages: Body[]; leavesAt: number }

export type Counts = { [L in ListName]: { total: number; unread: number } }

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const filters = {
  channelId: ChannelId.optional(),
  storeId: StoreId.optional(),
  tagId: TagId.optional(),
  unread: flag.optional(),
  /** Milliseconds: newest message at or after / before. */
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
}

export const ListQuery = z.strictObject({
  list: z.enum(LIST_NAMES),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...filters,
})
export type ListQuery = z.input<typeof ListQuery>

/** One row of the list, everything it shows. */
export type ConversationRow = {
  id: ConversationId
  conversation: Conversation
  contact: Pick<Contact, 'id' | 'name' | 'tagIds'>
  unread: number
  pinned: boolean
  /** The unsent reply's beginning, '' when there is none. */
  draft: string
  /** What the newest message says when it is a system line that the device has. */
  lastEvent: Event | null
  /** Commands of this conversation that have not reached the hub, and that were refused. */
  waiting: number
  refused: number
}
/** Pinned ones first, then the newest message first. */
export type ConversationPage = { total: number; offset: number; rows: ConversationRow[] }

export type ConversationView = ConversationRow & {
  contact: Contact
  mark: Mark | null
  draftWhole: Draft
  /** The files of the draft, in its order, as far as the device has them. */
  draftAttachments: UploadedAttachment[]
  /** Colleagues who have it open right now, as the hub last said. */
  viewers: { memberId: MemberId; typing: boolean }[]
  /** True while the customer is typing (web chat). */
  customerTyping: boolean
}

/** Exactly one of `before`, `after`, `around` (ordinals), or none for the newest. */
export const MessagesQuery = z.strictObject({
  before: z.coerce.number().int().optional(),
  after: z.coerce.number().int().optional(),
  around: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(60),
})
export type MessagesQuery = z.input<typeof MessagesQuery>

/** A message as the thread shows it: `waiting` while it is on this device alone (待送出). */
export type ThreadMessage = Message & { waiting: boolean }

/** A message the hub refused: not in the conversation, kept with its text until the member decides (SYN-4). */
export type RefusedMessage = { queueId: number; body: Body; refusal: Refusal; at: number }

/** Oldest first, ordinals without a gap but for deleted ones. `refused` is for the thread's end. */
export type MessagePage = {
  messages: ThreadMessage[]
  refused: RefusedMessage[]
  /** After the refused ones: what leaves in a moment. */
  departing: Departing[]
  /** Whether older / newer ones exist (older ones may have to come from the hub). */
  hasOlder: boolean
  hasNewer: boolean
  /** Older ones exist but the hub that has them is out of reach. */
  olderNeedsHub: boolean
}

export const SearchQuery = z.strictObject({
  q: z.string().max(200),
  list: z.enum(LIST_NAMES).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  ...filters,
})
export type SearchQuery = z.input<typeof SearchQuery>

/** A piece of text; `hit` pieces are what was searched for. */
export type Highlight = { text: string; hit: boolean }[]
export type SearchResult = {
  contacts: {
    conversationId: ConversationId
    conversation: Conversation
    name: Highlight
    /** What else matched, such as a phone number or a tag. */
    matched: { field: 'phone' | 'email' | 'memberNumber' | 'tag'; value: Highlight } | null
  }[]
  messages: {
    conversationId: ConversationId
    messageId: MessageId
    ordinal: number
    contactName: string
    at: number
    author: Message['author']
    kind: Body['kind']
    excerpt: Highlight
  }[]
  /** True when more matched than was asked for. */
  more: boolean
}

export const CommandRequest = z.strictObject({ name: z.string(), args: z.unknown() })
export type CommandRequest = z.infer<typeof CommandRequest>
/** Accepted on this device (durable, in the queue), or refused by the same rules the hub runs. */
export type CommandAnswer = { ok: true; queueId: number } | { ok: false; refusal: Refusal }

/** What is in the composer of one conversation and has not been sent; kept on this device, per member. */
export const Draft = z.strictObject({
  mode: z.enum(['reply', 'note']),
  reply: z.string().max(200_000),
  note: z.string().max(200_000),
  attachmentIds: z.array(AttachmentId).max(20),
})
export type Draft = z.infer<typeof Draft>

/** Kept on the device, and sent to the hub ahead of the message that shows it. */
export type UploadedAttachment = {
  attachmentId: AttachmentId
  name: string
  mime: string
  size: number
  /** Pixels; null for what is not a picture. */
  width: number | null
  height: number | null
}

/** One action that has not become history yet. */
export type QueueItem = {
  id: number
  state: 'waiting' | 'refused'
  /** Waiting, but by what is now known the hub will refuse it. */
  doubtful: boolean
  name: string
  /** Null for a command about no conversation. */
  conversationId: ConversationId | null
  /** Whose conversation it is, while the member may see it. */
  contactName: string | null
  /** What was typed, whole; null for a command without text. */
  text: string | null
  at: number
  refusal: Refusal | null
}
export type QueueView = { connection: Connection; waiting: QueueItem[]; refused: QueueItem[] }

/** Sends a refused message again as a new one, with other text if it was edited. */
export const Retry = z.strictObject({ text: z.string().optional() })

export const PresenceUpdate = z.strictObject({ conversationId: ConversationId.nullable(), typing: z.boolean() })

/**
 * What the member is told of that others did (COL-11). `id` is the notice's own. It names people by their ids and the
 * customer, and has no message text in it.
 */
export type Notice = { id: string } & (
  | {
      kind: 'collaboration'
      conversationId: ConversationId
      contactName: string
      event: Extract<Event, { type: 'added' | 'joined' | 'removed' | 'left' | 'tookOver' }>
    }
  /** A colleague asks to be let in, and the member can answer. */
  | { kind: 'asked'; conversationId: ConversationId; contactName: string; by: MemberId }
  /** Handed over to the member; `contactName` when it is one. */
  | { kind: 'transferred'; by: MemberId; conversationIds: ConversationId[]; contactName: string | null }
)

/** What went stale; a screen that shows it asks again. A `notice` is told as it happens, and once. */
export type LiveEvent =
  | { type: 'state'; state: AppState }
  | { type: 'reference' }
  | { type: 'replies' }
  | { type: 'lists' }
  | { type: 'conversation'; conversationId: ConversationId }
  /** The member lost sight of it: whatever shows it closes. */
  | { type: 'gone'; conversationId: ConversationId }
  | { type: 'queue' }
  | {
      type: 'presence'
      conversationId: ConversationId
      viewers: { memberId: MemberId; typing: boolean }[]
      customerTyping: boolean
    }
  | { type: 'notice'; notice: Notice }
