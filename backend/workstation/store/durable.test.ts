/** What was acknowledged is there after the process is killed; what cannot be read is set aside and salvaged. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refuse } from '../../domain/refusal.ts'
import { Connection } from './connection.ts'
import {
  KEY,
  ME,
  NOW,
  QUIET,
  attachmentId,
  conversationId,
  conversationRows,
  fill,
  open,
  patch,
  snapshot,
  temporaryFolder,
} from './sample.ts'
import { openMemberStore } from './open.ts'
import { finishRebuild, rebuildMemberStore } from './salvage.ts'

const c1 = conversationId(1)
const create = { clientId: 'client-1', memberId: ME, lastClientSeq: 0 }

/** A store with something of everything that only this device has, closed. */
function storeFile(texts = 3): string {
  const path = join(temporaryFolder(onTestFinished), 'member.db')
  const store = open({ path })
  fill(store, snapshot(1, [conversationRows(1), conversationRows(2)]))
  for (let i = 1; i <= texts; i++) {
    const content = { kind: 'text', text: `打的字 ${i}` }
    store.command({ name: 'message.send', args: { conversationId: c1, messageId: `s${i}`, content } }, NOW)
  }
  store.applyPatch([patch(1, { lastClientSeq: 1, results: [{ seq: 1, refusal: refuse('text.empty', {}) }] })])
  store.saveDraft(conversationId(2), { mode: 'reply', reply: '草稿', note: '', attachmentIds: [attachmentId('a1')] })
  const file = { name: 'a.txt', mime: 'text/plain', size: 2, width: null, height: null, bytes: new Uint8Array([1, 2]) }
  store.addAttachment({ id: attachmentId('a1'), conversationId: conversationId(2), ...file })
  store.close()
  return path
}

/** Overwrites bytes in the middle of the file. */
function damage(path: string, from: number, length: number): void {
  const bytes = readFileSync(path)
  bytes.fill(0x5a, from, from + length)
  writeFileSync(path, bytes)
}

/** A store rebuilt from this one, elsewhere. */
function rebuiltCopy(path: string): string {
  const copy = `${path}.copy`
  writeFileSync(copy, readFileSync(path))
  rebuildMemberStore({ path: copy, key: KEY, create, log: QUIET }).store.close()
  return copy
}

describe('a killed process', () => {
  it('[SYN-2] loses nothing that the store had answered for', { timeout: 60_000 }, async () => {
    const path = join(temporaryFolder(onTestFinished), 'member.db')
    const first = open({ path })
    fill(first, snapshot(1, [conversationRows(1)]))
    first.close()
    let acknowledged = 0
    for (let round = 0; round < 5; round++) {
      const writer = fileURLToPath(new URL('killed-writer.ts', import.meta.url))
      const child = spawn(process.execPath, [writer, path, String(acknowledged + 1)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let said = ''
      const enough = new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text
          if (said.split('\n').length > 3 + round * 7) resolve()
        })
      })
      const gone = once(child, 'close')
      await Promise.race([enough, gone])
      child.kill('SIGKILL')
      await gone
      const last = Number(said.trim().split('\n').at(-1))
      expect(last).toBeGreaterThan(acknowledged)
      const store = open({ path })
      const kept = store.queue().waiting.length
      expect(kept).toBeGreaterThanOrEqual(last)
      expect(store.outbox(0, 100_000).map(({ seq }) => seq)).toEqual(Array.from({ length: kept }, (_, i) => i + 1))
      expect(store.conversation(c1)?.conversation.messageCount).toBe(kept + 1)
      acknowledged = kept
      store.close()
    }
  })
})

describe('opening', () => {
  it('[SHF-1] needs the key, and the file holds nothing in clear', () => {
    const path = storeFile()
    const key = new Uint8Array(32).fill(8)
    expect(openMemberStore({ path, key, create, log: QUIET })).toEqual({ ok: false, reason: 'key' })
    expect(readFileSync(path).includes('打的字')).toBe(false)
    expect(readFileSync(path).subarray(0, 6).toString('latin1')).not.toBe('SQLite')
    expect(openMemberStore({ path, key: KEY, log: QUIET }).ok).toBe(true)
  })

  it('tells a missing, emptied, cut, damaged and newer file apart from a right one', () => {
    const reason = (path: string, given = false) => {
      const opened = openMemberStore({ path, key: KEY, ...(given ? { create } : {}), log: QUIET })
      if (opened.ok) opened.store.close()
      return opened.ok ? 'ok' : opened.reason
    }
    const [cut, emptied, header, middle, newer] = [storeFile(), storeFile(), storeFile(), storeFile(), storeFile()]
    truncateSync(cut, Math.floor(statSync(cut).size / 2))
    truncateSync(emptied, 0)
    damage(header, 0, 200)
    damage(middle, 4096 * 6, 4096)
    const later = new Connection(newer, KEY, QUIET)
    later.exec('PRAGMA user_version = 99')
    later.close()
    const missing = join(dirname(cut), 'none.db')
    expect([cut, emptied, header, middle, newer, missing].map((path) => reason(path, path !== missing))).toEqual([
      'unreadable',
      'unreadable',
      'unreadable',
      'unreadable',
      'newer',
      'unreadable',
    ])
  })

  it('numbers on after what the hub has seen, and anew for another client id', () => {
    const path = storeFile()
    const further = open({ path, create: { ...create, lastClientSeq: 9 } })
    expect(
      further.command({ name: 'conversation.pin', args: { conversationId: c1, pinned: true } }, NOW),
    ).toMatchObject({ ok: true })
    // The hub took other commands under 2 and 3, or these: it knows their messages by their ids either way.
    expect(further.outbox(0, 20).map(({ seq }) => seq)).toEqual([10, 11, 12])
    further.close()
    const other = open({ path, create: { ...create, clientId: 'client-2', lastClientSeq: 0 } })
    expect([other.position().clientId, other.outbox(0, 9).map(({ seq }) => seq)]).toEqual(['client-2', [1, 2, 3]])
    other.close()
  })
})

