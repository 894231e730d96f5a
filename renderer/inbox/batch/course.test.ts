import { describe, expect, it } from 'vitest'
import { ConversationId } from '../../../backend/domain/ids.ts'
import { refuse } from '../../../backend/domain/refusal.ts'
import type { BatchAction } from '../../../backend/domain/conversations/batch.ts'
import { answered, failedWhole, heard, newBatch, outstanding, tally } from './course.ts'

const chosen = ['a', 'b', 'c'].map((id) => ({ id: ConversationId.parse(id), name: `客人${id}` }))
const gone = refuse('conversation.notVisible', {})
const answers = [
  { conversationId: 'a', queueId: 7 },
  { conversationId: 'b', refusal: gone },
  { conversationId: 'c', queueId: 8 },
]
const begun = (action: BatchAction) => answered(newBatch(action, chosen), answers)

describe('a batch', () => {
  it('[CNV-6] counts as done what the device has taken, tells why the rest was not, and goes on with it', () => {
    const batch = begun('transfer')
    expect(tally(batch)).toEqual({ done: 2, failed: 1, running: 0 })
    expect(batch.items.map(({ name, refusal }) => [name, refusal])).toEqual([
      ['客人a', null],
      ['客人b', gone],
      ['客人c', null],
    ])
    expect(outstanding(batch)).toEqual([7, 8])
  })

  it('[CNV-6] is corrected when the hub refuses later', () => {
    const taken = refuse('conversation.takenBy', { follower: 'hua' })
    const batch = heard(begun('take'), [
      { queueId: 7, state: 'refused', refusal: taken },
      { queueId: 8, state: 'waiting' },
    ])
    expect(tally(batch)).toEqual({ done: 1, failed: 2, running: 0 })
    expect(batch.items[0]).toMatchObject({ state: 'failed', refusal: taken })
    expect(outstanding(batch)).toEqual([8])
  })

  it.each(['delete', 'blacklist'] as const)('[DEL-6] of %s is done only when the hub has taken it', (action) => {
    const batch = begun(action)
    expect(tally(batch)).toEqual({ done: 0, failed: 1, running: 2 })
    const once = heard(batch, [
      { queueId: 7, state: 'gone' },
      { queueId: 8, state: 'waiting' },
    ])
    expect(tally(once)).toEqual({ done: 1, failed: 1, running: 1 })
    const twice = heard(once, [{ queueId: 8, state: 'refused', refusal: gone }])
    expect([tally(twice), outstanding(twice)]).toEqual([{ done: 1, failed: 2, running: 0 }, []])
  })

  it('is not changed by an older answer that comes late', () => {
    const ended = heard(begun('delete'), [{ queueId: 7, state: 'gone' }])
    expect(heard(ended, [{ queueId: 7, state: 'refused', refusal: gone }])).toEqual(ended)
  })

  it('fails whole when the backend does not take it', () => {
    const refusal = refuse('workstation.unreachable', {})
    const batch = failedWhole(newBatch('close', chosen), refusal)
    expect(tally(batch)).toEqual({ done: 0, failed: 3, running: 0 })
    expect(batch.items.every((item) => item.refusal === refusal)).toBe(true)
  })
})
