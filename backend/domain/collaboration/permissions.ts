/** Who may add, join, ask, remove, leave and take over in a 協作對話 (COL-1 to COL-6, COL-12). */
import { LEADING, MANAGING, has } from '../conversations/roles.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { Conversation, Member } from '../rows.ts'
import type { MemberId } from '../ids.ts'
import { isCollaborating } from '../team/team.ts'
import type { Moment } from '../team/team.ts'
import { isMine, isPending } from '../visibility.ts'
import { COLLABORATORS_MAX } from './shared.ts'

/** Add 加入協作者 (COL-2): the follower, and a collaborator of a leading role. Whom: {@link mayBeAdded}. */
export function mayAdd(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const possible = mayBeShared(conversation, moment)
  if (!possible.allowed) return possible
  if (!mayAdmit(conversation, member)) {
    return refused(
      refuse(
        'collaboration.mayNotAdd',
        { follower: conversation.followerId ?? '' },
        {
          whoCould: [...LEADING],
          instead: isMine(conversation, member.id) || !has(MANAGING, member) ? 'ask-follower' : 'join',
        },
      ),
    )
  }
  return hasRoom(conversation, 1)
}

/** Whether this colleague may be added: somebody active who converses at all, and is not in it yet. */
export function mayBeAdded(conversation: Conversation, other: Member): Verdict {
  if (!other.active) return refused(refuse('transfer.toInactive', { member: other.id }, { instead: 'choose-other' }))
  if (other.role === 'marketer') {
    return refused(refuse('transfer.toRole', { member: other.id }, { instead: 'choose-other' }))
  }
  if (isMine(conversation, other.id)) {
    return refused(refuse('collaboration.isMember', { member: other.id }, { instead: 'choose-other' }))
  }
  return ALLOWED
}

/** Join 加入協作 by oneself (COL-3). */
export function mayJoin(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const possible = mayComeIn(conversation, member, moment)
  if (!possible.allowed) return possible
  return has(MANAGING, member)
    ? ALLOWED
    : refused(
        refuse(
          'collaboration.notMember',
          { follower: conversation.followerId ?? '' },
          { whoCould: [...MANAGING], instead: 'ask-to-join' },
        ),
      )
}

/** Ask to be let in 請求加入 (COL-3): who sees it and may not join by themself. */
export function mayAsk(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const possible = mayComeIn(conversation, member, moment)
  if (!possible.allowed) return possible
  if (has(MANAGING, member)) return refused(refuse('collaboration.mayJoin', {}, { instead: 'join' }))
  if (conversation.askingIds.includes(member.id)) return refused(refuse('collaboration.asked', {}, { instead: 'wait' }))
  return ALLOWED
}

/** Answer who asks to be let in: with no, or, where {@link mayAdd} has no objection, by adding them. */
export function mayDecline(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const possible = mayBeShared(conversation, moment)
  if (!possible.allowed) return possible
  return mayAdmit(conversation, member)
    ? ALLOWED
    : refused(
        refuse(
          'collaboration.mayNotAdd',
          { follower: conversation.followerId ?? '' },
          { whoCould: [...LEADING], instead: 'ask-follower' },
        ),
      )
}

/** Remove a collaborator 移出協作 (COL-5): the follower and the leading roles, in it or not. */
export function mayRemove(conversation: Conversation, member: Member, moment: Moment): Verdict {
  if (!isCollaborating(moment)) return refused(refuse('collaboration.off', {}))
  if (conversation.followerId === member.id || has(LEADING, member)) return ALLOWED
  return refused(
    refuse(
      'collaboration.mayNotRemove',
      { follower: conversation.followerId ?? '' },
      { whoCould: [...LEADING], instead: 'ask-follower' },
    ),
  )
}

/** Whether this member can be removed from it: a collaborator. */
export function mayBeRemoved(conversation: Conversation, other: MemberId): Verdict {
  return conversation.collaboratorIds.includes(other)
    ? ALLOWED
    : refused(refuse('collaboration.noMember', { member: other }, { instead: 'choose-other' }))
}

/** Leave 離開協作 (COL-5): whoever is in one, its follower too. */
export function mayLeave(conversation: Conversation, member: Member, moment: Moment): Verdict {
  if (!isCollaborating(moment)) return refused(refuse('collaboration.off', {}))
  if (conversation.collaboratorIds.length === 0 || !isMine(conversation, member.id)) {
    return refused(refuse('collaboration.notMine', {}))
  }
  return ALLOWED
}

/** Take over 接手 (COL-6): a collaborator of a leading role. */
export function mayTakeOver(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const possible = mayBeShared(conversation, moment)
  if (!possible.allowed) return possible
  if (conversation.followerId === member.id) return refused(refuse('conversation.alreadyYours', {}))
  if (!has(LEADING, member)) {
    return refused(refuse('collaboration.mayNotTakeOver', {}, { whoCould: [...LEADING], instead: 'ask-follower' }))
  }
  if (!conversation.collaboratorIds.includes(member.id)) {
    const instead = has(MANAGING, member) ? 'join' : 'ask-to-join'
    return refused(refuse('collaboration.notMember', { follower: conversation.followerId ?? '' }, { instead }))
  }
  return ALLOWED
}

/** Whether it can have `more` collaborators than it has (COL-2). */
export function hasRoom(conversation: Conversation, more: number): Verdict {
  return conversation.collaboratorIds.length + more <= COLLABORATORS_MAX
    ? ALLOWED
    : refused(refuse('collaboration.full', { max: COLLABORATORS_MAX }))
}

/** A 1-on-1 that somebody follows, in a team that collaborates (COL-1, COL-9, COL-12). */
function mayBeShared(conversation: Conversation, moment: Moment): Verdict {
  if (!isCollaborating(moment)) return refused(refuse('collaboration.off', {}))
  if (conversation.kind === 'group') return refused(refuse('conversation.group', {}))
  if (isPending(conversation)) return refused(refuse('conversation.pending', {}, { instead: 'take' }))
  if (conversation.status === 'closed') return refused(refuse('conversation.closed', {}, { instead: 'reopen' }))
  return ALLOWED
}

function mayComeIn(conversation: Conversation, member: Member, moment: Moment): Verdict {
  const possible = mayBeShared(conversation, moment)
  if (!possible.allowed) return possible
  if (isMine(conversation, member.id)) return refused(refuse('collaboration.isMember', { member: member.id }))
  if (member.role === 'marketer') return refused(refuse('conversation.roleMayNot', {}, { whoCould: [...MANAGING] }))
  return hasRoom(conversation, 1)
}

function mayAdmit(conversation: Conversation, member: Member): boolean {
  if (conversation.followerId === member.id) return true
  return conversation.collaboratorIds.includes(member.id) && has(LEADING, member)
}
