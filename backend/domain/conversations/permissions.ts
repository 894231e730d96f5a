/**
 * Who may do what with a conversation they see, as plain functions over rows: the rules and the interface ask the same
 * ones, so a disabled control can say why (ROL-4). What is about collaborating is in `collaboration/permissions.ts`.
 */
import { isCollaboration, mayHandleShared, notMember } from '../collaboration/shared.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { Conversation, Member, Role } from '../rows.ts'
import { isCollaborating } from '../team/team.ts'
import type { Moment } from '../team/team.ts'
import { isMine, isPending } from '../visibility.ts'
import { MANAGING, TAKING, has } from './roles.ts'

/** Take 跟進 (CNV-1, CNV-2). */
export function mayTake(conversation: Conversation, member: Member): Verdict {
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  if (conversation.status === 'open') {
    if (conversation.followerId === member.id) return refused(refuse('conversation.alreadyYours', {}))
    if (conversation.followerId) {
      return refused(
        refuse(
          'conversation.takenBy',
          { follower: conversation.followerId },
          { whoCould: [...MANAGING], instead: 'ask-follower' },
        ),
      )
    }
  }
  if (!has(TAKING, member)) return refused(refuse('conversation.roleMayNot', {}, { whoCould: [...TAKING] }))
  return ALLOWED
}

/**
 * Write to the customer (CNV-2). In a 待處理 conversation it takes it, so whoever may not take it may not write. Once the
 * team collaborates only follower and collaborators may, whatever their role (COL-4); a group, which nobody can join,
 * stays with its follower and the managing roles.
 */
export function mayReply(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const { status, followerId, kind } = conversation
  if (status !== 'open' || followerId === null) return mayTake(conversation, member)
  if (isCollaborating(moment) && kind === 'direct') {
    return isMine(conversation, member.id) ? ALLOWED : refused(notMember(conversation, member))
  }
  return mayHandle(conversation, member)
}

/** Add an internal note 備註 (CNV-8): whoever sees the conversation. */
export function mayNote(_conversation: Conversation, _member: Member): Verdict {
  return ALLOWED
}

/** Close 結束 (CNV-1, CNV-5); a collaboration only by its follower (COL-8). */
export function mayClose(conversation: Conversation, member: Member, moment: Moment): Verdict {
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  if (isPending(conversation)) return mayTake(conversation, member)
  if (isCollaboration(conversation, moment)) {
    return mayHandleShared(conversation, member, 'collaboration.onlyFollowerCloses')
  }
  return mayHandle(conversation, member)
}

/** The roles that reopen a collaboration that is not theirs (COL-8). */
const REOPENING_SHARED = ['admin', 'supervisor'] as const satisfies Role[]

/**
 * Reopen 重啟 (CNV-1): who had it, or a managing role; one that nobody had, whoever may take; a collaboration by who is
 * in it, or an admin or supervisor (COL-8).
 */
export function mayReopen(conversation: Conversation, member: Member, moment: Moment): Verdict {
  if (conversation.status !== 'closed') return refused(refuse('conversation.notClosed', {}))
  const others = isCollaboration(conversation, moment) ? REOPENING_SHARED : MANAGING
  if (isMine(conversation, member.id) || has(others, member)) return ALLOWED
  if (!conversation.followerId && has(TAKING, member)) return ALLOWED
  return refused(refuse('conversation.roleMayNot', {}, { whoCould: [...others] }))
}

/** Transfer 移轉 (CNV-6), to whomever {@link mayReceive} allows; a collaboration only by its follower (COL-7). */
export function mayTransfer(conversation: Conversation, member: Member, moment: Moment): Verdict {
  if (conversation.kind === 'group') return refused(refuse('conversation.group', {}))
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  if (isPending(conversation)) return mayTake(conversation, member)
  if (isCollaboration(conversation, moment)) {
    return mayHandleShared(conversation, member, 'collaboration.onlyFollowerTransfers')
  }
  return mayHandle(conversation, member)
}

/** Whether a conversation may be handed to this member; a collaboration only to one who is in it (COL-7). */
export function mayReceive(conversation: Conversation, to: Member, moment: Moment): Verdict {
  if (!to.active) return refused(refuse('transfer.toInactive', { member: to.id }, { instead: 'choose-other' }))
  if (to.role === 'marketer') return refused(refuse('transfer.toRole', { member: to.id }, { instead: 'choose-other' }))
  if (conversation.followerId === to.id) {
    return refused(refuse('transfer.already', { member: to.id }, { instead: 'choose-other' }))
  }
  if (isCollaboration(conversation, moment) && !conversation.collaboratorIds.includes(to.id)) {
    return refused(refuse('transfer.notCollaborator', { member: to.id }, { instead: 'choose-other' }))
  }
  return ALLOWED
}

/** Pin 置頂 for oneself (CNV-7). */
export function mayPin(conversation: Conversation, _member: Member): Verdict {
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  return ALLOWED
}

/** Whether looking at it counts as reading: not when a colleague follows it (CNV-7). */
export function mayMarkRead(conversation: Conversation, member: Member): Verdict {
  if (conversation.followerId && !isMine(conversation, member.id))
    return refused(refuse('conversation.readByOthers', {}))
  return ALLOWED
}

/** What the follower or a managing role may do while somebody follows the conversation. */
function mayHandle(conversation: Conversation, member: Member): Verdict {
  if (conversation.followerId === member.id || has(MANAGING, member)) return ALLOWED
  if (!conversation.followerId) return refused(refuse('conversation.roleMayNot', {}, { whoCould: [...MANAGING] }))
  return refused(
    refuse(
      'conversation.notFollower',
      { follower: conversation.followerId },
      { whoCould: [...MANAGING], instead: 'ask-follower' },
    ),
  )
}
