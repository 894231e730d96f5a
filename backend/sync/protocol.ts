/**
 * What goes over the wire between a workstation and the hub, version {@link PROTOCOL}. Both ends check every frame
 * with these schemas; what does not fit is answered with a coded error and the connection is closed.
 *
 * Over HTTP (JSON, `authorization: Bearer ACCESS_TOKEN` but for sign-in and refresh):
 *
 * | route | takes | gives |
 * |---|---|---|
 * | `POST /auth/sign-in` | {@link SignInRequest} | {@link Session} |
 * | `POST /auth/refresh` | {@link RefreshRequest} | {@link Session} |
 * | `POST /auth/sign-out` | {@link RefreshRequest} | `{}` |
 * | `GET /sync/snapshot` | {@link SnapshotQuery} as query | {@link SnapshotLine} as NDJSON |
 * | `GET /conversations/:id/messages?before&limit` | – | `{ messages: Message[] }`, oldest first |
 * | `PUT /attachments/:id?conversationId&name` | the bytes, `content-type` | {@link AttachmentInfo} |
 * | `PUT /attachments/:id?replyId&name` | the bytes, `content-type` | {@link AttachmentInfo} |
 * | `GET /attachments/:id` | – | the bytes |
 *
 * Over the WebSocket at `/sync`: {@link ClientFrame} to the hub, {@link HubFrame} to the workstation.
 * A failure over HTTP is `{ error: Refusal }`.
 */
import { z } from 'zod'
import {
  ChannelId,
  ConversationId,
  ContactId,
  MarkId,
  MemberId,
  MessageId,
  ReplyFolderId,
  ReplyId,
  StoreId,
  TagId,
  TeamId,
  TemplateId,
} from '../domain/ids.ts'
import { Refusal } from '../domain/refusal.ts'
import { TABLE_NAMES, Time, tables } from '../domain/rows.ts'
import type { Conversation, Message, Row, TableName } from '../domain/rows.ts'

/** Raised with every change of this file or of a row's shape. */
export const PROTOCOL = 1
/** Largest frame either end sends, in bytes; an end closes a connection that sends a larger one. */
export const FRAME_MAX = 256 * 1024
/** How often the hub pings, in ms; either end gives a silent connection up after twice as long. */
export const PING_EVERY = 20_000
/** How many of a conversation's newest messages a device holds. */
export const MESSAGES_HELD = 200
/** How long a closed conversation stays on devices. */
export const CLOSED_HELD_DAYS = 90

const DAY = 24 * 60 * 60 * 1000
/** A workstation's or a client's id; made by whoever owns it. */
const DeviceId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/)

/** The version of the team's data: grows by one with each command that changed something. */
export const Version = z.number().int().nonnegative()
export type Version = z.infer<typeof Version>

/**
 * Names a stretch of the team's history: a hub process begins one with its first commit. A hub that was restored from a
 * backup gives versions once more, to other changes; by the epoch both ends know that they mean the same one. Empty
 * before the first commit.
 */
export const Epoch = z.string().max(64)

/** Whether devices hold this message of a conversation in their scope. */
export function isHeld(message: Pick<Message, 'ordinal'>, conversation: Pick<Conversation, 'messageCount'>): boolean {
  return message.ordinal > conversation.messageCount - MESSAGES_HELD
}

/** From when on closed conversations are on devices: the same all day (UTC), so that both ends agree on it. */
export function horizonAt(now: Time): Time {
  return Math.max(0, Math.floor(now / DAY) * DAY - CLOSED_HELD_DAYS * DAY)
}

/** Whether a visible conversation is recent enough to be on devices. */
export function isRecent(conversation: Pick<Conversation, 'status' | 'closedAt'>, horizon: Time): boolean {
  return conversation.status !== 'closed' || (conversation.closedAt ?? 0) >= horizon
}

// --- signing in -----------------------------------------------------------------------------------------------------

