import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MemberId, ReplyFolderId, ReplyId, TagId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Reply, ReplyFolder, ReplyMessage } from '../../domain/rows.ts'
import type { SnapshotLine, TableRow } from '../../sync/protocol.ts'
import { ME, NOW, attachmentId, fill, filledStore, patch, snapshot } from './sample.ts'
import type { MemberStore } from './member-store.ts'

const BYTES = new TextEncoder().encode('型錄的內容，不該留在這裡')
const text = (content: string): ReplyMessage => ({ kind: 'text', text: content })
const file = (id: string, size = BYTES.length): ReplyMessage => ({
  kind: 'file',
  attachmentId: attachmentId(id),
  name: `${id}.pdf`,
  mime: 'application/pdf',
  size,
})
function reply(id: string, messages: ReplyMessage[] = [text('您好')], more: Partial<Reply> = {}): TableRow {
  const ownerId = MemberId.parse('other')
  const base = { id: ReplyId.parse(id), folderId: null, name: id, visibility: { to: 'all' }, ownerId } as const
  return ['reply', { ...base, messages, updatedAt: 1, ...more }]
}
const folder: ReplyFolder = { id: ReplyFolderId.parse('f'), name: '招呼', ownerId: null, position: 0 }
const ids = (store: MemberStore) => store.replies().replies.map(({ id }) => id)
const save = (id: string, messages: ReplyMessage[]) => ({
  name: 'reply.save',
  args: { replyId: id, folderId: null, name: '我的', messages, visibility: { to: 'owner' } },
})
function withReplies(version: number, ...rows: TableRow[]): SnapshotLine[] {
  return snapshot(version, []).map((line) =>
    line.type === 'reference' ? { ...line, rows: [...line.rows, ...rows] } : line,
  )
}

describe('the member’s replies', () => {
  it('[REP-1] [ROL-2] are those of the snapshot and of later patches, and no others', () => {
    const { store } = filledStore(onTestFinished, [])
    fill(store, withReplies(2, ['replyFolder', folder], reply('a'), reply('b')))
    expect(store.replies()).toMatchObject({ folders: [folder], replies: [{ id: 'a' }, { id: 'b' }] })
    store.applyPatch([patch(3, { puts: [reply('c')], removes: [['reply', ReplyId.parse('a')]] })])
    expect(ids(store)).toEqual(['b', 'c'])
    fill(store, withReplies(4, reply('c')))
    expect(store.replies()).toMatchObject({ folders: [], replies: [{ id: 'c' }] })
  })

  it('[REP-1] tell the screens that they changed, and nothing else does', () => {
    const { store } = filledStore(onTestFinished, [])
    const told: boolean[] = []
    store.onStale(({ replies, reference }) => told.push(replies, reference))
    store.applyPatch([patch(2, { puts: [reply('a')] })])
    store.applyPatch([patch(3, { puts: [['tag', { id: TagId.parse('new'), name: '新', colour: 'red' }]] })])
    expect(told).toEqual([true, false, false, true])
  })

  it('[REP-1] [SYN-1] are made, changed and removed offline, by the same rules', () => {
    const { store } = filledStore(onTestFinished, [])
    expect(store.command(save('mine', [text('您好，{{customer.name}}')]), NOW)).toMatchObject({ ok: true })
    expect(store.replies().replies).toMatchObject([{ id: 'mine', ownerId: ME, updatedAt: NOW }])
    expect(store.command(save('mine', [text('{{customer.nmae}}')]), NOW)).toMatchObject({
      refusal: { code: 'reply.variable' },
    })
    store.command({ name: 'reply.remove', args: { replyId: 'mine' } }, NOW)
    expect([ids(store), store.outbox(0, 9).map(({ name }) => name)]).toEqual([[], ['reply.save', 'reply.remove']])
  })

  it('[SYN-6] one whose removal waits is gone for good when a snapshot no longer has it', () => {
    const { store } = filledStore(onTestFinished, [])
    fill(store, withReplies(2, reply('mine', [text('您好')], { ownerId: ME })))
    store.command({ name: 'reply.remove', args: { replyId: 'mine' } }, NOW)
    fill(store, withReplies(3))
    // The hub had taken it before the snapshot.
    store.applyPatch([patch(3, { lastClientSeq: 1 })])
    expect([ids(store), store.queue().waiting]).toEqual([[], []])
  })

  it('[SYN-4] one that the hub refuses is gone from them and kept with its text', () => {
    const { store } = filledStore(onTestFinished, [])
    store.command(save('mine', [text('第一句'), text('第二句')]), NOW)
    const results = [{ seq: 1, refusal: refuse('reply.notYours', {}) }]
    store.applyPatch([patch(1, { lastClientSeq: 1, results })])
    expect([ids(store), store.queue().refused]).toMatchObject([
      [],
      [{ text: '我的\n第一句\n第二句', refusal: { code: 'reply.notYours' } }],
    ])
  })
})

