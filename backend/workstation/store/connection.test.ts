import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Connection } from './connection.ts'
import {
  KEY,
  QUIET,
  conversationRows,
  fill,
  filledStore,
  messageId,
  patch,
  snapshot,
  temporaryFolder,
} from './sample.ts'

const PATIENT = { timeout: 20_000 }

it('folds what was written into the file when it is much and quiet, and not before', async () => {
  const path = join(temporaryFolder(onTestFinished), 'quiet.db')
  const connection = new Connection(path, KEY, QUIET)
  onTestFinished(() => connection.close())
  connection.exec('CREATE TABLE page (data TEXT)')
  connection.pragma('wal_checkpoint(TRUNCATE)')
  const before = statSync(path).size
  const tidied = vi.fn(() => false)
  connection.onQuiet(tidied)
  const fill = (transactions: number) => {
    for (let i = 0; i < transactions; i++) {
      connection.transaction('fill', (writer) => writer.run('INSERT INTO page VALUES (?)', 'x'.repeat(200_000)))
    }
  }
  fill(20)
  await expect.poll(() => tidied.mock.calls.length, PATIENT).toBe(1)
  expect(statSync(path).size).toBe(before)
  fill(24)
  expect(statSync(path).size).toBe(before)
  await expect.poll(() => statSync(path).size, PATIENT).toBeGreaterThan(before + 44 * 200_000)
})

it('leaves the file alone after a few transactions', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const path = join(temporaryFolder(onTestFinished), 'few.db')
  const connection = new Connection(path, KEY, QUIET)
  onTestFinished(() => connection.close())
  const tidied = vi.fn<() => boolean>(() => false)
  connection.onQuiet(tidied)
  for (let i = 0; i < 15; i++) connection.transaction('nothing', () => undefined)
  vi.advanceTimersByTime(60_000)
  expect(tidied).not.toHaveBeenCalled()
  connection.transaction('nothing', () => undefined)
  vi.advanceTimersByTime(99)
  connection.transaction('nothing', () => undefined)
  vi.advanceTimersByTime(99)
  expect(tidied).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(tidied).toHaveBeenCalledTimes(1)
})

it('tidies up though it is never quiet, after many transactions', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const connection = new Connection(join(temporaryFolder(onTestFinished), 'busy.db'), KEY, QUIET)
  onTestFinished(() => connection.close())
  const tidied = vi.fn(() => false)
  connection.onQuiet(tidied)
  const work = (transactions: number) => {
    for (let i = 0; i < transactions; i++) {
      connection.transaction('nothing', () => undefined)
      vi.advanceTimersByTime(10)
    }
  }
  work(500)
  expect(tidied).not.toHaveBeenCalled()
  work(30)
  expect(tidied).toHaveBeenCalledTimes(1)
})

it('[CNV-11] puts the pieces of the search index together when it is quiet, and finds the same in it', async () => {
  const { store, path } = filledStore(onTestFinished, [])
  const rows = Array.from({ length: 60 }, (_, n) => conversationRows(n, { texts: [`茶葉蛋第${n}顆`, '謝謝'] }))
  rows.forEach((one, n) => fill(store, snapshot(n + 2, [...rows.slice(0, n), one])))
  const reader = new Connection(path, KEY, QUIET, { readonly: true })
  onTestFinished(() => reader.close())
  const pieces = () => reader.get<{ n: number }>('SELECT count(DISTINCT segid) AS n FROM message_words_idx')?.n
  // Each of them goes into the index by itself.
  for (let n = 60; n < 70; n++) {
    const texts = Array.from({ length: 20 }, (_, i) => `茶香${n} ${i}`)
    store.applyPatch([patch(100 + n, { puts: conversationRows(n, { texts }) })])
  }
  const before = pieces()
  await expect.poll(pieces, PATIENT).toBeLessThan(4)
  expect(before).toBeGreaterThan(4)
  expect(store.search({ q: '茶葉', limit: 100 }).messages).toHaveLength(60)
  store.applyPatch([patch(200, { removes: [['message', messageId('m7-1')]] })])
  expect(store.search({ q: '茶葉', limit: 100 }).messages).toHaveLength(59)
})
