/** What a customer can send to a business, and how the platform tells the business of it. */
import { webhookFault } from './errors.ts'
import { sha256 } from './media.ts'
import type { Media } from './media.ts'
import type { InboundMessage } from './schemas/webhooks.ts'

/** A customer of an account. */
export type WhatsAppUser = {
  /** The phone number in digits; null for one who shows only a username. */
  waId: string | null
  /** The business-scoped id, which everybody has. */
  userId: string
  name: string
  username: string | null
  /** ms by the fake's clock of their last message to the business; null before the first. */
  lastInboundAt: number | null
  /** They blocked the business. */
  hasBlockedUs: boolean
  /** The business blocked them. */
  isBlocked: boolean
}

/** Files go as bytes; answers say which of our messages they answer. */
export type CustomerMessage =
  | { type: 'text'; text: string }
  | { type: 'image' | 'video'; bytes: Buffer; mimeType: string; caption?: string }
  | { type: 'audio'; bytes: Buffer; mimeType: string; isVoice?: boolean }
  | { type: 'document'; bytes: Buffer; mimeType: string; filename: string; caption?: string }
  | { type: 'sticker'; bytes: Buffer; isAnimated?: boolean }
  | { type: 'location'; latitude: number; longitude: number; name?: string; address?: string; url?: string }
  | { type: 'contacts'; contacts: { name: string; phone?: string }[] }
  /** An empty emoji takes the reaction back. */
  | { type: 'reaction'; to: string; emoji: string }
  | { type: 'buttonReply'; to: string; id: string; title: string }
  | { type: 'listReply'; to: string; id: string; title: string; description?: string }
  | { type: 'flowReply'; to: string; name: string; fields: Record<string, unknown> }
  /** A tap on a template's quick-reply button. */
  | { type: 'quickReply'; to: string; payload: string; text: string }
  | { type: 'order'; catalogId: string; text?: string; items: { id: string; quantity: number; price: number }[] }
  /** Something the API has no words for, or media the platform could not fetch (131052). */
  | { type: 'unsupported'; code?: 131051 | 131052 }

export type InboundOptions = {
  /** The wamid of the message it quotes. */
  quotes?: string
  isForwarded?: boolean
}

type Envelope = Pick<InboundMessage, 'from' | 'from_user_id' | 'id' | 'timestamp' | 'context'>

/**
 * @param business the business's own number in digits, from which it is answered
 * @param keep stores a file, before its id is told
 */
export function inboundMessage(
  message: CustomerMessage,
  envelope: Envelope,
  business: string,
  keep: (bytes: Buffer, mimeType: string) => Media,
): InboundMessage {
  const file = (bytes: Buffer, mimeType: string) => ({
    id: keep(bytes, mimeType).id,
    mime_type: mimeType,
    sha256: sha256(bytes, 'base64'),
  })
  const caption = (text: string | undefined) => (text === undefined ? {} : { caption: text })
  switch (message.type) {
    case 'text':
      return { ...envelope, type: 'text', text: { body: message.text } }
    case 'image':
      return {
        ...envelope,
        type: 'image',
        image: { ...file(message.bytes, message.mimeType), ...caption(message.caption) },
      }
    case 'video':
      return {
        ...envelope,
        type: 'video',
        video: { ...file(message.bytes, message.mimeType), ...caption(message.caption) },
      }
    case 'audio':
      return {
        ...envelope,
        type: 'audio',
        audio: { ...file(message.bytes, message.mimeType), voice: message.isVoice ?? false },
      }
    case 'document': {
      const { bytes, mimeType, filename } = message
      const document = { ...file(bytes, mimeType), filename, ...caption(message.caption) }
      return { ...envelope, type: 'document', document }
    }
    case 'sticker':
      return {
        ...envelope,
        type: 'sticker',
        sticker: { ...file(message.bytes, 'image/webp'), animated: message.isAnimated ?? false },
      }
    case 'location': {
      const { type, ...location } = message
      return { ...envelope, type, location }
    }
    case 'contacts':
      return { ...envelope, type: 'contacts', contacts: message.contacts.map(sharedContact) }
    case 'reaction':
      return { ...envelope, type: 'reaction', reaction: { message_id: message.to, emoji: message.emoji } }
    case 'buttonReply':
    case 'listReply':
    case 'flowReply':
      return {
        ...envelope,
        type: 'interactive',
        context: { from: business, id: message.to },
        interactive: reply(message),
      }
    case 'quickReply': {
      const { to, payload, text } = message
      return { ...envelope, type: 'button', context: { from: business, id: to }, button: { payload, text } }
    }
    case 'order':
      return {
        ...envelope,
        type: 'order',
        order: {
          catalog_id: message.catalogId,
          text: message.text ?? '',
          product_items: message.items.map(({ id, quantity, price }) => ({
            product_retailer_id: id,
            quantity,
            item_price: price,
            currency: 'TWD',
          })),
        },
      }
    case 'unsupported': {
      const { code = 131051 } = message
      const details = code === 131051 ? 'Message type is currently not supported.' : 'The media could not be fetched.'
      return { ...envelope, type: 'unsupported', errors: [webhookFault({ code, details })] }
    }
  }
}

function sharedContact({ name, phone }: { name: string; phone?: string }) {
  const phones = phone === undefined ? {} : { phones: [{ phone, wa_id: phone.replaceAll(/\D/g, ''), type: 'CELL' }] }
  return { name: { formatted_name: name, first_name: name }, ...phones }
}

type Reply = Extract<CustomerMessage, { type: 'buttonReply' | 'listReply' | 'flowReply' }>

function reply(message: Reply): Extract<InboundMessage, { type: 'interactive' }>['interactive'] {
  switch (message.type) {
    case 'buttonReply':
      return { type: 'button_reply', button_reply: { id: message.id, title: message.title } }
    case 'listReply': {
      const { id, title, description } = message
      return { type: 'list_reply', list_reply: { id, title, ...(description !== undefined && { description }) } }
    }
    case 'flowReply': {
      const response_json = JSON.stringify(message.fields)
      return { type: 'nfm_reply', nfm_reply: { name: message.name, body: 'Sent', response_json } }
    }
  }
}
