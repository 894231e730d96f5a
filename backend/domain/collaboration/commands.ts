/** 協作對話: several members share a conversation (COL-2 to COL-6). Each leaves its system line in the thread (COL-11). */
import { z } from 'zod'
import { permitted } from '../conversations/permitted.ts'
import { ConversationId, MemberId, MessageId } from '../ids.ts'
import { appendEvent } from '../messages/append.ts'
import { refuse } from '../refusal.ts'
import { allow, defineCommand, get, put, reject } from '../rule.ts'
import { followedBy, withMembers, withoutMember } from './membership.ts'
import {
  hasRoom,
  mayAdd,
  mayAsk,
  mayBeAdded,
  mayBeRemoved,
  mayDecline,
  mayJoin,
  mayLeave,
  mayRemove,
  mayTakeOver,
} from './permissions.ts'
import { COLLABORATORS_MAX } from './shared.ts'

/** `messageId` is for the system line in the thread. */
const args = { conversationId: ConversationId, messageId: MessageId }

/** Adds colleagues, all or none; it also admits who asked. Who is in it already is passed over, but for one alone. */
export const addCollaborators = defineCommand({
  name: 'collaboration.add',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ ...args, memberIds: z.array(MemberId).min(1).max(COLLABORATORS_MAX) }),
  *run({ conversationId, messageId, memberIds }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayAdd)
    const added: MemberId[] = []
    for (const id of new Set(memberIds)) {
      const other = yield* get('member', id)
      if (!other) return yield* reject(refuse('request.notFound', {}, { instead: 'choose-other' }))
      const verdict = mayBeAdded(conversation, other)
      const isThere = !verdict.allowed && verdict.refusal.code === 'collaboration.isMember'
      if (isThere && memberIds.length > 1) continue
      yield* allow(verdict)
      added.push(id)
    }
    if (added.length === 0) return yield* reject(refuse('collaboration.isMember', { member: memberIds[0] ?? '' }))
    yield* allow(hasRoom(conversation, added.length))
    const event = { type: 'added', by: member.id, members: added } as const
    const told = yield* appendEvent(conversation, messageId, event, context.now)
    yield* put('conversation', { ...told, ...withMembers(conversation, added) })
  },
})

/** The member comes in by themself. */
export const joinCollaboration = defineCommand({
  name: 'collaboration.join',
  by: 'member',
  offline: 'queue',
  args: z.strictObject(args),
  *run({ conversationId, messageId }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayJoin)
    const told = yield* appendEvent(conversation, messageId, { type: 'joined', by: member.id }, context.now)
    yield* put('conversation', { ...told, ...withMembers(conversation, [member.id]) })
  },
})

/** The member asks to be let in; whoever may add sees it and answers. It leaves no line in the thread. */
export const askToJoin = defineCommand({
  name: 'collaboration.ask',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId }),
  *run({ conversationId }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayAsk)
    yield* put('conversation', { ...conversation, askingIds: [...conversation.askingIds, member.id] })
  },
})

/** Answers who asked to be let in with no. */
export const declineAsking = defineCommand({
  name: 'collaboration.decline',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, memberId: MemberId }),
  *run({ conversationId, memberId }, context) {
    const { conversation } = yield* permitted(conversationId, context, mayDecline)
    if (!conversation.askingIds.includes(memberId)) {
      return yield* reject(refuse('collaboration.notAsked', { member: memberId }))
    }
    yield* put('conversation', {
      ...conversation,
      askingIds: conversation.askingIds.filter((id) => id !== memberId),
    })
  },
})

/** Takes a collaborator out of it. */
export const removeCollaborator = defineCommand({
  name: 'collaboration.remove',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ ...args, memberId: MemberId }),
  *run({ conversationId, messageId, memberId }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayRemove)
    yield* allow(mayBeRemoved(conversation, memberId))
    const event = { type: 'removed', by: member.id, member: memberId } as const
    const told = yield* appendEvent(conversation, messageId, event, context.now)
    yield* put('conversation', { ...told, ...withoutMember(conversation, memberId) })
  },
})

/** The member goes; when it was the follower, who joined first follows. */
export const leaveCollaboration = defineCommand({
  name: 'collaboration.leave',
  by: 'member',
  offline: 'queue',
  args: z.strictObject(args),
  *run({ conversationId, messageId }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayLeave)
    const told = yield* appendEvent(conversation, messageId, { type: 'left', by: member.id }, context.now)
    yield* put('conversation', { ...told, ...withoutMember(conversation, member.id) })
  },
})

/** The member becomes the follower, who followed it a collaborator. */
export const takeOver = defineCommand({
  name: 'collaboration.takeOver',
  by: 'member',
  offline: 'queue',
  args: z.strictObject(args),
  *run({ conversationId, messageId }, context) {
    const { member, conversation } = yield* permitted(conversationId, context, mayTakeOver)
    const told = yield* appendEvent(conversation, messageId, { type: 'tookOver', by: member.id }, context.now)
    yield* put('conversation', { ...told, ...followedBy(conversation, member.id) })
  },
})
