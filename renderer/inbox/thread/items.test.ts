import { describe, expect, it } from 'vitest'
import { ConversationId, MemberId, MessageId } from '../../../backend/domain/ids.ts'
import type { Body, Delivery, Message } from '../../../backend/domain/rows.ts'
import type { Departing, ThreadMessage } from '../../../backend/workstation/views.ts'
import { dayAbove, firstUnread, threadItems } from './items.ts'
import type { ThreadItem } from './items.ts'

const MINUTE = 60_000
const mei = MemberId.parse('mei')
const han = MemberId.parse('han')
const byCustomer: Message['author'] = { type: 'customer', from: null }
const byMei: Message['author'] = { type: 'member', memberId: mei }
const byHan: Message['author'] = { type: 'member', memberId: han }

let ordinal = 0
function message(
  author: Message['author'],
  at: number,
  more: { body?: Body; delivery?: Delivery; waiting?: boolean } = {},
): ThreadMessage {
  ordinal += 1
  const ours = author.type === 'member' && more.body?.kind !== 'note'
  return {
    id: MessageId.parse(`m${ordinal}`),
    conversationId: ConversationId.parse('c1'),
    ordinal,
    author,
    body: more.body ?? { kind: 'text', text: '您好' },
    delivery: more.delivery ?? (ours ? { state: 'sent' } : null),
    at,
    waiting: more.waiting ?? false,
  }
}

const utcDay = (at: number): string => new Date(at).toISOString().slice(0, 10)
const layOut = (
  messages: ThreadMessage[],
  firstUnreadId: string | null = null,
  departing: Departing[] = [],
): ThreadItem[] =>
  threadItems({ messages, refused: [], departing, me: mei, customerTyping: false, firstUnreadId, dayOf: utcDay })

/** One letter an item: day, new, or a message as (first)(last)(state). */
function sketch(items: ThreadItem[]): string[] {
  return items
    .filter((item) => item.type !== 'top')
    .map((item) =>
      item.type === 'message'
        ? `${item.first ? '(' : '-'}${item.last ? ')' : '-'}${item.tellsState ? '*' : ''}`
        : item.type,
    )
}

describe('what departs', () => {
  const text = (words: string): Body => ({ kind: 'text', text: words })
  const leaving = (leavesAt: number): Departing => ({ id: 'd', messages: [text('您好'), text('請稍候')], leavesAt })
  const places = (items: ThreadItem[]) =>
    items.flatMap((item) => (item.type === 'message' || item.type === 'departing' ? [[item.first, item.last]] : []))

  it('[REP-6] stands as it will when it has left, so that nothing moves then', () => {
    for (const [author, at] of [
      [byMei, 0],
      [byMei, 4 * MINUTE],
      [byHan, 0],
      [byCustomer, 0],
    ] as const) {
      const before = message(author, at)
      const leavesAt = at + MINUTE + (at > 0 ? 5 * MINUTE : 0)
      const left = ['您好', '請稍候'].map((words) => message(byMei, leavesAt, { body: text(words), waiting: true }))
      expect(places(layOut([before], null, [leaving(leavesAt)]))).toEqual(places(layOut([before, ...left])))
    }
  })

  it('has the state of what was sent before no more, which moves on with it', () => {
    expect(sketch(layOut([message(byMei, 0)], null, [leaving(MINUTE)]))).toEqual([
      'day',
      '(-',
      'departing',
      'departing',
    ])
  })
})

describe('the thread', () => {
  it('groups one author within three minutes, not across authors, notes, system lines or days', () => {
    const note: Body = { kind: 'note', text: '老客人' }
    const taken: Body = { kind: 'event', event: { type: 'taken', by: mei } }
    expect(
      sketch(
        layOut([
          message(byCustomer, 0),
          message(byCustomer, 3 * MINUTE),
          message(byCustomer, 6 * MINUTE + 1),
          message({ type: 'system' }, 6 * MINUTE + 2, { body: taken }),
          message(byMei, 6 * MINUTE + 3),
          message(byHan, 6 * MINUTE + 4),
          message(byHan, 6 * MINUTE + 5, { body: note }),
          message(byHan, 6 * MINUTE + 6),
          message(byHan, 24 * 60 * MINUTE),
        ]),
      ),
    ).toEqual(['day', '(-', '-)', '()', '()', '()', '()', '()', '()', 'day', '()*'])
  })

  it('breaks the run of messages where another person of a group writes', () => {
    const by = (from: string | null): Message['author'] => ({ type: 'customer', from })
    expect(
      sketch(layOut([message(by('U1'), 0), message(by('U1'), 1), message(by('U2'), 2), message(by(null), 3)])),
    ).toEqual(['day', '(-', '-)', '()', '()'])
  })

  it('[CNV-10] tells the state of the last of ours, of what failed and of what waits', () => {
    expect(
      sketch(
        layOut([
          message(byMei, 0, { delivery: { state: 'failed', code: 'channel.blocked', platformCode: null } }),
          message(byMei, 1),
          message(byMei, 2),
          message(byCustomer, 3),
        ]),
      ),
    ).toEqual(['day', '(-*', '--', '-)*', '()'])
    expect(sketch(layOut([message(byMei, 0, { waiting: true }), message(byMei, 1, { waiting: true })]))).toEqual([
      'day',
      '(-*',
      '-)*',
    ])
  })

  it('draws the new line where reading stopped and breaks the group there', () => {
    const messages = [message(byCustomer, 0), message(byCustomer, 1), message(byCustomer, 2)]
    const upTo = messages[2]!.ordinal
    const first = firstUnread(messages, 2, upTo)
    expect(first).toBe(messages[1]!.id)
    expect(sketch(layOut(messages, first ?? null))).toEqual(['day', '()', 'new', '(-', '-)'])
    const later = [...messages, message(byCustomer, 3)]
    expect(firstUnread(later, 2, upTo)).toBe(first)
  })

  it('says when nothing is unread and when the place is further back', () => {
    const messages = [message(byMei, 0), message(byCustomer, 1)]
    expect(firstUnread(messages, 0, 1_000)).toBeNull()
    expect(firstUnread(messages, 2, 1_000)).toBeUndefined()
  })

  it('knows the day above any place', () => {
    const items = layOut([message(byCustomer, 0), message(byCustomer, 24 * 60 * MINUTE)])
    expect([0, 1, 2, 3, 99].map((index) => dayAbove(items, index)?.day)).toEqual([
      undefined,
      '1970-01-01',
      '1970-01-01',
      '1970-01-02',
      '1970-01-02',
    ])
  })
})
