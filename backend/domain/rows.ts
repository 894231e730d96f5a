/**
 * The rows that the rules read and write and that workstations hold a copy of: one schema a table.
 * Times are milliseconds since 1970 by the hub's clock. A row never refers to another by anything but its id.
 */
import { z } from 'zod'
import {
  AttachmentId,
  ChannelId,
  ContactId,
  ConversationId,
  MarkId,
  MemberId,
  MessageId,
  ReplyFolderId,
  ReplyId,
  StoreId,
  TagId,
  TeamId,
  TemplateId,
} from './ids.ts'
import { Failure } from './channels/failures.ts'
import { TemplateComponents } from './templates/components.ts'

export const Time = z.number().int().nonnegative()
export type Time = z.infer<typeof Time>

export const ROLES = [
  'admin',
  'supervisor',
  'cs_manager',
  'cs_agent',
  'marketing_cs',
  'marketer',
  'sales_manager',
  'salesperson',
] as const
export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>

export const ChannelKind = z.enum(['line', 'whatsapp', 'facebook', 'instagram', 'wechat', 'webchat'])
export type ChannelKind = z.infer<typeof ChannelKind>

/** What a team's plan may have beside customer service (ROL-5). */
export const MODULES = ['omo', 'memberCard', 'crm', 'journeys', 'lineNotifications'] as const
export type Module = (typeof MODULES)[number]

export const Team = z.strictObject({
  id: TeamId,
  name: z.string(),
  timeZone: z.string(),
  modules: z.array(z.enum(MODULES)),
  /** From when on members collaborate; null for not. A team with OMO goes by its own (COL-1). */
  collaboration: z.strictObject({ from: Time.nullable(), omoFrom: Time.nullable() }),
  /** The roles that may, beside admins (ROL-3). */
  permissions: z.strictObject({ delete: z.array(Role), blacklist: z.array(Role) }),
})
export type Team = z.infer<typeof Team>

export const Store = z.strictObject({ id: StoreId, name: z.string() })
export type Store = z.infer<typeof Store>

export const Member = z.strictObject({
  id: MemberId,
  name: z.string(),
  email: z.string(),
  phone: z.string().nullable(),
  role: Role,
  storeIds: z.array(StoreId),
  active: z.boolean(),
})
export type Member = z.infer<typeof Member>

export const Channel = z.strictObject({
  id: ChannelId,
  kind: ChannelKind,
  name: z.string(),
  /** A new conversation starts with the bot instead of a person (CNV-3). */
  botOn: z.boolean(),
  /** What the bot answers to; any other text goes to a person (CNV-4). */
  botKeywords: z.array(z.string()),
  /** What a new customer is greeted with; null for nothing. */
  welcomeText: z.string().nullable(),
  /** Whether it has an account with the platform, through which messages come and go. */
  connected: z.boolean(),
  /** Why nothing leaves through it at the moment; null when nothing is known to be wrong. */
  problem: z.strictObject({ code: Failure, since: Time }).nullable(),
})
export type Channel = z.infer<typeof Channel>

