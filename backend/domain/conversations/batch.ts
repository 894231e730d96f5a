/**
 * Several conversations at once 批次: what is done with each is the command for one, with its place in the batch, so that
 * each gets an answer of its own and the rest goes on (CNV-6, DEL-4, DEL-5).
 */
import { z } from 'zod'
import { isCollaboration } from '../collaboration/shared.ts'
import { listOf } from '../lists.ts'
import type { ListName } from '../lists.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { Conversation, Member } from '../rows.ts'
import { mayBy } from '../team/team.ts'
import type { Moment } from '../team/team.ts'
import { MANAGING, TAKING, has } from './roles.ts'

/** What can be done with several. */
export const BATCH_ACTIONS = ['take', 'close', 'transfer', 'delete', 'blacklist'] as const
export type BatchAction = (typeof BATCH_ACTIONS)[number]

/** How many at most (CNV-6, DEL-5); the spec names no limit for taking and closing, which have that of a selection. */
export const BATCH_MAX: Readonly<Record<BatchAction, number>> = {
  take: 40,
  close: 40,
  transfer: 20,
  delete: 40,
  blacklist: 40,
}
/** How many can be selected. */
export const SELECTION_MAX = 40

/** A command's place in a batch: the first is 1. */
export const BatchPlace = z.strictObject({ position: z.number().int().positive() })
export type BatchPlace = z.infer<typeof BatchPlace>

/** What a batch refuses beyond what is refused for one conversation alone. */
function mayInBatch(
  action: BatchAction,
  place: BatchPlace | undefined,
  conversation: Conversation,
  member: Member,
  moment: Moment,
): Verdict {
  if (!place) return ALLOWED
  const max = BATCH_MAX[action]
  if (place.position > max) return refused(refuse('batch.tooMany', { max }))
  if (action === 'transfer' && (conversation.kind === 'group' || isCollaboration(conversation, moment))) {
    return refused(refuse('batch.transferKind', {}))
  }
  const isDeleting = action === 'delete' || action === 'blacklist'
  if (isDeleting && listOf(conversation, member.id) === 'open_team') return refused(refuse('batch.teamList', {}))
  return ALLOWED
}

/** The permission for one conversation of a batch: what the batch refuses comes first, since that is what the words are about. */
export function inBatch(
  action: BatchAction,
  place: BatchPlace | undefined,
  may: (conversation: Conversation, member: Member, moment: Moment) => Verdict,
): typeof may {
  return (conversation, member, moment) => {
    const verdict = mayInBatch(action, place, conversation, member, moment)
    return verdict.allowed ? may(conversation, member, moment) : verdict
  }
}

/** What a batch on this list offers to the member at all (ROL-3, DEL-4); the rest is not shown. */
export function batchActions(list: ListName, member: Member, moment: Moment): BatchAction[] {
  const isClosed = list === 'closed_mine' || list === 'closed_team'
  const isWaiting = list === 'pending_person' || list === 'pending_bot'
  const handles = isWaiting ? has(TAKING, member) : list === 'open_mine' || has(MANAGING, member)
  return BATCH_ACTIONS.filter((action) => {
    switch (action) {
      case 'take':
        return isWaiting && handles
      case 'close':
      case 'transfer':
        return !isClosed && handles
      case 'delete':
      case 'blacklist':
        return list !== 'open_team' && mayBy(action, member, moment.team).allowed
    }
  })
}
