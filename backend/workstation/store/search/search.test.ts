/** Search over what is on the device. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { ChannelId, ContactId, TagId } from '../../../domain/ids.ts'
import { CHANNEL, NOW, OTHER, STORE, VIP, conversationId, conversationRows, filledStore, patch } from '../sample.ts'
import type { Highlight } from '../../views.ts'
import { excerpt, highlight } from './highlight.ts'

const LINE = ChannelId.parse('line')
const marked = (pieces: Highlight) => pieces.map(({ text, hit }) => (hit ? `[${text}]` : text)).join('')

function storeWith(...texts: string[]) {
  const rows = texts.map((text, i) => conversationRows(i, { texts: [text], at: NOW + i }))
  const { store } = filledStore(onTestFinished, rows)
  return {
    store,
    find: (q: string, filters = {}) =>
      store.search({ q, limit: 50, ...filters }).messages.map(({ excerpt: pieces }) => marked(pieces)),
  }
}

describe('messages', () => {
  it('[CNV-11] are found by Chinese words of one, two and more characters, newest first', () => {
    const { find } = storeWith('我想退貨', '可以換貨嗎', '退換貨辦法', '貨')
    expect(find('貨')).toEqual(['[貨]', '退換[貨]辦法', '可以換[貨]嗎', '我想退[貨]'])
    expect(find('換貨')).toEqual(['退[換貨]辦法', '可以[換貨]嗎'])
    expect(find('退換貨')).toEqual(['[退換貨]辦法'])
    expect(find('貨退')).toEqual([])
  })

  it('[CNV-11] are found by mixed scripts, any case, width and accent', () => {
    const { find } = storeWith('買了iPhone手機殼', 'ＡＢＣ１２３ 特價', 'Café latte 兩杯', 'LINE好友 小明')
    expect(find('iphone')).toEqual(['買了[iPhone]手機殼'])
    expect(find('IPHONE手機')).toEqual(['買了[iPhone手機]殼'])
    expect(find('了iphone')).toEqual(['買[了iPhone]手機殼'])
    expect(find('abc12')).toEqual(['[ＡＢＣ１２]３ 特價'])
    expect(find('cafe')).toEqual(['[Café] latte 兩杯'])
    expect(find('line 小明')).toEqual(['[LINE]好友 [小明]'])
  })

  it('[CNV-11] are found by numbers, with or without their separators', () => {
    const { find } = storeWith('電話 0912-345-678 謝謝', '0912345678', '訂單 A20-77')
    const found = ['0912345678', '0912-345-678', '0912 345 678', '0912-345'].map((q) => find(q).length)
    expect(found).toEqual([2, 2, 2, 2])
    expect(find('a20-77')).toEqual(['訂單 [A20-77]'])
  })

  it('[CNV-11] take nothing typed for search syntax', () => {
    const { find } = storeWith('AND "x" OR y*', "it's (ok)")
    for (const q of [
      '"',
      '*',
      'x" OR "y',
      'words: x',
      'NEAR(a b)',
      '-x',
      '^x',
      "o'); drop",
      '()',
      '\u0000',
      ' ',
      '😀',
    ]) {
      expect(() => find(q)).not.toThrow()
    }
    expect(find('or y*')).toEqual(['AND "x" [OR] [y]*'])
    expect(find("it's")).toEqual(["[it's] (ok)"])
  })

  it('[CNV-11] are narrowed by list, channel, store, tag, unread and date, and say when there are more', () => {
    const rows = [
      conversationRows(1, { texts: ['退貨一'], at: NOW, contact: { tagIds: [VIP] } }),
      conversationRows(2, { texts: ['退貨二'], at: NOW - 5_000, conversation: { status: 'open', followerId: null } }),
      conversationRows(3, { texts: ['退貨三'], at: NOW - 10_000, conversation: { inboundCount: 0 } }),
    ]
    const { store } = filledStore(onTestFinished, rows, 'admin')
    const find = (filters: object) =>
      store.search({ q: '退貨', limit: 50, ...filters }).messages.map((hit) => hit.conversationId)
    expect([
      find({}),
      find({ list: 'open_team' }),
      find({ tagId: VIP }),
      find({ unread: true }),
      find({ from: NOW - 5_000 }),
      find({ to: NOW - 5_000 }),
      find({ storeId: 'xinyi' }),
    ]).toEqual([['c1', 'c2', 'c3'], ['c2'], ['c1'], ['c1', 'c2'], ['c1', 'c2'], ['c2', 'c3'], []])
    expect([store.search({ q: '退貨', limit: 2 }).more, store.search({ q: '退貨', limit: 3 }).more]).toEqual([
      true,
      false,
    ])
  })

  it('[CNV-11] are narrowed by the channel, and by the store of the follower or of the binding', () => {
    const binding = { memberId: OTHER, storeId: STORE }
    const rows = [
      conversationRows(1, { texts: ['退貨一'], at: NOW, contact: { binding } }),
      conversationRows(2, { texts: ['退貨二'], at: NOW - 1, conversation: { status: 'open', followerId: OTHER } }),
      conversationRows(3, { texts: ['退貨三'], at: NOW - 2, conversation: { channelId: LINE } }),
    ]
    const { store } = filledStore(onTestFinished, rows, 'admin')
    const find = (filters: object) =>
      store.search({ q: '退貨', limit: 50, ...filters }).messages.map((hit) => hit.conversationId)
    expect([find({ storeId: STORE }), find({ channelId: CHANNEL }), find({ channelId: LINE })]).toEqual([
      ['c1', 'c2'],
      ['c1', 'c2'],
      ['c3'],
    ])
  })

  it('[CNV-11] follow what is written, refused and removed', () => {
    const { store, find } = storeWith('你好')
    const content = { kind: 'text', text: '鳳梨酥' }
    store.command({ name: 'message.send', args: { conversationId: conversationId(0), messageId: 's1', content } }, NOW)
    expect(find('鳳梨')).toEqual(['[鳳梨]酥'])
    store.applyPatch([patch(2, { lastClientSeq: 1 })])
    expect(find('鳳梨')).toEqual([])
    store.applyPatch([patch(3, { evicts: [conversationId(0)], lastClientSeq: 1 })])
    expect(find('你好')).toEqual([])
  })
})

describe('contacts', () => {
  it('[CNV-11] are found by any part of name, phone, email, member number and tag', () => {
    const contact = {
      name: '王小明 Amy',
      phone: '+886 912-345-678',
      email: 'amy.wang@example.com',
      memberNumber: 'VIP-00421',
      tagIds: [VIP, TagId.parse('other')],
    }
    const { store } = filledStore(onTestFinished, [conversationRows(1, { contact }), conversationRows(2)])
    const find = (q: string) =>
      store
        .search({ q, limit: 5 })
        .contacts.map(({ name, matched }) => [marked(name), matched && `${matched.field} ${marked(matched.value)}`])
    expect(
      [find('王'), find('小明'), find('my'), find('345678'), find('0912-345')].map((found) => found.length),
    ).toEqual([1, 1, 1, 1, 0])
    expect([find('小明'), find('912-345'), find('wang@ex'), find('00421'), find('黃金')]).toEqual([
      [['王[小明] Amy', null]],
      [['王小明 Amy', 'phone +886 [912-345]-678']],
      [['王小明 Amy', 'email amy.[wang@ex]ample.com']],
      [['王小明 Amy', 'memberNumber VIP-[00421]']],
      [['王小明 Amy', 'tag [黃金]會員']],
    ])
  })

  it('[CNV-11] follow a change of the contact', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const [row] = conversationRows(1, { contact: { name: '新名字', id: ContactId.parse('k1') } })
    if (row) store.applyPatch([patch(2, { puts: [row] })])
    const names = (q: string) => store.search({ q, limit: 5 }).contacts.length
    expect([names('新名'), names('顧客1')]).toEqual([1, 0])
  })
})

describe('the pieces', () => {
  it('hold the text exactly, whatever is in it', () => {
    const text = '<b>退貨</b> é 👨‍👩‍👧 ﬁn ㎏ שלום ' + 'x'.repeat(20)
    const pieces = highlight(text, ['退貨', 'fin', 'kg', 'שלום', 'é'.normalize('NFC').replace('é', 'e')])
    expect(pieces?.map((piece) => piece.text).join('')).toBe(text)
    expect(pieces?.filter(({ hit }) => hit).map((piece) => piece.text)).toContain('ﬁn')
  })

  it('of a long text surround the first hit and cut no character', () => {
    const long = '👍🏽'.repeat(100) + '退貨' + '字'.repeat(300)
    const pieces = excerpt(long, ['退貨'])
    expect([pieces[0]?.text, pieces.at(-1)?.text]).toEqual(['…', '…'])
    expect(pieces.every(({ text }) => text.isWellFormed())).toBe(true)
    expect(pieces.find(({ hit }) => hit)?.text).toBe('退貨')
    expect(excerpt('短', ['無'])).toEqual([{ text: '短', hit: false }])
  })
})