describe('a store that cannot be read', () => {
  it('[SYN-2] from a newer program is set aside whole, and all that was typed is taken over', () => {
    const path = storeFile()
    const later = new Connection(path, KEY, QUIET)
    later.exec('ALTER TABLE queue ADD COLUMN extra TEXT; DROP TABLE older; PRAGMA user_version = 99')
    later.close()
    const rebuilt = rebuildMemberStore({ path, key: KEY, log: QUIET, now: new Date(NOW) })
    onTestFinished(() => rebuilt.store.close())
    expect(rebuilt).toMatchObject({ kept: 4, lost: false, setAside: `${path}.set-aside-20260305-040000` })
    expect(existsSync(rebuilt.setAside ?? '')).toBe(true)
    const { store } = rebuilt
    expect(store.queue()).toMatchObject({
      waiting: [{ text: '打的字 2' }, { text: '打的字 3' }],
      refused: [{ text: '打的字 1', refusal: { code: 'text.empty' } }],
    })
    expect(store.position()).toMatchObject({ clientId: 'client-1', version: null, lastClientSeq: 1 })
    expect(store.outbox(1, 9).map(({ seq }) => seq)).toEqual([2, 3])
    fill(store, snapshot(5, [conversationRows(1), conversationRows(2)]))
    expect(store.conversation(c1)).toMatchObject({ waiting: 2, conversation: { messageCount: 3 } })
    expect(store.conversation(conversationId(2))?.draftWhole.reply).toBe('草稿')
    expect(store.attachment(attachmentId('a1'))?.bytes.length).toBe(2)
    expect(store.queue().waiting.map(({ doubtful }) => doubtful)).toEqual([false, false])
  })

  it('[SYN-2] with damaged pages gives every row that is still readable, and keeps the numbers without a gap', () => {
    const path = storeFile(200)
    const pages = Math.floor(statSync(path).size / 4096)
    const outcomes = []
    for (let page = 1; page < pages; page += 7) {
      const one = join(temporaryFolder(onTestFinished), 'member.db')
      writeFileSync(one, readFileSync(path))
      damage(one, page * 4096, 4096)
      const { store, kept, lost, setAside } = rebuildMemberStore({ path: one, key: KEY, create, log: QUIET })
      expect(readdirSync(dirname(one))).toContain(setAside?.split('/').at(-1))
      const numbers = store.outbox(store.position().lastClientSeq, 1_000).map(({ seq }) => seq)
      const first = numbers[0] ?? 0
      expect(numbers).toEqual(numbers.map((_, i) => first + i))
      if (!lost) expect(kept).toBe(201)
      outcomes.push(kept)
      store.close()
    }
    expect(Math.max(...outcomes)).toBe(201)
    expect(outcomes.filter((kept) => kept > 100).length).toBeGreaterThan(outcomes.length / 2)
  })

  it('[SYN-2] is not lost when the rebuilding itself is killed, wherever that is', () => {
    const whole = storeFile()
    const places: ((path: string) => void)[] = [
      // The new one is being written.
      (path) => writeFileSync(`${path}.rebuilding`, 'half of it'),
      // It is whole, and the old one is in its place yet.
      (path) => renameSync(rebuiltCopy(path), `${path}.rebuilt`),
      // The old one has gone, with or without what belongs to it.
      (path) => {
        renameSync(rebuiltCopy(path), `${path}.rebuilt`)
        renameSync(path, `${path}.set-aside-then`)
        writeFileSync(`${path}-wal`, 'a log of the old one')
      },
    ]
    for (const cut of places) {
      const path = join(temporaryFolder(onTestFinished), 'member.db')
      writeFileSync(path, readFileSync(whole))
      cut(path)
      finishRebuild({ path, key: KEY })
      const opened = openMemberStore({ path, key: KEY, create, log: QUIET })
      const store = opened.ok ? opened.store : rebuildMemberStore({ path, key: KEY, log: QUIET }).store
      expect(store.queue()).toMatchObject({ waiting: [{ text: '打的字 2' }, { text: '打的字 3' }], refused: [{}] })
      store.close()
      expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.rebuilt'))).toEqual([])
    }
  })

  it('of which nothing can be read is kept under its new name, and says that things are lost', () => {
    const path = storeFile()
    damage(path, 0, statSync(path).size)
    expect(() => rebuildMemberStore({ path, key: KEY, log: QUIET })).toThrow('whose store')
    const rebuilt = rebuildMemberStore({ path, key: KEY, create: { ...create, lastClientSeq: 7 }, log: QUIET })
    expect(rebuilt).toMatchObject({ kept: 0, lost: true })
    expect(rebuilt.store.position()).toMatchObject({ lastClientSeq: 7, version: null })
    rebuilt.store.close()
    expect(openMemberStore({ path, key: KEY, log: QUIET }).ok).toBe(true)
  })
})
