import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MessageId } from '../../domain/ids.ts'
import { TAKE_BACK } from '../../domain/replies/use.ts'
import type { Departure, MemberStore } from './member-store.ts'
import { rebuildMemberStore } from './salvage.ts'
import {
  KEY,
  ME,
  NOW,
  OTHER,
  QUIET,
  attachmentId,
  conversationId,
  conversationRows,
  fill,
  filledStore,
  open,
  patch,
  snapshot,
  temporaryFolder,
} from './sample.ts'

const c1 = conversationId(1)
const text = (content: string) => ({ kind: 'text', text: content }) as const

function departure(id: string, texts: readonly string[], more: Partial<Departure> = {}): Departure {
  const sends = texts.map((words, n) => ({
    conversationId: c1,
    messageId: MessageId.parse(`${id}-${n}`),
    content: text(words),
  }))
  return { id, leavesAt: NOW + TAKE_BACK, sends, files: [], ...more }
}
const texts = (store: MemberStore) => store.queue().waiting.map((item) => item.text)
const inThread = (store: MemberStore) => store.messages(c1, { limit: 60 })?.departing ?? []

describe('what was sent at once', () => {
  it('[REP-6] is shown with its time, can be taken back until then, and leaves in its order after it', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    expect(store.depart(departure('a', ['您好', '請稍候']), NOW)).toMatchObject({ ok: true, value: { id: 'a' } })
    store.depart(departure('b', ['謝謝'], { leavesAt: NOW + TAKE_BACK + 1 }), NOW + 1)
    expect(inThread(store)).toEqual([
      { id: 'a', messages: [text('您好'), text('請稍候')], leavesAt: NOW + TAKE_BACK },
      { id: 'b', messages: [text('謝謝')], leavesAt: NOW + TAKE_BACK + 1 },
    ])
    expect([store.outbox(0, 10), store.nextDeparture()]).toEqual([[], NOW + TAKE_BACK])
    expect(store.leave(NOW + TAKE_BACK - 1)).toBe(false)

    expect([store.takeBack('b'), store.takeBack('b'), inThread(store).length]).toEqual([true, false, 1])
    expect([store.leave(NOW + TAKE_BACK), store.takeBack('a'), inThread(store)]).toEqual([true, false, []])
    expect(store.outbox(0, 10)).toMatchObject([
      { seq: 1, name: 'message.send', args: { messageId: 'a-0', content: text('您好') } },
      { seq: 2, name: 'message.send', args: { messageId: 'a-1', content: text('請稍候') } },
    ])
    expect(store.nextDeparture()).toBeUndefined()
  })

  it('[REP-6] holds up nothing that is done meanwhile', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.depart(departure('a', ['預存']), NOW)
    store.command({ name: 'note.add', args: { conversationId: c1, messageId: 'n1', text: '備註' } }, NOW)
    expect(texts(store)).toEqual(['備註'])
    store.leave(NOW + TAKE_BACK)
    expect(texts(store)).toEqual(['備註', '預存'])
  })

  it('[REP-6] is refused at once where the rules refuse it, all of it, and nothing is kept', () => {
    const follower = { status: 'open', followerId: OTHER } as const
    const { store } = filledStore(onTestFinished, [conversationRows(1, { conversation: follower })])
    expect(store.depart(departure('a', ['您好']), NOW)).toMatchObject({ refusal: { code: 'conversation.takenBy' } })
    const other = filledStore(onTestFinished, [conversationRows(1)]).store
    expect(other.depart(departure('a', ['您好', '']), NOW)).toMatchObject({ refusal: { code: 'text.empty' } })
    expect([inThread(store), inThread(other), other.conversation(c1)?.conversation.status]).toEqual([
      [],
      [],
      'pending_person',
    ])
  })

  it('[REP-6] [SYN-4] is kept with its text and the reason when the rules refuse it by then, all or none', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.depart(departure('a', ['您好', '請稍候']), NOW)
    const taken = { status: 'open', followerId: OTHER } as const
    store.applyPatch([patch(2, { puts: conversationRows(1, { conversation: taken }) })])
    store.leave(NOW + TAKE_BACK)
    expect([store.queue().waiting, inThread(store)]).toEqual([[], []])
    expect(store.queue().refused).toMatchObject([
      { text: '您好', refusal: { code: 'conversation.takenBy' } },
      { text: '請稍候', refusal: { code: 'conversation.takenBy' } },
    ])
  })

  it('[REP-6] [ROL-2] stays with the member, with its files, when the conversation leaves the device', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const about = { name: '型錄.pdf', mime: 'application/pdf', size: 3 } as const
    const id = attachmentId('copy')
    const file = { id, conversationId: c1, ...about, width: null, height: null, bytes: new Uint8Array([1, 2, 3]) }
    const sends = [
      ...departure('a', ['您好']).sends,
      {
        conversationId: c1,
        messageId: MessageId.parse('f'),
        content: { kind: 'file' as const, attachmentId: id, ...about },
      },
    ]
    store.depart({ id: 'a', leavesAt: NOW + TAKE_BACK, sends, files: [file] }, NOW)
    store.applyPatch([patch(2, { evicts: [c1] })])
    expect(store.queue().refused).toMatchObject([
      { text: '您好', contactName: null, refusal: { code: 'conversation.notVisible' } },
      { text: '型錄.pdf' },
    ])
    expect([store.nextDeparture(), store.attachment(id)?.size]).toEqual([undefined, 3])
    // The same when only a snapshot says so.
    const other = filledStore(onTestFinished, [conversationRows(1)]).store
    other.depart(departure('a', ['您好']), NOW)
    fill(other, snapshot(2, []))
    expect(other.queue().refused).toMatchObject([{ text: '您好' }])
  })

  it('[REP-6] takes the copies of its files with it when it is taken back', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    const about = { name: '型錄.pdf', mime: 'application/pdf', size: 3 } as const
    const id = attachmentId('copy')
    const file = { id, conversationId: c1, ...about, width: null, height: null, bytes: new Uint8Array([1, 2, 3]) }
    const content = { kind: 'file' as const, attachmentId: id, ...about }
    const sends = [{ conversationId: c1, messageId: MessageId.parse('f'), content }]
    store.depart({ id: 'a', leavesAt: NOW + TAKE_BACK, sends, files: [file] }, NOW)
    expect(store.attachment(id)?.name).toBe('型錄.pdf')
    store.takeBack('a')
    expect(store.attachment(id)).toBeUndefined()
  })

  it('[REP-6] waits no longer because the clock was set back', () => {
    const { store } = filledStore(onTestFinished, [conversationRows(1)])
    store.depart(departure('a', ['您好']), NOW)
    expect(store.leave(NOW - 1)).toBe(true)
    expect(texts(store)).toEqual(['您好'])
  })
})

