/** How far a message of ours has come (CNV-10), as the thread tells it: a glyph and a word, never colour alone. */
import type { ThreadMessage } from '../../../backend/workstation/views.ts'

export const MESSAGE_STATES = ['waiting', 'sending', 'sent', 'delivered', 'read', 'failed'] as const
/** `waiting` is 待送出: on this device alone. */
export type MessageState = (typeof MESSAGE_STATES)[number]

/** The state of a message to the customer; null for what has none (the customer's own, notes, system lines). */
export function messageState(message: Pick<ThreadMessage, 'waiting' | 'delivery'>): MessageState | null {
  if (message.delivery === null) return null
  return message.waiting ? 'waiting' : message.delivery.state
}

/** Name of the glyph for each state; each is of another shape. */
export const STATE_GLYPHS = {
  waiting: 'clock',
  sending: 'arrow-up',
  sent: 'check',
  delivered: 'check-check',
  read: 'eye',
  failed: 'alert',
} as const satisfies Record<MessageState, string>
