/** What the hub says: patches under what waits, evictions that leave no trace, snapshots cut off anywhere. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refuse } from '../../domain/refusal.ts'
import { fingerprint } from '../../sync/fingerprint.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { Connection } from './connection.ts'
import type { MemberStore, Stale } from './member-store.ts'
import {
  KEY,
  NOW,
  OTHER,
  QUIET,
  attachmentId,
  conversationId,
  conversationRows,
  filledStore,
  fill,
  messageId,
  open,
  patch,
  referenceRows,
  snapshot,
  temporaryFolder,
} from './sample.ts'

const c1 = conversationId(1)
const DAY = 86_400_000

function send(id: string, text: string) {
  return { name: 'message.send', args: { conversationId: c1, messageId: id, content: { kind: 'text', text } } }
}

/** Everything in the file, deciphered: every row of every table, the search index's own tables included. */
function dump(path: string): string {
  const copy = `${path}.copy`
  copyFileSync(path, copy)
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
  const db = new Connection(copy, KEY, QUIET)
  db.exec(`PRAGMA rekey=''`)
  const names = db.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
  )
  const rows = names.flatMap(({ name }) => db.all<Record<string, unknown>>(`SELECT * FROM "${name}"`))
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  const values = rows.flatMap((row) => Object.values(row))
  const text = values.map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
  )
  // The pages themselves too: what is free or slack in them was not rewritten by taking the cipher off.
  const pages = readFileSync(copy)
  return `${text.join('\n')}\n${pages.toString('latin1')}\n${pages.toString('utf8')}`
}

describe('a patch', () => {
  it('[SYN-3] goes under what waits: the rest is run again on the new rows, in order', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.command(send('s1', '一'), NOW)
    store.command(send('s2', '二'), NOW)
    const puts = conversationRows(1, { texts: ['a', 'b', 'c'] })
    store.applyPatch([patch(2, { puts })])
    expect(store.messages(c1, { limit: 9 })?.messages.map(({ id, ordinal }) => [id, ordinal])).toEqual([
      ['m1-1', 1],
      ['m1-2', 2],
      ['m1-3', 3],
      ['s1', 4],
      ['s2', 5],
    ])
    expect(store.conversation(c1)?.conversation).toMatchObject({ messageCount: 5, clearedInbound: 3, followerId: 'me' })
  })

  it('[SYN-4] [CNV-2] that makes a command pointless leaves it waiting, doubtful, without local effect, and it is still sent', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.command(send('s1', '我來處理'), NOW)
    const puts = conversationRows(1, { conversation: { status: 'open', followerId: OTHER } })
    store.applyPatch([patch(2, { puts })])
    expect(store.queue().waiting).toMatchObject([
      { doubtful: true, text: '我來處理', refusal: { code: 'conversation.takenBy', params: { follower: 'other' } } },
    ])
    expect(store.messages(c1, { limit: 9 })?.messages.map(({ id }) => id)).toEqual(['m1-1'])
    expect(store.outbox(0, 9)).toHaveLength(1)
    const back = conversationRows(1)
    store.applyPatch([patch(3, { puts: back })])
    expect(store.queue().waiting).toMatchObject([{ doubtful: false, refusal: null }])
  })

  it('[SYN-3] that is repeated changes nothing, but its word on our commands is taken', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const first = patch(5, { puts: conversationRows(1, { texts: ['new'] }) })
    store.applyPatch([first])
    store.command(send('s1', 'x'), NOW)
    const told: Stale[] = []
    store.onStale((stale) => told.push(stale))
    store.applyPatch([patch(4, { puts: conversationRows(1, { texts: ['old'] }) })])
    expect([told, store.messages(c1, { limit: 1, before: 2 })?.messages[0]?.body]).toMatchObject([[], { text: 'new' }])
    store.applyPatch([{ ...first, lastClientSeq: 1, results: [{ seq: 1, refusal: refuse('text.empty', {}) }] }])
    expect([store.position(), store.queue().refused.length, told.length]).toMatchObject([
      { version: 5, lastClientSeq: 1, resultsKnown: 1 },
      1,
      1,
    ])
  })

  it('holds the newest 200 messages, and keeps asked-for history without a gap', () => {
    const texts = Array.from({ length: 200 }, (_, i) => `字${i}`)
    const { store } = filledStore(onTestFinished, [conversationRows(1, { texts })])
    const all = conversationRows(1, { texts: [...texts, '新的'] })
    store.applyPatch([
      patch(2, { puts: all.filter(([table, row]) => table !== 'message' || row.id === 'm1-201') as TableRow[] }),
    ])
    expect(store.messages(c1, { before: 3, limit: 9 })).toMatchObject({ messages: [{ ordinal: 2 }], olderOnHub: true })
    expect(store.search({ q: '字0', limit: 9 }).messages).toEqual([])
  })
})

