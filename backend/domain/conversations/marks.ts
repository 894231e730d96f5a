/** What one member has read and pinned (CNV-7): nobody else's changes. */
import { z } from 'zod'
import { ConversationId, markId } from '../ids.ts'
import { ALLOWED } from '../refusal.ts'
import { defineCommand, get, put } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Mark, Member } from '../rows.ts'
import { mayMarkRead, mayPin } from './permissions.ts'
import { permitted } from './permitted.ts'

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
    const { member, conversation } = yield* permitted(conversationId, context, mayMarkRead)
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
    const { member } = yield* permitted(conversationId, context, pinned ? mayPin : () => ALLOWED)
    const mark = yield* markOf(member, conversationId)
    yield* put('mark', { ...mark, pinnedAt: pinned ? context.now : null })
  },
})
