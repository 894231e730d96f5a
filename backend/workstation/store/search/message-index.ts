/**
 * What the search index holds of messages. A few new ones are only noted at first, so that nobody who writes or gets a
 * message waits for the index; it follows in a quiet moment (`merge.ts`), or as soon as somebody searches.
 */
import type { Body } from '../../../domain/rows.ts'
import { parseRow } from '../batch.ts'
import type { Reader, Writer } from '../connection.ts'
import { messageWords } from './words.ts'

/** A message's text as the index has it and as it shall have it; empty for none. `n` is the message's number. */
export type WordChange = { n: number; remove: string; add: string }

const ADD = 'INSERT INTO message_words (rowid, words) VALUES (CAST(? AS INTEGER), ?)'
const REMOVE = "INSERT INTO message_words (message_words, rowid, words) VALUES ('delete', CAST(? AS INTEGER), ?)"
const NOTE = 'INSERT INTO unindexed VALUES (CAST(? AS INTEGER))'
const FORGET = 'DELETE FROM unindexed WHERE n = CAST(? AS INTEGER)'
const NOTED = `SELECT unindexed.n, message.data FROM unindexed JOIN message ON message.n = unindexed.n
  ORDER BY unindexed.n`
const EVERY = 'SELECT n, data FROM message WHERE n > ? ORDER BY n LIMIT 1000'

/** A transaction with more new messages than this brings them into the index itself: that costs less for each. */
const NOTED_AT_ONCE = 16
/** Measured: taking the words of one message out in place costs as much as writing those of so many anew. */
const ANEW = 30
const ALWAYS_IN_PLACE = 50

/** What of a message can be searched: its text, or the file's name. */
export function searchable(body: Body): string {
  switch (body.kind) {
    case 'text':
    case 'note':
    case 'template':
      return body.text
    case 'image':
    case 'file':
    case 'media':
      return body.name
    case 'sticker':
      return body.label
    case 'location':
      return `${body.title} ${body.address}`
    case 'event':
    case 'unsent':
    case 'other':
      return ''
  }
}

/** Takes note of what one transaction changed. What is removed leaves the index in the same transaction (ROL-2). */
export function changeMessageWords(writer: Writer, changes: readonly WordChange[]): void {
  if (worthWritingAnew(writer, changes.filter(({ remove }) => remove !== '').length)) return writeAnew(writer)
  const isLater = changes.length <= NOTED_AT_ONCE
  // The index wants each transaction's changes in rising order, else it writes a segment for every one of them.
  for (const { n, remove, add } of changes.toSorted((a, b) => a.n - b.n)) {
    if (remove !== '' && writer.run(FORGET, n) === 0) put(writer, REMOVE, n, remove)
    if (add !== '' && isLater) writer.run(NOTE, n)
    else put(writer, ADD, n, add)
  }
}

/** Whether there are messages that a search would not find yet. */
export function isIndexBehind(reader: Reader): boolean {
  return reader.get('SELECT 1 FROM unindexed LIMIT 1') !== undefined
}

/** Brings what was only noted into the index. */
export function catchUpIndex(writer: Writer): void {
  for (const { n, data } of writer.all<{ n: number; data: string }>(NOTED)) put(writer, ADD, n, textOf(data))
  writer.run('DELETE FROM unindexed')
}

/**
 * Empties the index and fills it from the messages there are. Nothing less leaves no trace of many: what is only marked
 * as removed and then merged away may stay as a word without a message, whatever 'optimize' makes of the index.
 */
function writeAnew(writer: Writer): void {
  writer.run("INSERT INTO message_words (message_words) VALUES ('delete-all')")
  writer.run('DELETE FROM unindexed')
  let last = 0
  for (;;) {
    const rows = writer.all<{ n: number; data: string }>(EVERY, last)
    for (const { n, data } of rows) {
      put(writer, ADD, n, textOf(data))
      last = n
    }
    if (rows.length === 0) return
  }
}

/**
 * Whether so many messages go that the index is written anew without them, instead of taking each word out of its
 * place. Both leave no trace of them.
 */
function worthWritingAnew(writer: Writer, removed: number): boolean {
  if (removed < ALWAYS_IN_PLACE) return false
  return removed * ANEW > (writer.get<{ n: number }>('SELECT count(*) AS n FROM message')?.n ?? 0)
}

function put(writer: Writer, sql: string, n: number, text: string): void {
  const words = messageWords(text)
  if (words !== '') writer.run(sql, n, words)
}

function textOf(data: string): string {
  return searchable(parseRow('message', data).body)
}