describe('a conversation that leaves', () => {
  it('[ROL-2] leaves no trace in any table, the search index or the log; what the member typed stays', () => {
    const marker = 'Zxqvmarker'
    const others = Array.from({ length: 60 }, (_, i) => conversationRows(`o${i}`, { texts: ['你好 hello', '謝謝'] }))
    const secret = conversationRows(1, {
      texts: [`${marker}one 機密資料`, `file ${marker}two`],
      contact: { name: `${marker}name`, phone: '0987654321', email: `${marker}@example.com` },
      conversation: { lastMessage: null },
    })
    const { store, path } = filledStore(onTestFinished, [...others, secret])
    const file = { conversationId: c1, mime: 'text/plain', size: 1, width: null, height: null }
    store.addAttachment({
      ...file,
      id: attachmentId('a1'),
      name: `${marker}file`,
      bytes: Buffer.from(`${marker}bytes`),
    })
    const [, , message] = secret
    if (message?.[0] === 'message') store.cacheOlder(c1, [{ ...message[1], id: 'old' as never, ordinal: 1 }], true)
    store.saveDraft(c1, { mode: 'reply', reply: '打到一半', note: '', attachmentIds: [] })
    store.command(send('s1', '已經寫好'), NOW)
    expect(dump(path).toLowerCase()).toContain(marker.toLowerCase())

    const told: Stale[] = []
    store.onStale((stale) => told.push(stale))
    store.applyPatch([patch(2, { evicts: [c1] })])
    const left = dump(path).toLowerCase()
    const traces = [
      marker.toLowerCase(),
      '0987654321',
      Buffer.from('機密').toString('latin1').toLowerCase(),
      '機密',
      'zxqvm',
    ]
    expect(traces.filter((trace) => left.includes(trace))).toEqual([])
    expect([...(told[0]?.gone ?? [])]).toEqual([c1])
    expect(store.queue()).toMatchObject({
      waiting: [{ text: '已經寫好', doubtful: true, contactName: null }],
      refused: [{ text: '打到一半', refusal: { code: 'conversation.notVisible' } }],
    })
    expect(store.conversation(c1)).toBeUndefined()
  })

  it('[ROL-2] in great number leaves no trace either', () => {
    const rows = Array.from({ length: 30 }, (_, i) =>
      conversationRows(i, { texts: Array.from({ length: 20 }, (_, j) => `qqmark${i}x${j} 祕密`) }),
    )
    const { store, path } = filledStore(onTestFinished, [...rows, conversationRows('z')])
    store.applyPatch([patch(2, { evicts: rows.map((_, i) => conversationId(i)) })])
    expect(dump(path)).not.toMatch(/qqmark|祕密/)
    expect(store.search({ q: '營業', limit: 9 }).messages).toHaveLength(1)
  })

  it('[ROL-2] again and again, large and small, never leaves a trace', () => {
    const { store, path } = filledStore(onTestFinished, [])
    const counts: Record<string, number> = { a: 73, b: 171, c: 63, d: 20, e: 200, f: 120, g: 55 }
    const left: string[] = []
    let version = 1
    for (const step of ['+a', '+b', '-a', '-b', '+c', '-c', '+d', '+e', '-d', '+f', '-e', '+g', '-f', '-g']) {
      const id = step.slice(1)
      const texts = Array.from({ length: counts[id] ?? 0 }, (_, n) => `qqmark${id}n${n} 台北 common word${n % 7}`)
      const change = step.startsWith('+') ? { puts: conversationRows(id, { texts }) } : { evicts: [conversationId(id)] }
      store.applyPatch([patch(++version, change)])
      if (step.startsWith('-')) left.push(...(dump(path).match(new RegExp(`qqmark${id}`)) ?? []))
    }
    expect(left).toEqual([])
  })

  it('[ROL-2] through a role change takes only its own contact, and comes back whole', () => {
    const two = conversationRows(2, { conversation: { contactId: 'k1' as never } }).slice(1)
    const { store } = filledStore(onTestFinished, [conversationRows(1), two])
    store.applyPatch([patch(2, { evicts: [conversationId(2)] })])
    expect(store.conversation(c1)?.contact.name).toBe('顧客1')
    store.applyPatch([patch(3, { evicts: [c1] })])
    expect(store.search({ q: '顧客', limit: 9 }).contacts).toEqual([])
    store.applyPatch([patch(4, { puts: conversationRows(1) })])
    expect(store.conversation(c1)?.contact.name).toBe('顧客1')
  })

  it('because it was closed long ago goes with the welcome', () => {
    const closed = (at: number) => ({ conversation: { status: 'closed' as const, closedAt: at } })
    const { store } = filledStore(
      onTestFinished,
      [conversationRows(1, closed(NOW - 91 * DAY)), conversationRows(2, closed(NOW - 89 * DAY))],
      'admin',
    )
    const horizon = NOW - 90 * DAY
    store.applyWelcome({
      type: 'welcome',
      protocol: 1,
      hubTime: NOW,
      horizon,
      version: 1,
      lastFingerprint: null,
      lastClientSeq: 3,
      snapshot: false,
    })
    expect(store.conversations({ list: 'closed_team', offset: 0, limit: 9 }).rows.map(({ id }) => id)).toEqual(['c2'])
    store.command({ name: 'conversation.markRead', args: { conversationId: 'c2', readInbound: 1 } }, NOW)
    expect(store.outbox(0, 9).map(({ seq }) => seq)).toEqual([4])
  })
})