export const TAG_COLOURS = ['grey', 'red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const
export const Tag = z.strictObject({ id: TagId, name: z.string(), colour: z.enum(TAG_COLOURS) })
export type Tag = z.infer<typeof Tag>

/** One message template of a WhatsApp channel, as the platform has it. */
export const Template = z.strictObject({
  id: TemplateId,
  channelId: ChannelId,
  name: z.string(),
  /** As the platform writes it, such as `zh_TW`. */
  language: z.string(),
  category: z.enum(['marketing', 'utility', 'authentication', 'other']),
  /** Only an approved one can be sent. */
  approved: z.boolean(),
  components: TemplateComponents,
})
export type Template = z.infer<typeof Template>

/** A contact's place on the blacklist. */
export const Blocked = z.strictObject({
  by: MemberId,
  at: Time,
  /** How many messages it has sent since, which reached nobody. */
  suppressed: z.number().int().nonnegative(),
  /** Being taken off again: only the platform's own block still stands. */
  lifting: z.boolean(),
  /**
   * How the platform's own block stands, or the lifting of it. `none`: the platform has no such thing; `late`: it takes
   * one only within a day of the customer's last message.
   */
  platform: z.discriminatedUnion('state', [
    z.strictObject({ state: z.enum(['none', 'late', 'asked', 'done']) }),
    z.strictObject({ state: z.literal('failed'), code: Failure, platformCode: z.string().nullable() }),
  ]),
})
export type Blocked = z.infer<typeof Blocked>

export const Contact = z.strictObject({
  id: ContactId,
  /** A group's row stands for the group as a whole. */
  kind: z.enum(['person', 'group']),
  channelId: ChannelId,
  /** Who this is on the channel (LINE user or group id, WhatsApp number, web-chat visitor). */
  externalId: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  memberNumber: z.string().nullable(),
  /** 「LINE UID <> 手機」: the number, in E.164, that was proven to be this LINE user's (NTF-5). */
  matchedPhone: z.string().nullable(),
  tagIds: z.array(TagId),
  subscribed: z.boolean(),
  /** Since when the customer has blocked the account on the platform, or the account is out of the group. */
  platformBlockedAt: Time.nullable(),
  /** Of a group: who has written in it, by the channel's id for them. The name is empty until it is known. */
  people: z.array(z.strictObject({ externalId: z.string(), name: z.string() })),
  binding: z.strictObject({ memberId: MemberId, storeId: StoreId }).nullable(),
  /** On the blacklist 黑名單; null for not (DEL-2, DEL-8). */
  blocked: Blocked.nullable(),
  /** How many of its conversations were deleted: the next one is another (see `conversations/conversation-id.ts`). */
  deletions: z.number().int().nonnegative(),
  createdAt: Time,
})
export type Contact = z.infer<typeof Contact>

export const STATUSES = ['pending_person', 'pending_bot', 'open', 'closed'] as const
export const Status = z.enum(STATUSES)
export type Status = z.infer<typeof Status>

/** Who a message is by. */
export const Author = z.discriminatedUnion('type', [
  /** `from`: who of a group, as in its contact's `people`; null in a 1-on-1, and where the platform does not say. */
  z.strictObject({ type: z.literal('customer'), from: z.string().nullable() }),
  z.strictObject({ type: z.literal('member'), memberId: MemberId }),
  z.strictObject({ type: z.literal('bot') }),
  z.strictObject({ type: z.literal('system') }),
])
export type Author = z.infer<typeof Author>

const attachment = {
  attachmentId: AttachmentId,
  name: z.string(),
  mime: z.string(),
  /** Bytes. */
  size: z.number().int().positive(),
}

/** A system line; the interface words it in the reader's language. */
export const Event = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('taken'), by: MemberId }),
  z.strictObject({ type: z.literal('closed'), by: MemberId }),
  z.strictObject({ type: z.literal('reopened'), by: MemberId.nullable() }),
  z.strictObject({ type: z.literal('transferred'), by: MemberId, to: MemberId }),
  // Of a collaboration (COL-11).
  z.strictObject({ type: z.literal('added'), by: MemberId, members: z.array(MemberId) }),
  z.strictObject({ type: z.literal('joined'), by: MemberId }),
  z.strictObject({ type: z.literal('removed'), by: MemberId, member: MemberId }),
  z.strictObject({ type: z.literal('left'), by: MemberId }),
  z.strictObject({ type: z.literal('tookOver'), by: MemberId }),
  /** The customer added the account as a friend, or took its block back. */
  z.strictObject({ type: z.literal('followed') }),
  z.strictObject({ type: z.literal('unfollowed') }),
  /** The account came into the group, or is out of it. */
  z.strictObject({ type: z.literal('joinedGroup') }),
  z.strictObject({ type: z.literal('leftGroup') }),
])
export type Event = z.infer<typeof Event>

/** What a platform hands over as bytes, to be fetched. */
export const MEDIA = ['image', 'video', 'audio', 'file', 'sticker'] as const
export type Media = (typeof MEDIA)[number]

