/** The bytes of what a customer sent have come from the platform, or cannot be had. Given by the hub. */
import { z } from 'zod'
import { MessageId } from '../ids.ts'
import { defineCommand, effect, get, put } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { attachmentOf } from '../rows.ts'
import type { Body, Message } from '../rows.ts'
import { cleanName } from '../text.ts'
import { lastMessageOf } from './append.ts'
import { StoredContent } from './content.ts'

/** Puts the picture or file in the place that was kept for it. What was taken back meanwhile stays so. */
export const settleMedia = defineCommand({
  name: 'message.media',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({ messageId: MessageId, content: StoredContent.nullable() }),
  *run({ messageId, content }) {
    const message = yield* get('message', messageId)
    if (message?.body.kind !== 'media') return
    const body: Body = content
      ? { ...content, name: cleanName(content.name) || 'file' }
      : { ...message.body, state: 'lost' }
    yield* changeBody(message, body)
  },
})

/** The customer took the message back (LINE): nothing of what it said is kept. */
export const unsendMessage = defineCommand({
  name: 'message.unsend',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({ messageId: MessageId }),
  *run({ messageId }) {
    const message = yield* get('message', messageId)
    if (message?.author.type !== 'customer') return
    yield* changeBody(message, { kind: 'unsent' })
    const file = attachmentOf(message.body)
    if (file) yield* effect({ type: 'attachment.remove', attachmentId: file.attachmentId })
  },
})

/** Writes another body, also where lists show the message. */
function* changeBody(message: Message, body: Body): Rule {
  const changed = { ...message, body }
  yield* put('message', changed)
  const conversation = yield* get('conversation', message.conversationId)
  if (conversation?.lastMessage?.messageId === message.id) {
    yield* put('conversation', { ...conversation, lastMessage: lastMessageOf(changed) })
  }
}
