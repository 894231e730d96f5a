import { describe, expect, it } from 'vitest'
import { ConversationId, MessageId } from '../../../backend/domain/ids.ts'
import type { MessagePage, ThreadMessage } from '../../../backend/workstation/views.ts'
import { HELD_MOST, withNewer, withNewest, withOlder } from './window.ts'

const message = (ordinal: number, id = `m${ordinal}`): ThreadMessage => ({
  id: MessageId.parse(id),
  conversationId: ConversationId.parse('c'),
  ordinal,
  author: { type: 'customer', from: null },
  body: { kind: 'text', text: `${ordinal}` },
  delivery: null,
  at: ordinal,
  waiting: false,
})
const page = (from: number, to: number, more: Partial<MessagePage> = {}): MessagePage => ({
  messages: Array.from({ length: to - from + 1 }, (_, index) => message(from + index)),
  refused: [],
  departing: [],
  hasOlder: from > 1,
  hasNewer: false,
  olderNeedsHub: false,
  ...more,
})
const ordinals = (held: MessagePage): number[] => held.messages.map(({ ordinal }) => ordinal)

describe('the messages a thread holds', () => {
  it('grow at the end and keep what was loaded before', () => {
    const held = withNewest(page(1, 6), page(5, 8))
    expect(ordinals(held)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(held.hasOlder).toBe(false)
  })

  it('hold each message once when its place changes on the way through the hub', () => {
    const mine = page(1, 2)
    mine.messages.push({ ...message(3, 'mine'), waiting: true })
    const after = page(2, 3)
    after.messages.push(message(4, 'mine'))
    expect(withNewest(mine, after).messages.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3', 'mine'])
  })

  it('[REP-6] know what departs now, wherever history is read', () => {
    const departing = [{ id: 'd', messages: [], leavesAt: 1 }]
    for (const held of [page(1, 6), page(900, 905)]) {
      const news = page(5, 8, { departing })
      expect(withNewest(held, news).departing).toEqual(departing)
      expect(withNewest(withNewest(held, news), page(5, 8)).departing).toEqual([])
    }
    expect(withNewest(page(1, 6), page(900, 960, { departing })).departing).toEqual(departing)
    expect(withNewer(page(1, 6), page(7, 8, { departing })).departing).toEqual(departing)
  })

  it('stay where history is read and say that there is newer', () => {
    const held = withNewest(page(10, 20), page(900, 960))
    expect([ordinals(held).at(-1), held.hasNewer]).toEqual([20, true])
    expect(ordinals(withNewer(held, page(20, 23, { hasNewer: true }))).at(-1)).toBe(23)
  })

  it('take older ones in front', () => {
    const held = withOlder(page(60, 62), page(1, 60, { olderNeedsHub: true }))
    expect([ordinals(held).length, held.hasOlder, held.olderNeedsHub]).toEqual([62, false, true])
  })

  it('lose the newest when very many older ones were read, and say that there is newer', () => {
    const held = withOlder(page(61, 60 + HELD_MOST), page(1, 60))
    expect([ordinals(held)[0], ordinals(held).at(-1), held.messages.length]).toEqual([1, HELD_MOST, HELD_MOST])
    expect([held.hasOlder, held.hasNewer]).toEqual([false, true])
    expect(withOlder(page(61, 120), page(1, 60)).hasNewer).toBe(false)
  })

  it('lose the oldest when very many newer ones were read, and say that there is older', () => {
    const read = page(1, HELD_MOST, { hasNewer: true, olderNeedsHub: true })
    const held = withNewer(read, page(HELD_MOST + 1, HELD_MOST + 60))
    expect([ordinals(held)[0], ordinals(held).at(-1), held.messages.length]).toEqual([61, HELD_MOST + 60, HELD_MOST])
    expect([held.hasOlder, held.olderNeedsHub, held.hasNewer]).toEqual([true, false, false])
  })

  it('meet again, without a gap and with none twice, when the newest come in while history is read', () => {
    const held = withOlder(page(61, 60 + HELD_MOST), page(1, 60))
    const joined = withNewest(held, page(HELD_MOST - 39, HELD_MOST + 60))
    expect(ordinals(joined)).toEqual(Array.from({ length: HELD_MOST + 60 }, (_, n) => n + 1))
    expect(joined.hasNewer).toBe(false)
  })
})