/** What a message carries. A note stays inside the team (CNV-8); an event is a system line. */
export const Body = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
  z.strictObject({
    kind: z.literal('image'),
    ...attachment,
    /** Pixels, so that the thread can reserve the room before the picture is there. */
    width: z.number().int().positive(),
    height: z.number().int().positive(),
  }),
  z.strictObject({ kind: z.literal('file'), ...attachment }),
  /** What a customer sent as a picture or file, while it is fetched from the platform; `lost` when it cannot be had. */
  z.strictObject({
    kind: z.literal('media'),
    media: z.enum(MEDIA),
    name: z.string(),
    state: z.enum(['fetching', 'lost']),
  }),
  /** `label`: what the sticker says or shows, in words; empty when the platform does not tell. */
  z.strictObject({ kind: z.literal('sticker'), label: z.string() }),
  z.strictObject({
    kind: z.literal('location'),
    title: z.string(),
    address: z.string(),
    /** Degrees. */
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
  /** A template as it was filled in: `text` is what the customer reads, `values` are by placeholder (see templates/). */
  z.strictObject({
    kind: z.literal('template'),
    templateId: TemplateId,
    name: z.string(),
    language: z.string(),
    text: z.string(),
    values: z.record(z.string(), z.string()),
    /** What its header shows, where that is given with each message. */
    media: z.strictObject(attachment).nullable(),
  }),
  /** Taken back by the customer: nothing of it is kept. */
  z.strictObject({ kind: z.literal('unsent') }),
  /** Something that can be seen on the platform alone; `what` is the platform's name for its kind. */
  z.strictObject({ kind: z.literal('other'), what: z.string() }),
  z.strictObject({ kind: z.literal('note'), text: z.string() }),
  z.strictObject({ kind: z.literal('event'), event: Event }),
])
export type Body = z.infer<typeof Body>
/** Every kind of body. */
export const BODY_KINDS = Body.options.map((option) => option.shape.kind.value)
export type AttachmentBody = Extract<Body, { attachmentId: AttachmentId }>
/** The file that a message shows, if any. */
export function attachmentOf(body: Body): Omit<AttachmentBody, 'kind'> | null {
  if (body.kind === 'template') return body.media
  return 'attachmentId' in body ? body : null
}

/** How far a message to the customer has come, in order (CNV-10). 待送出 is not here: it is known to the device alone. */
export const DELIVERY_STATES = ['sending', 'sent', 'delivered', 'read'] as const
export const Delivery = z.discriminatedUnion('state', [
  z.strictObject({ state: z.enum(DELIVERY_STATES) }),
  z.strictObject({
    state: z.literal('failed'),
    /** Why; with a text in both languages. */
    code: Failure,
    /** The platform's own code or word for it, for those who have to ask the platform. */
    platformCode: z.string().nullable(),
  }),
])
export type Delivery = z.infer<typeof Delivery>

export const Message = z.strictObject({
  id: MessageId,
  conversationId: ConversationId,
  /** 1, 2, 3 … within the conversation: the order in which the hub took them. */
  ordinal: z.number().int().positive(),
  author: Author,
  body: Body,
  /** Only for a message to the customer. */
  delivery: Delivery.nullable(),
  at: Time,
})
export type Message = z.infer<typeof Message>

/** The newest message of a conversation as lists show it. */
export const LastMessage = z.strictObject({
  messageId: MessageId,
  author: Author,
  kind: z.enum(BODY_KINDS),
  /** One line: the text's beginning, or the file's name; empty where the kind says it all. */
  preview: z.string(),
  at: Time,
})
export type LastMessage = z.infer<typeof LastMessage>

export const Conversation = z.strictObject({
  id: ConversationId,
  kind: z.enum(['direct', 'group']),
  contactId: ContactId,
  channelId: ChannelId,
  status: Status,
  followerId: MemberId.nullable(),
  /** In the order in which they joined. */
  collaboratorIds: z.array(MemberId),
  /** Who has asked to join and has not been answered (COL-3). */
  askingIds: z.array(MemberId),
  /** The ordinal of the newest message. */
  messageCount: z.number().int().nonnegative(),
  /** How many messages the customer has written. */
  inboundCount: z.number().int().nonnegative(),
  /** Up to which of those a team reply has made them read for everyone (CNV-7). */
  clearedInbound: z.number().int().nonnegative(),
  lastMessage: LastMessage.nullable(),
  lastInboundAt: Time.nullable(),
  /** Since when the customer has been waiting for a first answer; null when nobody waits. */
  waitingSince: Time.nullable(),
  createdAt: Time,
  closedAt: Time.nullable(),
  closedBy: MemberId.nullable(),
})
export type Conversation = z.infer<typeof Conversation>

