/** How every command on a conversation begins: the member sees it, and may do this with it. */
import type { ConversationId } from '../ids.ts'
import type { Verdict } from '../refusal.ts'
import { allow, asMember } from '../rule.ts'
import type { Context, Rule } from '../rule.ts'
import type { Conversation, Member } from '../rows.ts'
import { seen } from '../visibility.ts'

/** Refuses what {@link seen} and the permission function refuse; gives back whom and what it is about. */
export function* permitted(
  conversationId: ConversationId,
  context: Context,
  may: (conversation: Conversation, member: Member) => Verdict,
): Rule<{ member: Member; conversation: Conversation }> {
  const member = yield* asMember(context)
  const conversation = yield* seen(conversationId, member)
  yield* allow(may(conversation, member))
  return { member, conversation }
}
