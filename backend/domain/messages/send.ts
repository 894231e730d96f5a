/** A member writes to the customer (CNV-2, CNV-7, CNV-9, CNV-10). */
import { z } from 'zod'
import { mayWriteNow } from '../channels/window.ts'
import { mayReply } from '../conversations/permissions.ts'
import { permitted } from '../conversations/permitted.ts'
import { ConversationId, MessageId } from '../ids.ts'
import { allow, defineCommand, effect, get, put, reject } from '../rule.ts'
import type { Context, Rule } from '../rule.ts'
import { refuse } from '../refusal.ts'
import type { Channel, Conversation, Member } from '../rows.ts'
import { isPending } from '../visibility.ts'
import { append } from './append.ts'
import { Content, checkContent } from './content.ts'

/**
 * Sends a message. In a 待處理 conversation it takes it; in a 1-on-1 it makes everything read for everyone. Outside the
 * channel's window it is refused (CNV-9).
 */
export const sendMessage = defineCommand({
  name: 'message.send',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, messageId: MessageId, content: Content }),
  *run({ conversationId, messageId, content }, context) {
    const { member, conversation, channel } = yield* writing(conversationId, context, content.kind)
    const body = yield* checkContent(content, channel)
    const message = {
      id: messageId,
      author: { type: 'member', memberId: member.id },
      body,
      delivery: { state: 'sending' },
    } as const
    const added = yield* append(conversation, message, context.now)
    yield* put('conversation', {
      ...added,
      ...(isPending(conversation) ? { status: 'open', followerId: member.id } : {}),
      clearedInbound:
        conversation.collaboratorIds.length === 0 ? conversation.inboundCount : conversation.clearedInbound,
      waitingSince: null,
    })
    yield* effect({ type: 'channel.send', channelId: conversation.channelId, conversationId, messageId })
  },
})

/** Sends a message again that the channel refused (CNV-10). */
export const retryMessage = defineCommand({
  name: 'message.retry',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, messageId: MessageId }),
  *run({ conversationId, messageId }, context) {
    const message = yield* get('message', messageId)
    const { conversation } = yield* writing(conversationId, context, message?.body.kind ?? 'text')
    if (message?.conversationId !== conversationId || message.delivery?.state !== 'failed') {
      return yield* reject(refuse('request.notFound', {}))
    }
    yield* put('message', { ...message, delivery: { state: 'sending' } })
    yield* effect({ type: 'channel.send', channelId: conversation.channelId, conversationId, messageId })
  },
})

function* writing(
  conversationId: ConversationId,
  context: Context,
  kind: string,
): Rule<{ member: Member; conversation: Conversation; channel: Channel }> {
  const { member, conversation } = yield* permitted(conversationId, context, mayReply)
  const channel = yield* get('channel', conversation.channelId)
  if (!channel) return yield* reject(refuse('request.notFound', {}))
  const content = kind === 'template' ? 'template' : 'other'
  yield* allow(mayWriteNow(channel.kind, conversation, content, context.now))
  return { member, conversation, channel }
}
