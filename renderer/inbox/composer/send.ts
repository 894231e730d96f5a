/** Sends what the composer holds: the text first, then each attachment as a message of its own. */
import type { ConversationId, MessageId } from '../../../backend/domain/ids.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { Content } from '../../../backend/domain/messages/content.ts'
import { runCommand } from '../../api/command.ts'
import { newId } from '../../api/id.ts'

export type Sent = { ok: true } | { ok: false; refusal: Refusal }

/** A message to the customer. `ok` once it is durable on this device (SYN-2). */
export async function sendMessage(conversationId: ConversationId, content: Content): Promise<Sent> {
  const answer = await runCommand('message.send', { messageId: newId(), conversationId, content })
  return answer.ok ? { ok: true } : answer
}

/** A message that the channel did not send, again: the same message, not a new one (CNV-10). */
export async function retryMessage(conversationId: ConversationId, messageId: MessageId): Promise<Sent> {
  const answer = await runCommand('message.retry', { conversationId, messageId })
  return answer.ok ? { ok: true } : answer
}

/** An internal note (CNV-8). */
export async function addNote(conversationId: ConversationId, text: string): Promise<Sent> {
  const answer = await runCommand('note.add', { messageId: newId(), conversationId, text })
  return answer.ok ? { ok: true } : answer
}

/** What is left in the field after `sent` was accepted: what was typed on meanwhile stays. */
export function remainder(now: string, sent: string): string {
  return now.startsWith(sent) ? now.slice(sent.length) : now
}