/** What one member has read and pinned; no one else's device holds it (CNV-7). */
export const Mark = z.strictObject({
  id: MarkId,
  memberId: MemberId,
  conversationId: ConversationId,
  /** Up to which of the customer's messages (by count) the member has read. */
  readInbound: z.number().int().nonnegative(),
  pinnedAt: Time.nullable(),
})
export type Mark = z.infer<typeof Mark>

/** Orders the saved replies 預存回覆 for those who use them; without an owner it is everybody's. */
export const ReplyFolder = z.strictObject({
  id: ReplyFolderId,
  name: z.string(),
  ownerId: MemberId.nullable(),
  /** Lower ones are shown first. */
  position: z.number().int().nonnegative(),
})
export type ReplyFolder = z.infer<typeof ReplyFolder>

/** One message of a saved reply; a text may have variables in it (see replies/variables.ts). */
export const ReplyMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
  z.strictObject({
    kind: z.literal('image'),
    ...attachment,
    /** Pixels. */
    width: z.number().int().positive(),
    height: z.number().int().positive(),
  }),
  z.strictObject({ kind: z.literal('file'), ...attachment }),
])
export type ReplyMessage = z.infer<typeof ReplyMessage>

/** For whom a saved reply is (REP-1). */
export const Visibility = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('all') }),
  z.strictObject({ to: z.literal('roles'), roles: z.array(Role).min(1).max(ROLES.length) }),
  z.strictObject({ to: z.literal('stores'), storeIds: z.array(StoreId).min(1).max(1_000) }),
  z.strictObject({ to: z.literal('owner') }),
])
export type Visibility = z.infer<typeof Visibility>

/** A saved reply 預存回覆. */
export const Reply = z.strictObject({
  id: ReplyId,
  /** For who does not see the folder it is without one. */
  folderId: ReplyFolderId.nullable(),
  name: z.string(),
  messages: z.array(ReplyMessage).min(1).max(5),
  visibility: Visibility,
  ownerId: MemberId,
  updatedAt: Time,
})
export type Reply = z.infer<typeof Reply>

/** Every table by its name; the order is the one in which rows are written so that what is referred to exists first. */
export const tables = {
  team: Team,
  store: Store,
  member: Member,
  channel: Channel,
  tag: Tag,
  template: Template,
  contact: Contact,
  conversation: Conversation,
  message: Message,
  mark: Mark,
  replyFolder: ReplyFolder,
  reply: Reply,
} as const

export type TableName = keyof typeof tables
export type Row<T extends TableName> = z.infer<(typeof tables)[T]>
export type RowId<T extends TableName> = Row<T>['id']
export const TABLE_NAMES = Object.keys(tables) as TableName[]

/** Tables whose rows every active member of the team has. */
export const REFERENCE_TABLES = ['team', 'store', 'member', 'channel', 'tag', 'template'] as const satisfies TableName[]

/** Tables of which every member has those rows that `replies/permissions.ts` lets them see. */
export const REPLY_TABLES = ['replyFolder', 'reply'] as const satisfies TableName[]
/** Tables that come whole, as far as a member has them, in the one `reference` line of a snapshot. */
export const SMALL_TABLES = [...REFERENCE_TABLES, ...REPLY_TABLES] as const

/**
 * The named ways to list rows, each by the value of one field, or by one of its values. Every store keeps an index for each.
 * `message.conversationId` is listed by ordinal, the rest by id.
 */
export const indexes = {
  conversation: ['contactId', 'followerId', 'collaboratorIds', 'askingIds'],
  message: ['conversationId'],
  mark: ['conversationId'],
  contact: ['externalId'],
  template: ['channelId'],
  reply: ['folderId'],
} as const satisfies { [T in TableName]?: readonly (keyof Row<T>)[] }

export type IndexedTable = keyof typeof indexes
export type IndexOf<T extends IndexedTable> = (typeof indexes)[T][number]
