/** Adding a message to a conversation: the ordinal, the preview and the counts follow from it, in one place. */
import { refuse } from '../refusal.ts'
import { get, put, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { MessageId } from '../ids.ts'
import type { Author, Body, Conversation, Delivery, Event, Time } from '../rows.ts'
import { preview } from '../text.ts'

type NewMessage = { id: MessageId; author: Author; body: Body; delivery: Delivery | null }

/**
 * Writes the message as the conversation's next, and gives back the conversation as it has to be written.
 * The caller writes it, with whatever else changes. Refuses an id that is already taken.
 */
export function* append(conversation: Conversation, message: NewMessage, now: Time): Rule<Conversation> {
  if (yield* get('message', message.id)) return yield* reject(refuse('request.invalid', { field: 'messageId' }))
  const ordinal = conversation.messageCount + 1
  yield* put('message', { ...message, conversationId: conversation.id, ordinal, at: now })
  const { id: messageId, author, body } = message
  const lastMessage = { messageId, author, kind: body.kind, preview: previewOf(body), at: now }
  return { ...conversation, messageCount: ordinal, lastMessage }
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
    case 'image':
    case 'file':
      return preview(body.name)
    case 'event':
      return ''
  }
}
