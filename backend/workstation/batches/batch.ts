/**
 * Several conversations at once (CNV-6, DEL-5): each is a command of its own, durable and judged by itself, in the order
 * in which they were chosen. What became of each is asked by its number in the queue.
 */
import { z } from 'zod'
import { BATCH_ACTIONS, SELECTION_MAX } from '../../domain/conversations/batch.ts'
import { ConversationId, MemberId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { CommandAnswer, CommandRequest, QueueItem } from '../views.ts'

const conversationIds = z
  .array(ConversationId)
  .min(1)
  .max(SELECTION_MAX)
  .refine((ids) => new Set(ids).size === ids.length)

export const BatchRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('transfer'), conversationIds, toMemberId: MemberId }),
  z.strictObject({ action: z.enum(BATCH_ACTIONS).exclude(['transfer']), conversationIds }),
])
export type BatchRequest = z.infer<typeof BatchRequest>

/** What the device made of each: kept in its queue under a number, or refused. */
export type BatchAnswer = {
  items: ({ conversationId: ConversationId; queueId: number } | { conversationId: ConversationId; refusal: Refusal })[]
}

/** The numbers of the queue in a query, as `1,2,3`. */
export const BatchItemsQuery = z.strictObject({
  ids: z
    .string()
    .regex(/^\d{1,15}(,\d{1,15})*$/)
    .transform((text) => text.split(',').map(Number))
    .refine((ids) => ids.length <= SELECTION_MAX),
})

/** `gone`: not in the queue any more, because the hub took it (or because the member threw it away). */
export type BatchItems = {
  items: (
    | { queueId: number; state: 'waiting' }
    | { queueId: number; state: 'gone' }
    | { queueId: number; state: 'refused'; refusal: Refusal }
  )[]
}

/**
 * Does the action with each conversation.
 * @param run takes one command; what it answers is durable
 * @param newId makes the id of a system line
 */
export function runBatch(
  request: BatchRequest,
  run: (command: CommandRequest) => CommandAnswer,
  newId: () => string,
): BatchAnswer {
  const items = request.conversationIds.map((conversationId, index) => {
    const batch = { position: index + 1 }
    const answer = run({
      name: `conversation.${request.action}`,
      args: { ...argsOf(request, newId), conversationId, batch },
    })
    return answer.ok ? { conversationId, queueId: answer.queueId } : { conversationId, refusal: answer.refusal }
  })
  return { items }
}

function argsOf(request: BatchRequest, newId: () => string): Record<string, string> {
  switch (request.action) {
    case 'take':
    case 'close':
      return { messageId: newId() }
    case 'transfer':
      return { messageId: newId(), toMemberId: request.toMemberId }
    case 'delete':
    case 'blacklist':
      return {}
  }
}

/**
 * How it stands with items of a batch.
 * @param refusalOf why the hub refused a command lately; null for one that it did not
 */
export function batchItems(
  ids: readonly number[],
  waiting: readonly QueueItem[],
  refusalOf: (queueId: number) => Refusal | null,
): BatchItems {
  const waits = new Set(waiting.map(({ id }) => id))
  const items = ids.map((queueId): BatchItems['items'][number] => {
    if (waits.has(queueId)) return { queueId, state: 'waiting' }
    const refusal = refusalOf(queueId)
    return refusal ? { queueId, state: 'refused', refusal } : { queueId, state: 'gone' }
  })
  return { items }
}
