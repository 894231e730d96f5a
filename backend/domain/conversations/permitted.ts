/** How every command on a conversation begins: the member sees it, and may do this with it. */
import type { ConversationId } from '../ids.ts'
import type { Verdict } from '../refusal.ts'
import { allow, asMemberNow } from '../rule.ts'
import type { Context, Rule } from '../rule.ts'
import type { Conversation, Member } from '../rows.ts'
import type { Moment } from '../team/team.ts'
import { seen } from '../visibility.ts'

/** Refuses what {@link seen} and the permission function refuse; gives back whom and what it is about, and when. */
export function* permitted(
  conversationId: ConversationId,
  context: Context,
  may: (conversation: Conversation, member: Member, moment: Moment) => Verdict,
): Rule<{ member: Member; conversation: Conversation; moment: Moment }> {
  const { member, moment } = yield* asMemberNow(context)
  const conversation = yield* seen(conversationId, member)
  yield* allow(may(conversation, member, moment))
  return { member, conversation, moment }
}
