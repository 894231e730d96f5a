/** The course of one batch, as plain values: what the device answered, and what the hub said later. */
import type { BatchAction } from '../../../backend/domain/conversations/batch.ts'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { ItemState } from '../../api/taken.ts'
import { needsHub } from './verdict.ts'

export type BatchItem = {
  id: ConversationId
  /** The customer's, kept: whoever is deleted cannot be looked up any more. */
  name: string
  state: 'running' | 'done' | 'failed'
  /** Its number in the queue while the hub has not said anything; null when there is nothing to hear. */
  queueId: number | null
  refusal: Refusal | null
}
export type Batch = { action: BatchAction; items: readonly BatchItem[] }

type Answered = { conversationId: string; queueId: number } | { conversationId: string; refusal: Refusal }

/** A batch about to begin. */
export function newBatch(action: BatchAction, chosen: readonly { id: ConversationId; name: string }[]): Batch {
  return {
    action,
    items: chosen.map(({ id, name }) => ({ id, name, state: 'running', queueId: null, refusal: null })),
  }
}

/** What the device made of each: done, where it is done on the device; waiting for the hub, where the hub does it. */
export function answered(batch: Batch, answers: readonly Answered[]): Batch {
  const byId = new Map(answers.map((answer) => [answer.conversationId, answer]))
  const items = batch.items.map((item): BatchItem => {
    const answer = byId.get(item.id)
    if (!answer) return item
    if ('refusal' in answer) return { ...item, state: 'failed', refusal: answer.refusal }
    return { ...item, queueId: answer.queueId, state: needsHub(batch.action) ? 'running' : 'done' }
  })
  return { ...batch, items }
}

/** Nothing of it was begun. */
export function failedWhole(batch: Batch, refusal: Refusal): Batch {
  return { ...batch, items: batch.items.map((item) => ({ ...item, state: 'failed', refusal })) }
}

/** What the hub has said since: taken, or refused after all. */
export function heard(batch: Batch, states: readonly ItemState[]): Batch {
  const byId = new Map(states.map((state) => [state.queueId, state]))
  const items = batch.items.map((item): BatchItem => {
    const state = item.queueId === null ? undefined : byId.get(item.queueId)
    if (!state || state.state === 'waiting') return item
    if (state.state === 'refused') return { ...item, state: 'failed', queueId: null, refusal: state.refusal }
    return { ...item, state: 'done', queueId: null }
  })
  return { ...batch, items }
}

/** The numbers of which there is something to hear yet. */
export function outstanding(batch: Batch): number[] {
  return batch.items.flatMap(({ queueId }) => queueId ?? [])
}

/** How many are in which state. */
export function tally({ items }: Batch): { done: number; failed: number; running: number } {
  const count = (wanted: BatchItem['state']): number => items.filter(({ state }) => state === wanted).length
  return { done: count('done'), failed: count('failed'), running: count('running') }
}
