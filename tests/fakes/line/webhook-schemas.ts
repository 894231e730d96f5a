/** What LINE posts to an account's webhook address: the events that concern a shop, and any other in its common form. */
import { z } from 'zod'
import { UserId } from './schemas.ts'

const GroupId = z.string().regex(/^C[0-9a-f]{32}$/)
const RoomId = z.string().regex(/^R[0-9a-f]{32}$/)
const MessageId = z.string().regex(/^\d+$/)
const Token = z.string().min(1)

/** Without `userId` when the user has not agreed to be known to the account. */
const Source = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user'), userId: UserId.optional() }),
  z.strictObject({ type: z.literal('group'), groupId: GroupId, userId: UserId.optional() }),
  z.strictObject({ type: z.literal('room'), roomId: RoomId, userId: UserId.optional() }),
])
export type Source = z.infer<typeof Source>

const envelope = {
  /** ms */
  timestamp: z.int().min(0),
  mode: z.enum(['active', 'standby']),
  webhookEventId: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/),
  deliveryContext: z.strictObject({ isRedelivery: z.boolean() }),
}
const sourced = { ...envelope, source: Source }
const answerable = { ...sourced, replyToken: Token }

const own = { contentProvider: z.strictObject({ type: z.literal('line') }) }
const quotable = { quoteToken: Token }
const readable = { markAsReadToken: Token.optional() }
const quoting = { quotedMessageId: MessageId.optional() }

const MessageContent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    id: MessageId,
    text: z.string().min(1),
    emojis: z
      .array(
        z.strictObject({
          index: z.int().min(0),
          length: z.int().min(1),
          productId: z.string().min(1),
          emojiId: z.string().min(1),
        }),
      )
      .optional(),
    mention: z
      .strictObject({
        mentionees: z
          .array(
            z.discriminatedUnion('type', [
              z.strictObject({
                type: z.literal('user'),
                index: z.int().min(0),
                length: z.int().min(1),
                userId: UserId.optional(),
                isSelf: z.boolean().optional(),
              }),
              z.strictObject({ type: z.literal('all'), index: z.int().min(0), length: z.int().min(1) }),
            ]),
          )
          .min(1)
          .max(20),
      })
      .optional(),
    ...quotable,
    ...quoting,
    ...readable,
  }),
  z.strictObject({
    type: z.literal('image'),
    id: MessageId,
    ...own,
    imageSet: z
      .strictObject({ id: z.string().min(1), index: z.int().min(1).optional(), total: z.int().min(1).optional() })
      .optional(),
    ...quotable,
    ...readable,
  }),
  z.strictObject({
    type: z.literal('video'),
    id: MessageId,
    duration: z.int().min(0).optional(),
    ...own,
    ...quotable,
    ...readable,
  }),
  z.strictObject({ type: z.literal('audio'), id: MessageId, duration: z.int().min(0).optional(), ...own, ...readable }),
  z.strictObject({
    type: z.literal('file'),
    id: MessageId,
    fileName: z.string().min(1),
    fileSize: z.int().min(0),
    ...readable,
  }),
  z.strictObject({
    type: z.literal('location'),
    id: MessageId,
    title: z.string().optional(),
    address: z.string().optional(),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    ...readable,
  }),
  z.strictObject({
    type: z.literal('sticker'),
    id: MessageId,
    packageId: z.string().min(1),
    stickerId: z.string().min(1),
    stickerResourceType: z.enum([
      'STATIC',
      'ANIMATION',
      'SOUND',
      'ANIMATION_SOUND',
      'POPUP',
      'POPUP_SOUND',
      'CUSTOM',
      'MESSAGE',
      'NAME_TEXT',
      'PER_STICKER_TEXT',
    ]),
    keywords: z.array(z.string()).max(15).optional(),
    text: z.string().max(100).optional(),
    ...quotable,
    ...quoting,
    ...readable,
  }),
])
export type MessageContent = z.infer<typeof MessageContent>

const Members = z.strictObject({
  members: z.array(z.strictObject({ type: z.literal('user'), userId: UserId.optional() })).min(1),
})

const KnownEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message'), ...answerable, message: MessageContent }),
  z.strictObject({ type: z.literal('unsend'), ...sourced, unsend: z.strictObject({ messageId: MessageId }) }),
  z.strictObject({ type: z.literal('follow'), ...answerable, follow: z.strictObject({ isUnblocked: z.boolean() }) }),
  z.strictObject({ type: z.literal('unfollow'), ...sourced }),
  z.strictObject({ type: z.literal('join'), ...answerable }),
  z.strictObject({ type: z.literal('leave'), ...sourced }),
  z.strictObject({ type: z.literal('memberJoined'), ...answerable, joined: Members }),
  z.strictObject({ type: z.literal('memberLeft'), ...sourced, left: Members }),
  z.strictObject({
    type: z.literal('postback'),
    ...answerable,
    postback: z.strictObject({ data: z.string().max(300), params: z.record(z.string(), z.string()).optional() }),
  }),
  z.strictObject({ type: z.literal('delivery'), ...envelope, delivery: z.strictObject({ data: z.string().min(1) }) }),
])
const KNOWN = KnownEvent.options.map(({ shape }) => shape.type.value)

/** One that LINE may add some day, or that we do nothing with. */
const OtherEvent = z.looseObject({
  type: z.string().refine((type) => !KNOWN.some((known) => known === type), 'must have the fields of its type'),
  ...envelope,
})

export const WebhookEvent = z.union([KnownEvent, OtherEvent])
export type WebhookEvent = z.infer<typeof KnownEvent> | z.infer<typeof OtherEvent>
export type EventOf<T extends z.infer<typeof KnownEvent>['type']> = Extract<z.infer<typeof KnownEvent>, { type: T }>

export const WebhookBody = z.strictObject({ destination: UserId, events: z.array(WebhookEvent) })
export type WebhookBody = z.infer<typeof WebhookBody>
