/** Who may receive a conversation, found by name, email or phone. */
import { mayReceive } from '../../../backend/domain/conversations/permissions.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'
import { fits } from './find-member.ts'

/** The members who may receive the conversation (CNV-6, COL-7) and fit what was typed, in the order given. */
export function receivers(
  members: readonly Member[],
  conversation: Conversation,
  typed: string,
  moment: Moment,
): Member[] {
  return members.filter((member) => mayReceive(conversation, member, moment).allowed && fits(member, typed))
}

/** The members who may receive any of the conversations: the others of a batch are refused one by one. */
export function receiversOfAny(
  members: readonly Member[],
  conversations: readonly Conversation[],
  typed: string,
  moment: Moment,
): Member[] {
  return members.filter((member) => conversations.some((one) => receivers([member], one, typed, moment).length > 0))
}