describe('a welcome', () => {
  const welcome = { type: 'welcome', protocol: 1, hubTime: NOW, horizon: 0, version: 1, snapshot: false } as const
  const note = (messageId: string) => ({ name: 'note.add', args: { conversationId: c1, messageId, text: messageId } })
  const numbers = (store: MemberStore, after: number) => store.outbox(after, 9).map(({ seq, args }) => [seq, args])

  it('[CNV-9] brings the hub’s clock, by which the rules go on a device whose own is wrong, also offline', () => {
    const HOUR = 3_600_000
    const rows = conversationRows(1, { conversation: { lastInboundAt: NOW - 23 * HOUR } })
    const { store, path } = filledStore(onTestFinished, [rows])
    const whatsapp = referenceRows().flatMap((row): TableRow[] =>
      row[0] === 'channel' ? [['channel', { ...row[1], kind: 'whatsapp' }]] : [],
    )
    store.applyPatch([patch(2, { puts: whatsapp })])
    const write = (to: MemberStore, messageId: string) => {
      const args = { conversationId: c1, messageId, content: { kind: 'text', text: '您好' } }
      const answer = to.command({ name: 'message.send', args }, Date.now())
      return answer.ok ? 'ok' : answer.refusal.code
    }
    const told = (hubTime: number) =>
      store.applyWelcome({ ...welcome, hubTime, lastClientSeq: 0, lastFingerprint: null })
    told(NOW)
    expect(write(store, 'w1')).toBe('ok')
    told(NOW + 2 * HOUR)
    expect(write(store, 'w2')).toBe('window.closed')
    store.close()
    const again = open({ path })
    onTestFinished(() => again.close())
    expect(write(again, 'w3')).toBe('window.closed')
  })

  it('[SYN-3] whose last command is ours lets it be taken; one that is not shows that this device is an older copy', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    for (const id of ['n1', 'n2', 'n3']) store.command(note(id), NOW)
    const last = (id: string) => fingerprint('note.add', note(id).args)
    store.applyWelcome({ ...welcome, lastClientSeq: 2, lastFingerprint: last('n2') })
    expect(numbers(store, 2)).toMatchObject([[3, { messageId: 'n3' }]])
    store.applyWelcome({ ...welcome, lastClientSeq: 2, lastFingerprint: last('of another copy') })
    store.applyPatch([patch(1, { lastClientSeq: 2 })])
    expect(numbers(store, 2)).toMatchObject([
      [3, { messageId: 'n1' }],
      [4, { messageId: 'n2' }],
      [5, { messageId: 'n3' }],
    ])
    // It took more than we ever gave.
    store.applyWelcome({ ...welcome, lastClientSeq: 20, lastFingerprint: null })
    store.applyPatch([patch(1, { lastClientSeq: 20 })])
    expect(numbers(store, 20)).toMatchObject([
      [21, {}],
      [22, {}],
      [23, {}],
    ])
  })
})

