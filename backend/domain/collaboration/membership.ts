/** Who is in a conversation, after somebody came, went or took it over: the follower and the order of joining, in one place. */
import type { MemberId } from '../ids.ts'
import type { Conversation } from '../rows.ts'

type Membership = Pick<Conversation, 'followerId' | 'collaboratorIds' | 'askingIds'>

/** With these members more, at the end of the order; their asking is answered. */
export function withMembers(conversation: Conversation, ids: readonly MemberId[]): Membership {
  return {
    followerId: conversation.followerId,
    collaboratorIds: [...conversation.collaboratorIds, ...ids],
    askingIds: conversation.askingIds.filter((id) => !ids.includes(id)),
  }
}

/** Without this member. When it was the follower, who joined first follows (COL-10). */
export function withoutMember(conversation: Conversation, id: MemberId): Membership {
  const rest = conversation.collaboratorIds.filter((one) => one !== id)
  const askingIds = conversation.askingIds.filter((one) => one !== id)
  const [first, ...others] = rest
  if (conversation.followerId !== id || first === undefined) {
    return { followerId: conversation.followerId, collaboratorIds: rest, askingIds }
  }
  return { followerId: first, collaboratorIds: others, askingIds }
}

/** Followed by one of its collaborators; who followed it is a collaborator then (COL-6, COL-7). */
export function followedBy(conversation: Conversation, id: MemberId): Membership {
  const { followerId, collaboratorIds, askingIds } = conversation
  const rest = collaboratorIds.filter((one) => one !== id)
  return { followerId: id, collaboratorIds: followerId === null ? rest : [...rest, followerId], askingIds }
}
