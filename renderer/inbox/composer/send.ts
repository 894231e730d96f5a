/** Sends what the composer holds: the text first, then each attachment as a message of its own. */
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { Body } from '../../../backend/domain/rows.ts'
import { runCommand } from '../../api/command.ts'
import { newId } from '../../api/id.ts'

export type Sent = { ok: true } | { ok: false; refusal: Refusal }

/** A message to the customer. `ok` once it is durable on this device (SYN-2). */
export async function sendMessage(conversationId: ConversationId, body: Body): Promise<Sent> {
  const answer = await runCommand('message.send', { messageId: newId(), conversationId, body })
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
