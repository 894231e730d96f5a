/** Who is in a conversation, in the order in which they are shown, and what each does with it right now. */
import { isCollaborating } from '../../../backend/domain/team/team.ts'
import { isMine, isPending } from '../../../backend/domain/visibility.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Conversation } from '../../../backend/domain/rows.ts'
import type { ConversationView } from '../../../backend/workstation/views.ts'

export type Presence = 'typing' | 'looking' | null
export type Person = { id: MemberId; part: 'follower' | 'collaborator'; presence: Presence }
type Viewers = ConversationView['viewers']

/** Whether a conversation shows who is in it: nothing of it does while the team does not collaborate (COL-1), nor in a group (COL-12). */
export function showsPeople(conversation: Conversation, moment: Moment | null): boolean {
  if (moment === null || !isCollaborating(moment)) return false
  return conversation.kind === 'direct' && !isPending(conversation) && conversation.followerId !== null
}

/** The follower first, then the collaborators in the order of joining. One's own presence is no news to anybody. */
export function peopleIn(conversation: Conversation, viewers: Viewers, me: MemberId | null): Person[] {
  const { followerId, collaboratorIds } = conversation
  const ids = followerId === null ? collaboratorIds : [followerId, ...collaboratorIds]
  return ids.map((id) => ({
    id,
    part: id === followerId ? 'follower' : 'collaborator',
    presence: id === me ? null : presenceOf(id, viewers),
  }))
}

/** What a colleague does with the conversation, as far as the hub tells. */
export function presenceOf(id: MemberId, viewers: Viewers): Presence {
  const viewer = viewers.find(({ memberId }) => memberId === id)
  if (!viewer) return null
  return viewer.typing ? 'typing' : 'looking'
}

/** The colleagues who look at it; where the people in it are shown, those have their marks there. */
export function onlookers(conversation: Conversation, viewers: Viewers, me: MemberId | null, people: boolean): Viewers {
  return viewers.filter(({ memberId }) => memberId !== me && !(people && isMine(conversation, memberId)))
}

/** How many faces stand side by side before the rest becomes a number: never a number in the place of one face. */
export function shownFaces<T>(people: readonly T[], room: number): { shown: readonly T[]; more: number } {
  const fits = people.length <= room
  const shown = fits ? people : people.slice(0, room - 1)
  return { shown, more: people.length - shown.length }
}