describe('their files', () => {
  const added = (id: string) => ({
    id: attachmentId(id),
    name: `${id}.pdf`,
    mime: 'application/pdf',
    size: BYTES.length,
    bytes: BYTES,
  })

  it('[REP-1] [SYN-2] go up ahead of the reply that shows them, all of them', () => {
    const { store } = filledStore(onTestFinished, [])
    for (const id of ['a', 'b']) store.addReplyFile(added(id))
    expect(store.uploads()).toEqual([])
    store.command(save('mine', [file('a'), file('b')]), NOW)
    expect([store.uploads(), store.outbox(0, 9)]).toEqual([
      [
        { id: 'a', name: 'a.pdf', owner: { replyId: 'mine' } },
        { id: 'b', name: 'b.pdf', owner: { replyId: 'mine' } },
      ],
      [],
    ])
    store.uploaded(attachmentId('a'), { ok: true })
    expect(store.outbox(0, 9)).toEqual([])
    store.uploaded(attachmentId('b'), { ok: true })
    expect([store.uploads(), store.outbox(0, 9).length]).toEqual([[], 1])
  })

  it('[REP-1] [SYN-4] one that is not taken is the reply’s reason, and goes up again with it', () => {
    const { store } = filledStore(onTestFinished, [])
    store.addReplyFile(added('a'))
    store.command(save('mine', [file('a')]), NOW)
    const refusal = refuse('attachment.type', { name: 'a.pdf', mime: 'text/html' })
    store.uploaded(attachmentId('a'), { ok: false, refusal })
    expect(store.queue().waiting).toMatchObject([{ doubtful: true, refusal }])
    const results = [{ seq: 1, refusal: refuse('attachment.missing', { name: 'a.pdf' }) }]
    store.applyPatch([patch(1, { lastClientSeq: 1, results })])
    const [item] = store.queue().refused
    expect(item).toMatchObject({ refusal })
    store.retry(item?.id ?? 0, undefined, NOW)
    expect(store.uploads()).toMatchObject([{ id: 'a' }])
  })

  it('[ROL-2] leave the device with the reply, and the file with them', () => {
    const { store, path } = filledStore(onTestFinished, [])
    store.applyPatch([patch(2, { puts: [reply('r', [file('a'), text('您好')])] })])
    expect(store.missingReplyFiles()).toMatchObject([{ attachmentId: 'a' }])
    expect(store.keepReplyFile(attachmentId('a'), BYTES)).toBe(true)
    expect([store.missingReplyFiles(), store.replyFile(attachmentId('a'))?.name]).toEqual([[], 'a.pdf'])
    store.applyPatch([patch(3, { removes: [['reply', ReplyId.parse('r')]] })])
    expect(store.replyFile(attachmentId('a'))).toBeUndefined()
    // What comes in after that is not kept either.
    expect([store.keepReplyFile(attachmentId('a'), BYTES), store.shownReplyFile(attachmentId('a'))]).toEqual([
      false,
      undefined,
    ])
    expect(readFileSync(`${path}-wal`)).toHaveLength(0)
  })

  it('[ROL-2] an edit that drops one drops its bytes; a snapshot without the reply too', () => {
    const { store } = filledStore(onTestFinished, [])
    store.applyPatch([patch(2, { puts: [reply('r', [file('a'), file('b')])] })])
    for (const id of ['a', 'b']) store.keepReplyFile(attachmentId(id), BYTES)
    store.applyPatch([patch(3, { puts: [reply('r', [file('b')])] })])
    expect([store.replyFile(attachmentId('a')), store.replyFile(attachmentId('b'))?.size]).toEqual([
      undefined,
      BYTES.length,
    ])
    fill(store, snapshot(4, []))
    expect(store.replyFile(attachmentId('b'))).toBeUndefined()
  })

  it('[SYN-1] are wanted newest first, up to 100 MB in all', () => {
    const { store } = filledStore(onTestFinished, [])
    const MB = 1024 * 1024
    const puts = Array.from({ length: 20 }, (_, n) => reply(`r${n}`, [file(`f${n}`, 8 * MB)], { updatedAt: n }))
    store.applyPatch([patch(2, { puts })])
    expect(store.missingReplyFiles().map(({ attachmentId: id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, n) => `f${19 - n}`),
    )
  })

  it('[REP-1] one that was added and never used is not kept for ever', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    onTestFinished(() => void vi.useRealTimers())
    const { store } = filledStore(onTestFinished, [])
    store.addReplyFile(added('a'))
    store.applyPatch([patch(2, { puts: [reply('r')] })])
    expect(store.replyFile(attachmentId('a'))).toBeDefined()
    vi.setSystemTime(NOW + 25 * 60 * 60_000)
    store.applyPatch([patch(3, { puts: [reply('s')] })])
    expect(store.replyFile(attachmentId('a'))).toBeUndefined()
  })
})
