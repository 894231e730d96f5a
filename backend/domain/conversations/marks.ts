/** What one member has read and pinned (CNV-7): nobody else's changes. */
import { z } from 'zod'
import { ConversationId, markId } from '../ids.ts'
import { allow, asMember, defineCommand, get, put } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Mark, Member } from '../rows.ts'
import { seen } from '../visibility.ts'
import { mayMarkRead, mayPin } from './permissions.ts'

function* markOf(member: Member, conversationId: ConversationId): Rule<Mark> {
  const id = markId(member.id, conversationId)
  const mark = yield* get('mark', id)
  return mark ?? { id, memberId: member.id, conversationId, readInbound: 0, pinnedAt: null }
}

/** The member has read the customer's first `readInbound` messages; a smaller number than before changes nothing. */
export const markRead = defineCommand({
  name: 'conversation.markRead',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, readInbound: z.number().int().nonnegative() }),
  *run({ conversationId, readInbound }, context) {
    const member = yield* asMember(context)
    const conversation = yield* seen(conversationId, member)
    yield* allow(mayMarkRead(conversation, member))
    const mark = yield* markOf(member, conversationId)
    const read = Math.min(readInbound, conversation.inboundCount)
    if (read > mark.readInbound) yield* put('mark', { ...mark, readInbound: read })
  },
})

/** Puts it at the top of the member's lists, or takes it from there. */
export const pinConversation = defineCommand({
  name: 'conversation.pin',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, pinned: z.boolean() }),
  *run({ conversationId, pinned }, context) {
    const member = yield* asMember(context)
    const conversation = yield* seen(conversationId, member)
    if (pinned) yield* allow(mayPin(conversation, member))
    const mark = yield* markOf(member, conversationId)
    yield* put('mark', { ...mark, pinnedAt: pinned ? context.now : null })
  },
})