describe('a killed process', () => {
  it(
    '[REP-6] [SYN-2] loses none of it: at the next start what is due leaves, in its order',
    { timeout: 60_000 },
    async () => {
      const path = join(temporaryFolder(onTestFinished), 'member.db')
      const first = open({ path })
      fill(first, snapshot(1, [conversationRows(1)]))
      first.close()
      const sender = fileURLToPath(new URL('killed-sender.ts', import.meta.url))
      const child = spawn(process.execPath, [sender, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      const enough = new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (words: string) => {
          said += words
          if (said.split('\n').length > 7) resolve()
        })
      })
      const gone = once(child, 'close')
      await Promise.race([enough, gone])
      child.kill('SIGKILL')
      await gone
      const last = Number(said.trim().split('\n').at(-1))
      expect(last).toBeGreaterThan(5)

      const store = open({ path })
      onTestFinished(() => store.close())
      expect(inThread(store).length).toBeGreaterThanOrEqual(last)
      store.leave(NOW + 3)
      expect(texts(store)).toEqual(['預存 1', '預存 2', '預存 3'])
      expect(inThread(store)[0]).toMatchObject({ id: 'd4', messages: [text('預存 4')] })
    },
  )

  it('[REP-6] a store that is rebuilt keeps what has not left', () => {
    const { store, path } = filledStore(onTestFinished, [conversationRows(1)])
    store.depart(departure('a', ['您好']), NOW)
    store.close()
    const copy = `${path}.copy`
    writeFileSync(copy, readFileSync(path))
    const create = { clientId: 'client-1', memberId: ME, lastClientSeq: 0 }
    const rebuilt = rebuildMemberStore({ path: copy, key: KEY, create, log: QUIET })
    onTestFinished(() => rebuilt.store.close())
    expect([rebuilt.lost, rebuilt.kept, rebuilt.store.nextDeparture()]).toEqual([false, 1, NOW + TAKE_BACK])
  })
})