export const SignInRequest = z.strictObject({
  email: z.string().trim().toLowerCase().min(3).max(254),
  password: z.string().min(1).max(1024),
  workstation: z.strictObject({ id: DeviceId, name: z.string().min(1).max(100) }),
  protocol: z.number().int(),
})
export type SignInRequest = z.input<typeof SignInRequest>

export const RefreshRequest = z.strictObject({ refreshToken: z.string().min(20).max(500) })

/** A signed-in member at a workstation. */
export const Session = z.object({
  teamId: TeamId,
  member: tables.member,
  /** This member's queue on this workstation; its commands are numbered from `lastClientSeq + 1` on. */
  clientId: DeviceId,
  lastClientSeq: z.number().int().nonnegative(),
  accessToken: z.string(),
  /** By the hub's clock. */
  accessExpiresAt: Time,
  refreshToken: z.string(),
  /** 32 bytes in base64: opens the member's store on this workstation after their password was changed elsewhere. */
  storeKey: z.string(),
  hubTime: Time,
})
export type Session = z.infer<typeof Session>

// --- rows -----------------------------------------------------------------------------------------------------------

/** A row with its table: `['message', {…}]`. They are tried in this order, so the many come first. */
export const TableRow = z.union([
  z.tuple([z.literal('message'), tables.message]),
  z.tuple([z.literal('contact'), tables.contact]),
  z.tuple([z.literal('conversation'), tables.conversation]),
  z.tuple([z.literal('mark'), tables.mark]),
  z.tuple([z.literal('team'), tables.team]),
  z.tuple([z.literal('store'), tables.store]),
  z.tuple([z.literal('member'), tables.member]),
  z.tuple([z.literal('channel'), tables.channel]),
  z.tuple([z.literal('tag'), tables.tag]),
  z.tuple([z.literal('template'), tables.template]),
  z.tuple([z.literal('replyFolder'), tables.replyFolder]),
  z.tuple([z.literal('reply'), tables.reply]),
])
export type TableRow = { [T in TableName]: [T, Row<T>] }[TableName]

/** A removed row: `['message', id]`. */
export const TableId = z.tuple([
  z.enum(TABLE_NAMES),
  z.union([
    TeamId,
    StoreId,
    MemberId,
    ChannelId,
    TagId,
    TemplateId,
    ContactId,
    ConversationId,
    MessageId,
    MarkId,
    ReplyFolderId,
    ReplyId,
  ]),
])
export type TableId = z.infer<typeof TableId>

// --- snapshot -------------------------------------------------------------------------------------------------------

/** All or none: `version` and `epoch` of the first attempt, and the last conversation that was received whole. */
export const SnapshotQuery = z.strictObject({
  version: z.coerce.number().int().nonnegative().optional(),
  epoch: Epoch.optional(),
  after: ConversationId.optional(),
})

/**
 * The lines of a snapshot, in this order: one `begin`; `scope` with the ids of every conversation the member may have
 * (the device removes all others at once) and of those that were deleted; one `reference`; `conversations`, newest first, each with its contact,
 * the member's mark and its newest messages; those that changed meanwhile, once more; one `end`.
 * Afterwards the device is at `version`.
 */
export const SnapshotLine = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('begin'),
    version: Version,
    epoch: Epoch,
    horizon: Time,
    total: z.number().int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal('scope'),
    conversationIds: z.array(ConversationId),
    /** Conversations that were deleted: nothing of them stays on a device, not even what was typed there (DEL-7). */
    deletedIds: z.array(ConversationId),
  }),
  z.strictObject({ type: z.literal('reference'), rows: z.array(TableRow) }),
  z.strictObject({
    type: z.literal('conversations'),
    rows: z.array(TableRow),
    /** What to resume after; null in those that are sent once more. */
    last: ConversationId.nullable(),
    /** How many conversations are in this line. */
    count: z.number().int().positive(),
  }),
  z.strictObject({ type: z.literal('end') }),
])
export type SnapshotLine = z.infer<typeof SnapshotLine>

