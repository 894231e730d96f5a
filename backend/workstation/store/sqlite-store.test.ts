/** What the member does at this device, and what the screens are shown of it. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { MessagesQuery } from '../views.ts'
import type { z } from 'zod'
import {
  attachmentId,
  conversationId,
  conversationRows,
  filledStore,
  ME,
  messageId,
  NOW,
  OTHER,
  patch,
  CHANNEL,
} from './sample.ts'
import { TemplateId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Template } from '../../domain/rows.ts'
import { TableRow } from '../../sync/protocol.ts'

const newest: z.output<typeof MessagesQuery> = { limit: 60 }
const c1 = conversationId(1)

function send(id: string, text: string) {
  return { name: 'message.send', args: { conversationId: c1, messageId: id, content: { kind: 'text', text } } }
}

describe('a command', () => {
  it('[SYN-1] [CNV-10] is applied at once by the rules and shown as waiting until the hub has taken it', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    expect(store.command(send('s1', '營業到九點'), NOW + 1)).toMatchObject({ ok: true })
    const conversation = store.conversation(c1)
    expect(conversation?.conversation).toMatchObject({ status: 'open', followerId: 'me', messageCount: 2 })
    expect(conversation).toMatchObject({ unread: 0, waiting: 1, refused: 0 })
    expect(store.messages(c1, newest)?.messages.map(({ id, waiting }) => [id, waiting])).toEqual([
      ['m1-1', false],
      ['s1', true],
    ])
    const rows = conversationRows(1, { texts: ['你好，請問今天營業到幾點？'] })
    const taken = store.messages(c1, newest)?.messages.at(-1)
    if (!taken || !conversation) throw new Error('not shown')
    const { waiting: _, ...message } = taken
    const puts = [...rows.slice(0, 1), ['conversation', conversation.conversation], ['message', message]] as const
    store.applyPatch([patch(2, { lastClientSeq: 1, puts: [...puts] as typeof rows })])
    expect(store.messages(c1, newest)?.messages.map(({ waiting }) => waiting)).toEqual([false, false])
    expect(store.queue()).toEqual({ waiting: [], refused: [] })
  })

  it('[ROL-4] that the rules refuse leaves nothing', () => {
    const { store } = filledStore(onTestFinished, [
      conversationRows(1, { conversation: { status: 'open', followerId: OTHER } }),
    ])
    const answer = store.command(send('s1', '我來'), NOW)
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'conversation.takenBy' } })
    expect([store.queue().waiting, store.outbox(0, 10), store.messages(c1, newest)?.messages.length]).toEqual([
      [],
      [],
      1,
    ])
  })

  it('gets the next number, and a refused or discarded one is never given again', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    for (const id of ['a', 'b']) store.command(send(id, id), NOW)
    expect(store.outbox(0, 10).map(({ seq }) => seq)).toEqual([1, 2])
    const refusal = refuse('conversation.notVisible', {})
    store.applyPatch([patch(1, { lastClientSeq: 2, results: [{ seq: 2, refusal }] })])
    const discarded = store.queue().refused[0]?.id ?? 0
    expect(store.discard(discarded)).toBe(true)
    const next = store.command(send('c', 'c'), NOW)
    expect(store.outbox(2, 10).map(({ seq }) => seq)).toEqual([3])
    // A window may still ask about the item that is gone.
    expect(next.ok && next.queueId).toBe(discarded + 1)
  })

  it('[SYN-1] that needs the hub at once is refused offline, and online waits for the hub without local effect', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)], 'admin')
    const command = { name: 'member.update', args: { memberId: 'other', role: 'cs_agent' } }
    expect(store.command(command, NOW)).toMatchObject({ refusal: { code: 'request.offline', instead: 'go-online' } })
    store.setOnline(true)
    expect(store.command(command, NOW)).toMatchObject({ ok: true })
    expect(store.reference()?.members.find(({ id }) => id === 'other')?.role).toBe('supervisor')
    expect(store.outbox(0, 9)).toHaveLength(1)
  })

  it('of an unknown name, of the hub alone or with strange arguments is answered with a code', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const codes = [
      { name: 'no.such', args: {} },
      { name: 'constructor', args: {} },
      { name: 'message.receive', args: {} },
      { name: 'message.send', args: null },
    ].map((request) => store.command(request, NOW))
    store.setOnline(true)
    expect(codes.map((answer) => (answer.ok ? '' : answer.refusal.code))).toEqual([
      'request.unknownCommand',
      'request.unknownCommand',
      'request.offline',
      'request.invalid',
    ])
    expect(store.command({ name: 'message.receive', args: {} }, NOW)).toMatchObject({ ok: false })
  })

  it('keeps emoji, right-to-left and odd characters as typed, and refuses what is too long', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const text = '👨‍👩‍👧 שלום <b>x</b> "\\\n' + '字'.repeat(4_000)
    expect(store.command(send('s1', text), NOW).ok).toBe(true)
    expect(store.messages(c1, newest)?.messages.at(-1)?.body).toEqual({ kind: 'text', text })
    expect(store.queue().waiting[0]?.text).toBe(text)
    expect(store.command(send('s2', '字'.repeat(5_001)), NOW)).toMatchObject({ refusal: { code: 'text.tooLong' } })
    expect(store.command(send('s3', '\u0000\u0007'), NOW)).toMatchObject({ refusal: { code: 'text.empty' } })
    expect(store.search({ q: '👨‍👩‍👧', limit: 5 }).messages).toHaveLength(1)
  })
})

describe('what the hub refused', () => {
  it('[SYN-4] stays with its text, can be sent again as new with other text, or discarded', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.command(send('s1', '第一版'), NOW)
    const refusal = refuse('conversation.notVisible', {})
    store.applyPatch([patch(1, { lastClientSeq: 1, results: [{ seq: 1, refusal }] })])
    const [item] = store.queue().refused
    expect(item).toMatchObject({ state: 'refused', text: '第一版', refusal, contactName: '顧客1' })
    expect(store.messages(c1, newest)).toMatchObject({
      messages: [{ id: 'm1-1' }],
      refused: [{ queueId: item?.id, body: { text: '第一版' }, refusal }],
    })
    expect(store.retry(item?.id ?? 0, '第二版', NOW)).toMatchObject({ ok: true, value: { ok: true } })
    expect(store.queue().refused).toEqual([])
    const [again] = store.outbox(1, 10)
    expect(again).toMatchObject({ seq: 2, args: { content: { text: '第二版' } } })
    expect(again?.args).not.toMatchObject({ messageId: 's1' })
    expect(store.retry(999, undefined, NOW)).toMatchObject({ ok: false })
  })

  it('[CNV-10] is about the same message when it was to send one again', () => {
    const failed = {
      ...conversationRows(1).at(-1)?.[1],
      delivery: { state: 'failed', code: 'channel.failed', platformCode: null },
    }
    const { store } = filledStore(onTestFinished, [
      conversationRows(1, { conversation: { status: 'open', followerId: ME } }),
    ])
    const author = { type: 'member', memberId: ME }
    store.applyPatch([patch(2, { puts: [TableRow.parse(['message', { ...failed, author }])] })])
    const args = { conversationId: c1, messageId: 'm1-1' }
    expect(store.command({ name: 'message.retry', args }, NOW)).toMatchObject({ ok: true })
    store.applyPatch([patch(3, { lastClientSeq: 1, results: [{ seq: 1, refusal: refuse('internal.error', {}) }] })])
    const id = store.queue().refused[0]?.id ?? 0
    expect(store.retry(id, undefined, NOW)).toMatchObject({ value: { ok: true } })
    expect(store.outbox(1, 9)).toMatchObject([{ seq: 2, args }])
  })

  it('[SYN-4] keeps an edited text when the rules refuse it again', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.command(send('s1', '第一版'), NOW)
    const results = [{ seq: 1, refusal: refuse('conversation.notVisible', {}) }]
    store.applyPatch([patch(2, { lastClientSeq: 1, results, evicts: [c1] })])
    const id = store.queue().refused[0]?.id ?? 0
    expect(store.retry(id, '改過的', NOW)).toMatchObject({ ok: true, value: { ok: false } })
    expect(store.queue().refused).toMatchObject([{ id, text: '改過的', contactName: null }])
  })
})

describe('files', () => {
  it('come back with the draft that holds them, in its order', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const [receipt, photo, never] = [attachmentId('file-1'), attachmentId('file-2'), attachmentId('file-3')]
    const bytes = new Uint8Array([1, 2, 3])
    const pdf = { name: '收據.pdf', mime: 'application/pdf', size: 3, width: null, height: null }
    const png = { name: '照片.png', mime: 'image/png', size: 3, width: 4, height: 5 }
    store.addAttachment({ id: receipt, conversationId: c1, ...pdf, bytes })
    store.addAttachment({ id: photo, conversationId: c1, ...png, bytes })
    expect(store.conversation(c1)?.draftAttachments).toEqual([])
    store.saveDraft(c1, { mode: 'reply', reply: '', note: '', attachmentIds: [photo, never, receipt] })
    expect(store.conversation(c1)?.draftAttachments).toEqual([
      { attachmentId: photo, ...png },
      { attachmentId: receipt, ...pdf },
    ])
  })

  it('hold the outbox until the hub has them, and their refusal becomes the message’s', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const id = attachmentId('file-1')
    const about = { name: '報價.pdf', mime: 'application/pdf', size: 3 }
    const bytes = new Uint8Array([1, 2, 3])
    store.addAttachment({ id, conversationId: c1, ...about, width: null, height: null, bytes })
    const content = { kind: 'file', attachmentId: id, ...about }
    store.command(send('s0', '稍等'), NOW)
    store.command({ name: 'message.send', args: { conversationId: c1, messageId: 's1', content } }, NOW)
    store.command(send('s2', '這是報價'), NOW)
    expect([store.uploads().map((one) => one.id), store.outbox(0, 10).map(({ seq }) => seq)]).toEqual([[id], [1]])
    const refusal = refuse('attachment.type', { name: about.name, mime: about.mime })
    store.uploaded(id, { ok: false, refusal })
    expect(store.queue().waiting.map(({ doubtful, text }) => [doubtful, text])).toEqual([
      [false, '稍等'],
      [true, '報價.pdf'],
      [false, '這是報價'],
    ])
    expect([store.uploads(), store.outbox(0, 10).map(({ seq }) => seq)]).toEqual([[], [1, 2, 3]])
    const results = [{ seq: 2, refusal: refuse('attachment.missing', { name: about.name }) }]
    store.applyPatch([patch(1, { lastClientSeq: 3, results })])
    expect(store.queue().refused).toMatchObject([{ text: '報價.pdf', refusal }])
    expect(Array.from(store.attachment(id)?.bytes ?? [])).toEqual([1, 2, 3])
    // Sent again, it goes up again: also when the hub had it and has it no more.
    for (const seq of [4, 5]) {
      expect(store.retry(store.queue().refused[0]?.id ?? 0, undefined, NOW)).toMatchObject({ value: { ok: true } })
      expect(store.uploads().map((one) => one.id)).toEqual([id])
      store.uploaded(id, { ok: true })
      expect(store.outbox(3, 9).map((one) => one.seq)).toEqual([seq])
      store.applyPatch([patch(1, { lastClientSeq: seq, results: [{ seq, refusal: results[0]?.refusal ?? refusal }] })])
    }
  })
})

describe('a template', () => {
  it('with a picture waits until the hub has that, and shows what it was filled with', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const templateId = TemplateId.parse('sale')
    const components = {
      header: { kind: 'media', media: 'image' },
      body: '{{1}} 您好',
      footer: '',
      buttons: [],
    } as const
    const row = { id: templateId, channelId: CHANNEL, name: 'sale', language: 'zh_TW' } as const
    const template: Template = {
      ...row,
      category: 'marketing',
      approved: true,
      components: { ...components, buttons: [] },
    }
    store.applyPatch([patch(2, { puts: [['template', template]] })])
    const id = attachmentId('banner')
    const about = { name: '主圖.png', mime: 'image/png', size: 3 }
    const bytes = new Uint8Array([1, 2, 3])
    store.addAttachment({ id, conversationId: c1, ...about, width: 1, height: 1, bytes })
    const media = { attachmentId: id, ...about }
    const content = { kind: 'template', templateId, values: { 'body.1': '林小姐' }, media }
    const answer = store.command({ name: 'message.send', args: { conversationId: c1, messageId: 't1', content } }, NOW)
    expect(answer).toMatchObject({ ok: true })
    expect([store.uploads().map((one) => one.id), store.outbox(0, 9)]).toEqual([[id], []])
    expect(store.queue().waiting).toMatchObject([{ text: '林小姐' }])
    store.uploaded(id, { ok: true })
    expect(store.outbox(0, 9)).toHaveLength(1)
  })
})

describe('the lists', () => {
  it('[CNV-7] [CNV-12] have pinned ones first, then the newest, and count conversations and unread messages', () => {
    const rows = [1, 2, 3, 4].map((id) => conversationRows(id, { at: NOW + id * 1000, texts: ['a', 'b'] }))
    const { store } = filledStore(onTestFinished, rows)
    store.command({ name: 'conversation.pin', args: { conversationId: conversationId(2), pinned: true } }, NOW)
    store.command({ name: 'conversation.markRead', args: { conversationId: conversationId(4), readInbound: 1 } }, NOW)
    const page = store.conversations({ list: 'pending_person', offset: 0, limit: 3 })
    expect([page.total, page.rows.map(({ id, pinned, unread }) => [id, pinned, unread])]).toEqual([
      4,
      [
        ['c2', true, 2],
        ['c4', false, 1],
        ['c3', false, 2],
      ],
    ])
    expect(store.counts()).toMatchObject({
      pending_person: { total: 4, unread: 7 },
      open_mine: { total: 0, unread: 0 },
    })
    store.command({ ...send('s1', 'x') }, NOW)
    expect(store.counts()).toMatchObject({
      pending_person: { total: 3, unread: 5 },
      open_mine: { total: 1, unread: 0 },
    })
  })

  it('are narrowed by channel, store, tag, unread and date', () => {
    const { store } = filledStore(onTestFinished, [
      conversationRows(1, { at: NOW }),
      conversationRows(2, { at: NOW - 1000, contact: { tagIds: ['vip' as never] } }),
      conversationRows(3, { at: NOW - 2000, conversation: { inboundCount: 0 } }),
    ])
    const ids = (filters: object) =>
      store.conversations({ list: 'pending_person', offset: 0, limit: 9, ...filters }).rows.map(({ id }) => id)
    expect([
      ids({ tagId: 'vip' }),
      ids({ unread: true }),
      ids({ from: NOW - 1000 }),
      ids({ to: NOW - 1000 }),
      ids({ channelId: CHANNEL }).length,
      ids({ channelId: 'none' }),
      ids({ storeId: 'xinyi' }),
    ]).toEqual([['c2'], ['c1', 'c2'], ['c1', 'c2'], ['c2', 'c3'], 3, [], []])
  })

  it('show the draft’s beginning and keep drafts whole', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const draft = { mode: 'note' as const, reply: '回覆', note: '備註  一\n二', attachmentIds: [attachmentId('x')] }
    store.saveDraft(c1, draft)
    expect(store.conversation(c1)).toMatchObject({ draft: '備註 一 二', draftWhole: draft })
    store.saveDraft(c1, { mode: 'reply', reply: '', note: '', attachmentIds: [] })
    expect(store.conversation(c1)).toMatchObject({ draft: '', draftWhole: { reply: '' } })
  })
})

describe('the thread', () => {
  const texts = Array.from({ length: 30 }, (_, i) => `訊息${i + 1}`)
  const ordinals = (page: { messages: { ordinal: number }[] } | undefined) =>
    page?.messages.map(({ ordinal }) => ordinal)

  it('pages around any message and says what lies beyond', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1, { texts })])
    expect(ordinals(store.messages(c1, { limit: 3 }))).toEqual([28, 29, 30])
    expect(store.messages(c1, { limit: 3 })).toMatchObject({ hasOlder: true, hasNewer: false, olderOnHub: false })
    expect(ordinals(store.messages(c1, { before: 3, limit: 5 }))).toEqual([1, 2])
    expect(store.messages(c1, { before: 3, limit: 5 })).toMatchObject({ hasOlder: false, hasNewer: true })
    expect(ordinals(store.messages(c1, { after: 28, limit: 5 }))).toEqual([29, 30])
    expect(ordinals(store.messages(c1, { around: 15, limit: 4 }))).toEqual([13, 14, 15, 16])
    expect(ordinals(store.messages(c1, { around: 30, limit: 4 }))).toEqual([27, 28, 29, 30])
    expect(store.messages(conversationId('none'), newest)).toBeUndefined()
  })

  it('joins older history from the hub, and knows when its start is reached', () => {
    const rows = conversationRows(1, { texts, conversation: { messageCount: 40 } }).map((row) =>
      row[0] === 'message' ? (['message', { ...row[1], ordinal: row[1].ordinal + 10 }] as typeof row) : row,
    )
    const { store } = filledStore(onTestFinished, [rows])
    expect(store.messages(c1, { before: 11, limit: 5 })).toMatchObject({
      messages: [],
      hasOlder: true,
      olderOnHub: true,
    })
    const older = conversationRows(1, { texts: texts.slice(0, 10) }).flatMap((row) =>
      row[0] === 'message' ? [{ ...row[1], id: messageId(`o${row[1].ordinal}`) }] : [],
    )
    store.cacheOlder(c1, older, true)
    expect(ordinals(store.messages(c1, { before: 13, limit: 4 }))).toEqual([9, 10, 11, 12])
    expect(store.messages(c1, { before: 3, limit: 4 })).toMatchObject({ hasOlder: false, olderOnHub: false })
  })
})
