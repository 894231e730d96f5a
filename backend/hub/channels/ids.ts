/**
 * Ids of what comes from a platform, derived from the platform's own: so an event that comes twice, or a message that is
 * taken back, is about the same rows without anything being kept for it.
 */
import { createHash } from 'node:crypto'
import { AttachmentId, ContactId, ConversationId, MessageId } from '../../domain/ids.ts'
import type { ChannelId } from '../../domain/ids.ts'

/** A conversation and its contact, by who or which group it is with. */
export function sourceIds(
  channelId: ChannelId,
  externalId: string,
): { contactId: ContactId; conversationId: ConversationId } {
  const own = digest(channelId, 'source', externalId)
  return { contactId: ContactId.parse(`c~${own}`), conversationId: ConversationId.parse(`v~${own}`) }
}

/** The contact that a conversation from a platform is with, as {@link sourceIds} made both. */
export function contactIdOf(conversationId: ConversationId): string {
  // A later conversation of the same contact has its number at the end (see `conversationIdOf`).
  const [kind, own] = conversationId.split('~')
  return kind === 'v' && own !== undefined ? `c~${own}` : conversationId
}

/** A message, by the platform's id of it. */
export function messageIdOf(channelId: ChannelId, externalMessageId: string): MessageId {
  return MessageId.parse(`m~${digest(channelId, 'message', externalMessageId)}`)
}

/** The system line about an event, by the platform's id of that. */
export function eventLineId(channelId: ChannelId, eventId: string): MessageId {
  return MessageId.parse(`e~${digest(channelId, 'event', eventId)}`)
}

/** The file of a customer's message. */
export function attachmentIdOf(messageId: MessageId): AttachmentId {
  return AttachmentId.parse(`a~${digest(messageId, 'file', '')}`)
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)
}
