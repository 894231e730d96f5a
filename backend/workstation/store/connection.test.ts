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

it('folds what was written into the file when it is quiet, and not before', async () => {
  const path = join(temporaryFolder(onTestFinished), 'quiet.db')
  const connection = new Connection(path, KEY, QUIET)
  onTestFinished(() => connection.close())
  connection.exec('CREATE TABLE page (data TEXT)')
  connection.pragma('wal_checkpoint(TRUNCATE)')
  const before = statSync(path).size
  for (let i = 0; i < 40; i++) {
    connection.transaction('fill', (writer) => writer.run('INSERT INTO page VALUES (?)', 'x'.repeat(20_000)))
  }
  expect(statSync(path).size).toBe(before)
  await expect.poll(() => statSync(path).size, PATIENT).toBeGreaterThan(before + 40 * 20_000)
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

it('[CNV-11] puts the pieces of the search index together when it is quiet, and finds the same in it', async () => {
  const { store, path } = filledStore(onTestFinished, [])
  const rows = Array.from({ length: 60 }, (_, n) => conversationRows(n, { texts: [`茶葉蛋第${n}顆`, '謝謝'] }))
  rows.forEach((one, n) => fill(store, snapshot(n + 2, [...rows.slice(0, n), one])))
  const reader = new Connection(path, KEY, QUIET, { readonly: true })
  onTestFinished(() => reader.close())
  const pieces = () => reader.get<{ n: number }>('SELECT count(DISTINCT segid) AS n FROM message_words_idx')?.n
  const before = pieces()
  await expect.poll(pieces, PATIENT).toBeLessThan(4)
  expect(before).toBeGreaterThan(4)
  expect(store.search({ q: '茶葉', limit: 100 }).messages).toHaveLength(60)
  store.applyPatch([patch(100, { removes: [['message', messageId('m7-1')]] })])
  expect(store.search({ q: '茶葉', limit: 100 }).messages).toHaveLength(59)
})