// --- live -----------------------------------------------------------------------------------------------------------

/** A command as it waits in a queue: `seq` is 1, 2, 3 … per client. */
export const QueuedCommand = z.strictObject({
  seq: z.number().int().positive(),
  name: z.string().max(64),
  args: z.unknown(),
  /** When the member did it, by the device's clock; for display alone. */
  at: Time,
})
export type QueuedCommand = z.infer<typeof QueuedCommand>

export const ClientFrame = z.discriminatedUnion('type', [
  /**
   * The first frame. `version` is null before the first snapshot; `epoch` came with it. `resultsAfter`: the last seq
   * whose outcome is known.
   */
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.number().int(),
    accessToken: z.string().max(4_096),
    clientId: DeviceId,
    version: Version.nullable(),
    epoch: Epoch,
    resultsAfter: z.number().int().nonnegative(),
  }),
  /** A fresh token before the old one runs out. */
  z.strictObject({ type: z.literal('renew'), accessToken: z.string().max(4_096) }),
  z.strictObject({ type: z.literal('push'), commands: z.array(QueuedCommand).min(1).max(500) }),
  z.strictObject({ type: z.literal('presence'), conversationId: ConversationId.nullable(), typing: z.boolean() }),
])
export type ClientFrame = z.infer<typeof ClientFrame>

/** What became of a refused command. An accepted one needs no word: its seq is covered by `lastClientSeq`. */
export const CommandResult = z.strictObject({ seq: z.number().int().positive(), refusal: Refusal })
export type CommandResult = z.infer<typeof CommandResult>

export const HubFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('welcome'),
    protocol: z.number().int(),
    hubTime: Time,
    /** Closed conversations from before are no longer held. */
    horizon: Time,
    version: Version,
    lastClientSeq: z.number().int().nonnegative(),
    /**
     * Of the command that was taken as `lastClientSeq` (see `fingerprint.ts`); null when it is not known any more. By it
     * a device that was itself restored from a copy knows that its command of this number is another one.
     */
    lastFingerprint: z.string().max(64).nullable(),
    /** True when the device must fetch a snapshot: it has none, its version is unknown here, or its member's sight changed. */
    snapshot: z.boolean(),
  }),
  /**
   * Everything that changed for this member since the version the device was at. Parts with `more: true` belong
   * together with the following one and are applied with it.
   */
  z.strictObject({
    type: z.literal('patch'),
    /** 1 for the first patch frame after a welcome, then one more each: one that is missing or out of order shows. */
    n: z.number().int().positive(),
    /** The version the device is at afterwards. */
    version: Version,
    epoch: Epoch,
    more: z.boolean(),
    lastClientSeq: z.number().int().nonnegative(),
    results: z.array(CommandResult),
    /** Conversations that left the member's sight, with everything under them. Applied before `puts`. */
    evicts: z.array(ConversationId),
    removes: z.array(TableId),
    puts: z.array(TableRow),
  }),
  /** The member's sight changed as a whole: fetch a snapshot. */
  z.strictObject({ type: z.literal('resync') }),
  z.strictObject({
    type: z.literal('presence'),
    conversationId: ConversationId,
    viewers: z.array(z.strictObject({ memberId: MemberId, typing: z.boolean() })),
    customerTyping: z.boolean(),
  }),
  /** The last frame before the hub closes the connection. */
  z.strictObject({ type: z.literal('error'), error: Refusal }),
])
export type HubFrame = z.infer<typeof HubFrame>

/** What the hub found an uploaded file to be. */
export const AttachmentInfo = z.strictObject({
  attachmentId: z.string(),
  name: z.string(),
  mime: z.string(),
  size: z.number().int().positive(),
})
export type AttachmentInfo = z.infer<typeof AttachmentInfo>
