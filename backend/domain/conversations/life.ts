/** The life of a conversation: take 跟進, close 結束, reopen 重啟, transfer 移轉 (CNV-1, 2, 5, 6, 7). */
import { z } from 'zod'
import { ConversationId, MemberId, MessageId } from '../ids.ts'
import { appendEvent } from '../messages/append.ts'
import { refuse } from '../refusal.ts'
import { allow, defineCommand, get, list, put, reject } from '../rule.ts'
import { followedBy } from '../collaboration/membership.ts'
import { isCollaboration } from '../collaboration/shared.ts'
import { BatchPlace, inBatch } from './batch.ts'
import { mayClose, mayReceive, mayReopen, mayTake, mayTransfer } from './permissions.ts'
import { permitted } from './permitted.ts'

/** `messageId` is for the system line in the thread. */
const args = { conversationId: ConversationId, messageId: MessageId }

/** The member becomes the follower. */
export const takeConversation = defineCommand({
  name: 'conversation.take',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ ...args, batch: BatchPlace.optional() }),
  *run({ conversationId, messageId, batch }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, inBatch('take', batch, mayTake))
    const added = yield* appendEvent(conversation, messageId, { type: 'taken', by: member.id }, context.now)
    yield* put('conversation', { ...added, status: 'open', followerId: member.id })
  },
})

/** Ends it and clears everyone's pins (CNV-7). Its follower keeps it under 我的已結束; without one it is the team's (CNV-5). */
export const closeConversation = defineCommand({
  name: 'conversation.close',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ ...args, batch: BatchPlace.optional() }),
  *run({ conversationId, messageId, batch }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, inBatch('close', batch, mayClose))
    for (const mark of yield* list('mark', 'conversationId', conversationId)) {
      if (mark.pinnedAt !== null) yield* put('mark', { ...mark, pinnedAt: null })
    }
    const added = yield* appendEvent(conversation, messageId, { type: 'closed', by: member.id }, context.now)
    yield* put('conversation', {
      ...added,
      status: 'closed',
      askingIds: [],
      closedAt: context.now,
      closedBy: member.id,
      waitingSince: null,
    })
  },
})

/** Brings it back to 處理中, to its follower; to the member when nobody followed it or the follower has left the team. */
export const reopenConversation = defineCommand({
  name: 'conversation.reopen',
  by: 'member',
  offline: 'queue',
  args: z.strictObject(args),
  *run({ conversationId, messageId }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayReopen)
    const follower = conversation.followerId ? yield* get('member', conversation.followerId) : undefined
    const added = yield* appendEvent(conversation, messageId, { type: 'reopened', by: member.id }, context.now)
    yield* put('conversation', {
      ...added,
      status: 'open',
      followerId: follower?.active ? follower.id : member.id,
      closedAt: null,
      closedBy: null,
    })
  },
})

/** Hands it to another member, who becomes the follower (CNV-6); in a collaboration the two change places (COL-7). */
export const transferConversation = defineCommand({
  name: 'conversation.transfer',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ ...args, toMemberId: MemberId, batch: BatchPlace.optional() }),
  *run({ conversationId, messageId, toMemberId, batch }, context) {
    const { member, conversation, moment } = yield* permitted(
      conversationId,
      context,
      inBatch('transfer', batch, mayTransfer),
    )
    const to = yield* get('member', toMemberId)
    if (!to) return yield* reject(refuse('request.notFound', {}, { instead: 'choose-other' }))
    yield* allow(mayReceive(conversation, to, moment))
    const event = { type: 'transferred', by: member.id, to: to.id } as const
    const added = yield* appendEvent(conversation, messageId, event, context.now)
    const membership = isCollaboration(conversation, moment) ? followedBy(conversation, to.id) : { followerId: to.id }
    yield* put('conversation', { ...added, status: 'open', ...membership })
  },
})
