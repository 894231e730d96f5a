/** The events of an account's webhook, as objects: their common form, and a customer's message in LINE's. */
import { newEventId, newMessageId, newToken } from './ids.ts'
import type { Content } from './contents.ts'
import type { Chat, User } from './people.ts'
import type { MessageContent, Source } from './webhook-schemas.ts'

/** What a customer writes. Durations are in ms. */
export type CustomerMessage =
  | {
      type: 'text'
      text: string
      emojis?: { index: number; length: number; productId: string; emojiId: string }[]
      /** Of these users, or of the whole group, at that place in the text. */
      mentions?: { index: number; length: number; user: User | 'all' | 'account' }[]
    }
  | { type: 'image'; bytes: Uint8Array; mime?: string; imageSet?: { id: string; index: number; total: number } }
  | ({ type: 'video'; bytes: Uint8Array; mime?: string; durationMs?: number } & Transcoded)
  | ({ type: 'audio'; bytes: Uint8Array; mime?: string; durationMs?: number } & Transcoded)
  | { type: 'file'; name: string; bytes: Uint8Array; mime?: string }
  | { type: 'location'; title?: string; address?: string; latitude: number; longitude: number }
  | {
      type: 'sticker'
      packageId: string
      stickerId: string
      resourceType?: Extract<MessageContent, { type: 'sticker' }>['stickerResourceType']
      keywords?: string[]
      text?: string
    }

type Transcoded = { transcoding?: Content['transcoding'] }

/** Where and by whom; nobody's id is in it when the user is not known to the account. */
export function sourceOf(user: User | null, chat: Chat | null): Source {
  const who = user ? { userId: user.id } : {}
  if (!chat) return { type: 'user', ...who }
  return chat.kind === 'group' ? { type: 'group', groupId: chat.id, ...who } : { type: 'room', roomId: chat.id, ...who }
}

/** What every event has. */
export function envelope(at: number) {
  return {
    timestamp: Math.floor(at),
    mode: 'active' as const,
    webhookEventId: newEventId(at),
    deliveryContext: { isRedelivery: false },
  }
}

/**
 * A customer's message as LINE tells of it, and the bytes LINE keeps of it.
 * @param newQuoteToken for the kinds of message that can be quoted
 */
export function contentOf(
  message: CustomerMessage,
  { quotes, newQuoteToken, account }: { quotes: string | undefined; newQuoteToken: () => string; account: string },
): { content: MessageContent; kept: Content | null } {
  const common = { id: newMessageId(), markAsReadToken: newToken() }
  const own = { contentProvider: { type: 'line' as const } }
  const quoting = quotes === undefined ? {} : { quotedMessageId: quotes }
  const keep = (mime: string, transcoding: Content['transcoding'] = 'succeeded'): Content => ({
    bytes: 'bytes' in message ? Buffer.from(message.bytes) : Buffer.alloc(0),
    mime: ('mime' in message ? message.mime : undefined) ?? mime,
    transcoding,
  })
  switch (message.type) {
    case 'text': {
      const mentionees = message.mentions?.map(({ index, length, user }) =>
        user === 'all'
          ? { type: 'all' as const, index, length }
          : user === 'account'
            ? { type: 'user' as const, index, length, userId: account, isSelf: true }
            : { type: 'user' as const, index, length, userId: user.id, isSelf: false },
      )
      return {
        content: {
          type: 'text',
          ...common,
          text: message.text,
          ...(message.emojis ? { emojis: message.emojis } : {}),
          ...(mentionees ? { mention: { mentionees } } : {}),
          quoteToken: newQuoteToken(),
          ...quoting,
        },
        kept: null,
      }
    }
    case 'image':
      return {
        content: {
          type: 'image',
          ...common,
          ...own,
          ...(message.imageSet ? { imageSet: message.imageSet } : {}),
          quoteToken: newQuoteToken(),
        },
        kept: keep('image/jpeg'),
      }
    case 'video':
      return {
        content: {
          type: 'video',
          ...common,
          ...own,
          ...durationOf(message.durationMs),
          quoteToken: newQuoteToken(),
        },
        kept: keep('video/mp4', message.transcoding),
      }
    case 'audio':
      return {
        content: { type: 'audio', ...common, ...own, ...durationOf(message.durationMs) },
        kept: keep('audio/x-m4a', message.transcoding),
      }
    case 'file':
      return {
        content: { type: 'file', ...common, fileName: message.name, fileSize: message.bytes.length },
        kept: keep('application/octet-stream'),
      }
    case 'location': {
      const { title, address, latitude, longitude } = message
      return {
        content: {
          type: 'location',
          ...common,
          ...(title === undefined ? {} : { title }),
          ...(address === undefined ? {} : { address }),
          latitude,
          longitude,
        },
        kept: null,
      }
    }
    case 'sticker': {
      const { packageId, stickerId, resourceType = 'STATIC', keywords, text } = message
      return {
        content: {
          type: 'sticker',
          ...common,
          packageId,
          stickerId,
          stickerResourceType: resourceType,
          ...(keywords ? { keywords } : {}),
          ...(text === undefined ? {} : { text }),
          quoteToken: newQuoteToken(),
          ...quoting,
        },
        kept: null,
      }
    }
  }
}

const durationOf = (ms: number | undefined) => (ms === undefined ? {} : { duration: ms })