describe('a snapshot', () => {
  it('[SYN-7] can be worked with as far as it has come', () => {
    const store = open({ path: join(temporaryFolder(onTestFinished), 'member.db') })
    onTestFinished(() => store.close())
    const begun = snapshot(1, [conversationRows(1), conversationRows(2)]).filter(({ type }) => type !== 'end')
    fill(store, begun)
    expect(store.position()).toMatchObject({ version: null, snapshot: { version: 1 } })
    expect(store.counts().pending_person.total).toBe(2)
    expect(store.search({ q: '營業', limit: 9 }).messages).toHaveLength(2)
    expect(store.command(send('s1', '您好'), NOW)).toMatchObject({ ok: true })
    expect(store.messages(c1, { limit: 9 })?.messages.map(({ id }) => id)).toEqual(['m1-1', 's1'])
  })

  it('[SYN-7] [SYN-6] cut off after any line and begun again ends as one that was not', () => {
    const rows = [1, 2, 3, 4].map((id) => conversationRows(id))
    const whole = snapshot(9, rows)
    const parts = rows.map((group, i) => ({
      type: 'conversations' as const,
      rows: group,
      last: conversationId(i + 1),
      count: 1,
    }))
    const lines = [...whole.slice(0, 3), ...parts, ...whole.slice(-1)]
    const wanted = filledStore(onTestFinished, rows).store
    for (let cut = 1; cut < lines.length; cut++) {
      const path = join(temporaryFolder(onTestFinished), 'member.db')
      const before = open({ path })
      fill(before, snapshot(1, [conversationRows(8), conversationRows(1, { texts: ['old', 'older'] })]))
      before.saveDraft(conversationId(8), { mode: 'reply', reply: '留著', note: '', attachmentIds: [] })
      before.command(send('s1', '等著'), NOW)
      fill(before, lines.slice(0, cut))
      before.close()
      const store = open({ path })
      const at = store.position().snapshot
      expect(at).toMatchObject({ version: 9, total: 4, after: cut > 3 ? conversationId(cut - 3) : null })
      fill(store, [...lines.slice(0, 3), ...lines.slice(Math.max(3, cut - 1))])
      expect(store.position()).toMatchObject({ version: 9, snapshot: null })
      expect(store.queue()).toMatchObject({ waiting: [{ doubtful: false }], refused: [{ text: '留著' }] })
      store.applyPatch([patch(9, { lastClientSeq: 1 })])
      const all = { list: 'pending_person', offset: 0, limit: 9 } as const
      expect([store.conversations(all), store.counts()]).toEqual([wanted.conversations(all), wanted.counts()])
      expect(store.messages(c1, { limit: 9 })).toEqual(wanted.messages(c1, { limit: 9 }))
      store.close()
    }
  })
})

