/** Whether an action with what is chosen can be begun at all: each conversation gets its own answer later (CNV-6, DEL-5). */
import { BATCH_MAX, inBatch } from '../../../backend/domain/conversations/batch.ts'
import type { BatchAction } from '../../../backend/domain/conversations/batch.ts'
import { mayBlacklist, mayDelete } from '../../../backend/domain/conversations/delete.ts'
import { mayClose, mayTake, mayTransfer } from '../../../backend/domain/conversations/permissions.ts'
import { ALLOWED, refuse, refused } from '../../../backend/domain/refusal.ts'
import type { Verdict } from '../../../backend/domain/refusal.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'

const ALONE = {
  take: mayTake,
  close: mayClose,
  transfer: mayTransfer,
  delete: mayDelete,
  blacklist: mayBlacklist,
} satisfies Record<BatchAction, (conversation: Conversation, member: Member, moment: Moment) => Verdict>

/** Refused when there are too many, when the hub is needed and away, or when not one of them allows it (with why). */
export function verdictOnAll(
  action: BatchAction,
  conversations: readonly Conversation[],
  member: Member,
  moment: Moment,
  online: boolean,
): Verdict {
  const max = BATCH_MAX[action]
  if (conversations.length > max) return refused(refuse('batch.tooMany', { max }))
  if (needsHub(action) && !online) return refused(refuse('request.offline', {}, { instead: 'go-online' }))
  // Its place among them is counted above.
  const may = inBatch(action, { position: 1 }, ALONE[action])
  const verdicts = conversations.map((conversation) => may(conversation, member, moment))
  return verdicts.find(({ allowed }) => allowed) ?? verdicts[0] ?? ALLOWED
}

/** What cannot be undone is done by the hub alone (DEL-6). */
export function needsHub(action: BatchAction): action is 'delete' | 'blacklist' {
  return action === 'delete' || action === 'blacklist'
}
