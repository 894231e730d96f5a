/** A member is deactivated: they leave every collaboration, and somebody else follows what they followed there (COL-10). */
import { MessageId } from '../ids.ts'
import type { MemberId } from '../ids.ts'
import { appendEvent } from '../messages/append.ts'
import { list, put } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Conversation, Time } from '../rows.ts'
import { withoutMember } from './membership.ts'

/** Takes the member out of every conversation that is shared, open or closed, with a line in each. */
export function* leaveAll(memberId: MemberId, now: Time): Rule {
  const followed = yield* list('conversation', 'followerId', memberId)
  const shared = followed.filter(({ collaboratorIds }) => collaboratorIds.length > 0)
  for (const conversation of [...shared, ...(yield* list('conversation', 'collaboratorIds', memberId))]) {
    const membership = withoutMember(conversation, memberId)
    const left = yield* line(conversation, { type: 'left', by: memberId }, now)
    const { followerId } = membership
    const told =
      followerId !== null && followerId !== conversation.followerId
        ? yield* line(left, { type: 'tookOver', by: followerId }, now)
        : left
    yield* put('conversation', { ...told, ...membership })
  }
  for (const conversation of yield* list('conversation', 'askingIds', memberId)) {
    const askingIds = conversation.askingIds.filter((id) => id !== memberId)
    yield* put('conversation', { ...conversation, askingIds })
  }
}

/** No member gave this command an id for each line, so it follows from the line's place. */
function line(
  conversation: Conversation,
  event: { type: 'left' | 'tookOver'; by: MemberId },
  now: Time,
): Rule<Conversation> {
  const id = MessageId.parse(`${conversation.id.slice(0, 50)}~${conversation.messageCount + 1}~l`)
  return appendEvent(conversation, id, event, now)
}
