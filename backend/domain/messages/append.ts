/** Adding a message to a conversation: the ordinal, the preview and the counts follow from it, in one place. */
import { refuse } from '../refusal.ts'
import { get, put, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { MessageId } from '../ids.ts'
import type { Author, Body, Conversation, Delivery, Event, LastMessage, Message, Time } from '../rows.ts'
import { preview } from '../text.ts'

type NewMessage = { id: MessageId; author: Author; body: Body; delivery: Delivery | null }

/**
 * Writes the message as the conversation's next, and gives back the conversation as it has to be written.
 * The caller writes it, with whatever else changes. Refuses an id that is already taken.
 */
export function* append(conversation: Conversation, message: NewMessage, now: Time): Rule<Conversation> {
  if (yield* get('message', message.id)) return yield* reject(refuse('request.invalid', { field: 'messageId' }))
  const ordinal = conversation.messageCount + 1
  const added = { ...message, conversationId: conversation.id, ordinal, at: now }
  yield* put('message', added)
  return { ...conversation, messageCount: ordinal, lastMessage: lastMessageOf(added) }
}

/** What lists show of a message. */
export function lastMessageOf({ id: messageId, author, body, at }: Message): LastMessage {
  return { messageId, author, kind: body.kind, preview: previewOf(body), at }
}

/** Adds a system line. */
export function appendEvent(conversation: Conversation, id: MessageId, event: Event, now: Time): Rule<Conversation> {
  return append(conversation, { id, author: { type: 'system' }, body: { kind: 'event', event }, delivery: null }, now)
}

function previewOf(body: Body): string {
  switch (body.kind) {
    case 'text':
    case 'note':
      return preview(body.text)
    case 'template':
      return preview(body.text)
    case 'image':
    case 'file':
    case 'media':
      return preview(body.name)
    case 'sticker':
      return preview(body.label)
    case 'location':
      return preview(body.title || body.address)
    case 'event':
    case 'unsent':
    case 'other':
      return ''
  }
}
