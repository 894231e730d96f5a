/**
 * Who may do what with a conversation they see, as plain functions over rows: the rules and the interface ask the same
 * ones, so a disabled control can say why (ROL-4).
 */
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { Conversation, Member, Role } from '../rows.ts'
import { isMine, isPending } from '../visibility.ts'

/** Roles that may reply in, close and transfer what others follow (CNV-2). */
export const MANAGING = ['admin', 'supervisor', 'cs_manager'] as const satisfies Role[]
/** Roles that see what waits and may take it. */
export const TAKING = [...MANAGING, 'cs_agent', 'marketing_cs'] as const satisfies Role[]

function has(roles: readonly Role[], member: Member): boolean {
  return roles.includes(member.role)
}

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

/** Write to the customer (CNV-2). In a 待處理 conversation it takes it, so whoever may not take it may not write. */
export function mayReply(conversation: Conversation, member: Member): Verdict {
  if (conversation.status !== 'open') return mayTake(conversation, member)
  return mayHandle(conversation, member)
}

/** Add an internal note 備註 (CNV-8): whoever sees the conversation. */
export function mayNote(_conversation: Conversation, _member: Member): Verdict {
  return ALLOWED
}

/** Close 結束 (CNV-1, CNV-5). */
export function mayClose(conversation: Conversation, member: Member): Verdict {
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  return isPending(conversation) ? mayTake(conversation, member) : mayHandle(conversation, member)
}

/** Reopen 重啟 (CNV-1): who had it, or a managing role; one that nobody had, whoever may take. */
export function mayReopen(conversation: Conversation, member: Member): Verdict {
  if (conversation.status !== 'closed') return refused(refuse('conversation.notClosed', {}))
  if (isMine(conversation, member.id) || has(MANAGING, member)) return ALLOWED
  if (!conversation.followerId && has(TAKING, member)) return ALLOWED
  return refused(refuse('conversation.roleMayNot', {}, { whoCould: [...MANAGING] }))
}

/** Transfer 移轉 (CNV-6), to whomever {@link mayReceive} allows. */
export function mayTransfer(conversation: Conversation, member: Member): Verdict {
  if (conversation.kind === 'group') return refused(refuse('conversation.group', {}))
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  return isPending(conversation) ? mayTake(conversation, member) : mayHandle(conversation, member)
}

/** Whether a conversation may be handed to this member. */
export function mayReceive(conversation: Conversation, to: Member): Verdict {
  if (!to.active) return refused(refuse('transfer.toInactive', { member: to.id }, { instead: 'choose-other' }))
  if (to.role === 'marketer') return refused(refuse('transfer.toRole', { member: to.id }, { instead: 'choose-other' }))
  if (conversation.followerId === to.id) {
    return refused(refuse('transfer.already', { member: to.id }, { instead: 'choose-other' }))
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

/** What the follower, a collaborator or a managing role may do while somebody follows the conversation. */
function mayHandle(conversation: Conversation, member: Member): Verdict {
  if (isMine(conversation, member.id) || has(MANAGING, member)) return ALLOWED
  if (!conversation.followerId) return refused(refuse('conversation.roleMayNot', {}, { whoCould: [...MANAGING] }))
  return refused(
    refuse(
      'conversation.notFollower',
      { follower: conversation.followerId },
      { whoCould: [...MANAGING], instead: 'ask-follower' },
    ),
  )
}
