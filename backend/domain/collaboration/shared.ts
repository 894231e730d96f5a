/** What makes a conversation a 協作對話, and what that means for whoever is not its follower. */
import { MANAGING, has } from '../conversations/roles.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Refusal, Verdict } from '../refusal.ts'
import type { Conversation, Member } from '../rows.ts'
import { isCollaborating } from '../team/team.ts'
import type { Moment } from '../team/team.ts'

/** How many collaborators a conversation may have beside its follower (COL-2). */
export const COLLABORATORS_MAX = 5

/** Whether several members share the conversation. While the team does not collaborate nothing of it shows (COL-1). */
export function isCollaboration(conversation: Conversation, moment: Moment): boolean {
  return conversation.collaboratorIds.length > 0 && isCollaborating(moment)
}

/** What in a collaboration is for its follower alone (COL-7, COL-8). */
export function mayHandleShared(
  conversation: Conversation,
  member: Member,
  code: 'collaboration.onlyFollowerCloses' | 'collaboration.onlyFollowerTransfers',
): Verdict {
  const { followerId } = conversation
  if (followerId === member.id || followerId === null) return ALLOWED
  return refused(refuse(code, { follower: followerId }, { instead: 'ask-follower' }))
}

/** Why somebody who is not in it may not write there, and how they get in (COL-3, COL-4). */
export function notMember(conversation: Conversation, member: Member): Refusal {
  const follower = conversation.followerId ?? ''
  return refuse(
    'collaboration.notMember',
    { follower },
    { whoCould: [...MANAGING], instead: has(MANAGING, member) ? 'join' : 'ask-to-join' },
  )
}
