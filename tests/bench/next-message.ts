/** What a hub tells of a customer who writes once more. */
import { v7 as newId } from 'uuid'
import { MessageId } from '../../backend/domain/ids.ts'
import type { Conversation, Message } from '../../backend/domain/rows.ts'
import type { TableRow } from '../../backend/sync/protocol.ts'

/** The conversation as it is after one more message of its customer, and the rows of the patch. */
export function nextMessage(before: Conversation, at: number): { conversation: Conversation; puts: TableRow[] } {
  const ordinal = before.messageCount + 1
  const author = { type: 'customer', from: null } as const
  const id = MessageId.parse(newId())
  const text = `想再請問一下第 ${ordinal} 件，什麼時候會到？`
  const message: Message = {
    id,
    conversationId: before.id,
    ordinal,
    author,
    body: { kind: 'text', text },
    delivery: null,
    at,
  }
  const conversation: Conversation = {
    ...before,
    messageCount: ordinal,
    inboundCount: before.inboundCount + 1,
    lastMessage: { messageId: id, author, kind: 'text', preview: text, at },
    lastInboundAt: at,
  }
  return {
    conversation,
    puts: [
      ['conversation', conversation],
      ['message', message],
    ],
  }
}
