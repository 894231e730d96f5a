/**
 * What each of LINE's webhook events means to the hub. Only what is asked for here has to be in an event: LINE adds fields
 * and kinds as it likes.
 *
 * https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
 */
import { z } from 'zod'
import type { InboundContent } from '../../../domain/messages/content.ts'
import { Time } from '../../../domain/rows.ts'
import type { ChannelEvent, EventSource } from '../platform.ts'

const Id = z.string().min(1).max(1_000)

const Source = z.object({
  type: z.string(),
  userId: Id.optional(),
  groupId: Id.optional(),
  roomId: Id.optional(),
})
type Source = z.infer<typeof Source>

const Common = z.object({
  type: z.string(),
  /** `standby` when another system has the conversation. */
  mode: z.string().optional(),
  source: Source.optional(),
  timestamp: Time.optional(),
  replyToken: z.string().min(1).optional(),
})
type Common = z.infer<typeof Common>

/** Of a text message or sticker alike: what it says. */
const Message = z.object({
  id: Id,
  type: z.string().min(1),
  text: z.string().optional(),
  keywords: z.array(z.string()).optional(),
  fileName: z.string().optional(),
  contentProvider: z.object({ type: z.string() }).optional(),
  title: z.string().optional(),
  address: z.string().optional(),
  latitude: z.number().optional(),
  longitude: z.number().optional(),
})
type Message = z.infer<typeof Message>

const MessageEvent = z.object({ message: Message })
const UnsendEvent = z.object({ unsend: z.object({ messageId: Id }) })
const PostbackEvent = z.object({ postback: z.object({ displayText: z.string().optional() }) })
const DeliveryEvent = z.object({ delivery: z.object({ data: z.string().min(1) }) })

/**
 * @param id by which repeats of the event are known
 * @throws ZodError when an event of a known kind lacks what it is about
 */
export function parseEvent(event: Readonly<Record<string, unknown>>, id: string): ChannelEvent {
  const common = Common.parse(event)
  if (common.mode === 'standby') return nothing('standby: another system has the conversation')
  switch (common.type) {
    case 'message': {
      const { message } = MessageEvent.parse(event)
      return said(common, message.id, contentOf(message))
    }
    case 'postback': {
      const { displayText } = PostbackEvent.parse(event).postback
      // Without it nothing is seen in the chat on LINE either.
      return displayText ? said(common, id, { kind: 'text', text: displayText }) : nothing('postback without a text')
    }
    case 'unsend':
      return { type: 'unsend', externalMessageId: UnsendEvent.parse(event).unsend.messageId }
    case 'follow':
    case 'join': {
      const source = sourceOf(common.source)
      return source
        ? { type: 'follow', source, eventId: id, at: common.timestamp ?? null, replyToken: common.replyToken ?? null }
        : nobody(common.type)
    }
    case 'unfollow':
    case 'leave': {
      const source = sourceOf(common.source)
      return source ? { type: 'unfollow', source, eventId: id } : nobody(common.type)
    }
    case 'botSuspended':
      return { type: 'health', problem: 'channel.restricted' }
    case 'botResumed':
      return { type: 'health', problem: null }
    case 'delivery':
      return { type: 'notified', tag: DeliveryEvent.parse(event).delivery.data }
    default:
      return nothing(`an event of the kind ${common.type.slice(0, 100).toWellFormed()}`)
  }
}

const nothing = (why: string): ChannelEvent => ({ type: 'nothing', why })
const nobody = (type: string) => nothing(`${type} without an id of who it is from`)

function said(
  { type, source: given, timestamp, replyToken }: Common,
  externalMessageId: string,
  content: InboundContent,
): ChannelEvent {
  const source = sourceOf(given)
  if (!source) return nobody(type)
  return {
    type: 'message',
    source,
    from: source.kind === 'group' ? (given?.userId ?? null) : null,
    externalMessageId,
    sentAt: timestamp ?? null,
    content,
    replyToken: replyToken ?? null,
  }
}

/** LINE's multi-person chats are groups like others. */
function sourceOf(source: Source | undefined): EventSource | null {
  const externalId = idOf(source)
  if (externalId === undefined) return null
  return { kind: source?.type === 'user' ? 'person' : 'group', externalId, name: null, phone: null }
}

function idOf(source: Source | undefined): string | undefined {
  switch (source?.type) {
    case 'user':
      return source.userId
    case 'group':
      return source.groupId
    case 'room':
      return source.roomId
    default:
      return undefined
  }
}

const WORDS_MAX = 1_000
/** LINE gives up to fifteen, the first of them no better than the others. */
const KEYWORDS = 3

function contentOf(message: Message): InboundContent {
  switch (message.type) {
    case 'text':
      return message.text === undefined ? other(message) : { kind: 'text', text: message.text }
    case 'sticker':
      return { kind: 'sticker', label: short(message.text || (message.keywords ?? []).slice(0, KEYWORDS).join(', ')) }
    case 'location':
      return locationOf(message)
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      // Somebody else's address, of which nobody knows what it leads to.
      if (message.contentProvider?.type === 'external') return other(message)
      return { kind: 'media', media: message.type, name: short(message.fileName ?? ''), ref: message.id }
    default:
      return other(message)
  }
}

function locationOf(message: Message): InboundContent {
  const { title = '', address = '', latitude = NaN, longitude = NaN } = message
  const isOnEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return isOnEarth
    ? { kind: 'location', title: short(title), address: short(address), latitude, longitude }
    : other(message)
}

const other = ({ type }: Message): InboundContent => ({ kind: 'other', what: type.slice(0, 100).toWellFormed() })
const short = (text: string) => text.slice(0, WORDS_MAX).toWellFormed()
