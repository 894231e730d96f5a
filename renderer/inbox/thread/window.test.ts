import { describe, expect, it } from 'vitest'
import { ConversationId, MessageId } from '../../../backend/domain/ids.ts'
import type { MessagePage, ThreadMessage } from '../../../backend/workstation/views.ts'
import { withNewer, withNewest, withOlder } from './window.ts'

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

  it('stay where history is read and say that there is newer', () => {
    const held = withNewest(page(10, 20), page(900, 960))
    expect([ordinals(held).at(-1), held.hasNewer]).toEqual([20, true])
    expect(ordinals(withNewer(held, page(20, 23, { hasNewer: true }))).at(-1)).toBe(23)
  })

  it('take older ones in front', () => {
    const held = withOlder(page(60, 62), page(1, 60, { olderNeedsHub: true }))
    expect([ordinals(held).length, held.hasOlder, held.olderNeedsHub]).toEqual([62, false, true])
  })
})