describe('[DEL-7] a conversation that was deleted for ever', () => {
  const MARKERS = [
    '祕密歷史',
    '祕密草稿',
    '祕密待送',
    '祕密被拒',
    '祕密備註',
    '祕密檔名',
    '祕密內容',
    '祕密預存',
  ] as const
  const inside = (path: string) => {
    const bytes = dump(path)
    return MARKERS.filter((marker) => bytes.includes(marker) || bytes.includes(Buffer.from(marker).toString('latin1')))
  }

  /** A store with a marker in each place where something of the conversation is kept. */
  function marked(): { store: MemberStore; path: string } {
    const { store, path } = filledStore(onTestFinished, [
      conversationRows(1, { texts: ['祕密歷史'] }),
      conversationRows(2),
    ])
    store.setOnline(true)
    store.command(send('s1', '祕密被拒'), NOW)
    store.applyPatch([
      patch(2, { lastClientSeq: 1, results: [{ seq: 1, refusal: refuse('conversation.closed', {}) }] }),
    ])
    store.command(send('s2', '祕密待送'), NOW)
    store.command({ name: 'note.add', args: { conversationId: c1, messageId: 's3', text: '祕密備註' } }, NOW)
    store.saveDraft(c1, { mode: 'reply', reply: '祕密草稿', note: '', attachmentIds: [attachmentId('f1')] })
    store.addAttachment({
      id: attachmentId('f1'),
      conversationId: c1,
      name: '祕密檔名.txt',
      mime: 'text/plain',
      size: 12,
      width: null,
      height: null,
      bytes: Buffer.from('祕密內容'),
    })
    const content = { kind: 'text' as const, text: '祕密預存' }
    const sends = [{ conversationId: c1, messageId: messageId('d1'), content }]
    store.depart({ id: 'd', leavesAt: NOW + 5_000, sends, files: [] }, NOW)
    store.search({ q: '祕密', limit: 10 })
    return { store, path }
  }
  const later = (store: MemberStore) => store.outbox(0, 10).map(({ seq, name }) => [seq, name])

  it('leaves no byte: neither what came nor what was typed, searched, attached or queued', () => {
    const { store, path } = marked()
    expect(inside(path)).toEqual(MARKERS)
    store.applyPatch([patch(3, { lastClientSeq: 1, removes: [['conversation', c1]] })])
    expect(inside(path)).toEqual([])
    expect([store.queue().refused, store.conversation(c1)]).toEqual([[], undefined])
    expect(store.search({ q: '祕密', limit: 10 })).toMatchObject({ contacts: [], messages: [] })
  })

  it('what waited keeps its number, so that the rest follows it, and its refusal is not shown', () => {
    const { store } = marked()
    store.command({ name: 'conversation.take', args: { conversationId: conversationId(2), messageId: 't1' } }, NOW)
    store.applyPatch([patch(3, { lastClientSeq: 1, removes: [['conversation', c1]] })])
    expect(later(store)).toEqual([
      [2, 'conversation.markRead'],
      [3, 'conversation.markRead'],
      [4, 'conversation.take'],
    ])
    const gone = refuse('conversation.notVisible', {})
    const results = [2, 3].map((seq) => ({ seq, refusal: gone }))
    store.applyPatch([patch(4, { lastClientSeq: 4, results })])
    expect(store.queue()).toEqual({ waiting: [], refused: [] })
  })

  it('a hub that had taken what waited, before the word of it was lost, is not taken for another history', () => {
    const { store } = marked()
    const [sent] = store.outbox(1, 1)
    if (!sent) throw new Error('nothing waits')
    store.applyPatch([patch(3, { lastClientSeq: 1, removes: [['conversation', c1]] })])
    store.applyWelcome({
      type: 'welcome',
      protocol: 1,
      hubTime: NOW,
      horizon: 0,
      version: 3,
      lastClientSeq: 2,
      lastFingerprint: fingerprint(sent.name, sent.args),
      snapshot: false,
    })
    expect(store.outbox(2, 10).map(({ seq }) => seq)).toEqual([3])
  })

  it('is erased too when the device lost sight of it before, and had kept what was typed', () => {
    const { store, path } = marked()
    store.applyPatch([patch(3, { lastClientSeq: 1, evicts: [c1] })])
    expect(store.queue().refused.length).toBeGreaterThan(0)
    store.applyPatch([patch(4, { lastClientSeq: 1, removes: [['conversation', c1]] })])
    expect([inside(path), store.queue().refused]).toEqual([[], []])
  })

  it('is erased by a device that was away so long that it fetches everything anew', () => {
    const { store, path } = marked()
    const lines = snapshot(9, [conversationRows(2)]).map((line) =>
      line.type === 'scope' ? { ...line, deletedIds: [c1] } : line,
    )
    const told: Stale[] = []
    store.onStale((stale) => told.push(stale))
    fill(store, lines)
    expect([inside(path), store.queue().refused, told.some(({ gone }) => gone.has(c1))]).toEqual([[], [], true])
  })
})
