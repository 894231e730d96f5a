/** Whom a conversation can be shared with: those who can be added first, the others after them with the reason (COL-2). */
import { hasRoom, mayBeAdded } from '../../../backend/domain/collaboration/permissions.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import { fits } from '../transfer/find-member.ts'

export type Candidate = { member: Member; asks: boolean; refusal: Refusal | null }

/**
 * The members who fit what was typed: who asks to be let in, then who can be added, then who cannot.
 * @param picked who is chosen so far: once they are as many as there is room for, nobody else can be
 */
export function candidates(
  members: readonly Member[],
  conversation: Conversation,
  typed: string,
  picked: readonly MemberId[],
): Candidate[] {
  const found = members.filter((member) => fits(member, typed)).map((member) => candidate(member, conversation, picked))
  const rank = ({ asks, refusal }: Candidate): number => {
    // Being full changes with every choice, and no row may move under the pointer for it.
    if (refusal !== null && refusal.code !== 'collaboration.full') return 2
    return asks ? 0 : 1
  }
  return found.toSorted((a, b) => rank(a) - rank(b))
}

function candidate(member: Member, conversation: Conversation, picked: readonly MemberId[]): Candidate {
  const asks = conversation.askingIds.includes(member.id)
  const may = mayBeAdded(conversation, member)
  if (!may.allowed) return { member, asks, refusal: may.refusal }
  const room = picked.includes(member.id) ? null : hasRoom(conversation, picked.length + 1)
  return { member, asks, refusal: room?.allowed === false ? room.refusal : null }
}
