/** The six lists of the inbox; every conversation a member sees is in exactly one of them. */
import type { MemberId } from './ids.ts'
import type { Conversation } from './rows.ts'

export const LIST_NAMES = [
  'pending_person',
  'pending_bot',
  'open_mine',
  'open_team',
  'closed_mine',
  'closed_team',
] as const
export type ListName = (typeof LIST_NAMES)[number]

/** The list in which `memberId` finds the conversation (CNV-5: what they followed or shared is theirs). */
export function listOf(conversation: Conversation, memberId: MemberId): ListName {
  const { status } = conversation
  if (status === 'pending_person' || status === 'pending_bot') return status
  const mine = conversation.followerId === memberId || conversation.collaboratorIds.includes(memberId)
  return `${status}_${mine ? 'mine' : 'team'}`
}
