/**
 * The same rows and the same index, written by better-sqlite3 alone: `bare.ts SNAPSHOT FOLDER ROWS`. Everything is in
 * memory as it goes into the statements before the clock starts. So many rows go into one transaction.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { listOf } from '../../../backend/domain/lists.ts'
import type { Contact, Conversation, Message } from '../../../backend/domain/rows.ts'
import { unreadCount } from '../../../backend/domain/unread.ts'
import { SnapshotLine } from '../../../backend/sync/protocol.ts'
import { joined } from '../../../backend/workstation/hub/joined.ts'
import type { Result } from '../../../backend/workstation/service.ts'
import { contactWords, messageWords } from '../../../backend/workstation/store/search/words.ts'
import { firstNumber, searchable } from '../../../backend/workstation/store/write-rows.ts'
import { openBare } from '../bare.ts'
import { OWNER } from '../corpus.ts'
import { stopwatch } from '../statistics.ts'
import { storedIn } from './stored.ts'

type Values = (string | number | null)[]
type Line = {
  contacts: Values[]
  contactWords: Values[]
  tags: Values[]
  conversations: Values[]
  messages: Values[]
  words: Values[]
}

const [snapshot = '', folder = '', rowsEach = ''] = process.argv.slice(2)
const taken = new Set<number>()
let contacts = 0

/** Numbers follow the times, as the search index wants them. */
function numberOf({ at }: Message): number {
  let n = firstNumber(at)
  while (taken.has(n)) n++
  taken.add(n)
  return n
}

function contactValues(contact: Contact, into: Line): void {
  const { id, externalId, binding, name, phone, email, memberNumber, tagIds } = contact
  contacts += 1
  into.contacts.push([contacts, id, externalId, binding?.storeId ?? null, JSON.stringify(contact)])
  const words = contactWords([name, phone?.replace(/\D/g, '') ?? '', email ?? '', memberNumber ?? ''])
  into.contactWords.push([contacts, words])
  for (const tagId of tagIds) into.tags.push([tagId, id])
}

function conversationValues(conversation: Conversation): Values {
  const { id, contactId, channelId, followerId, lastMessage, createdAt, closedAt } = conversation
  const list = listOf(conversation, OWNER.id)
  const lastAt = lastMessage?.at ?? createdAt
  const unread = unreadCount(conversation, undefined)
  return [id, contactId, channelId, followerId, list, lastAt, unread, 0, closedAt, JSON.stringify(conversation)]
}

function lineOf(rows: Extract<SnapshotLine, { type: 'conversations' }>['rows']): Line {
  const line: Line = { contacts: [], contactWords: [], tags: [], conversations: [], messages: [], words: [] }
  for (const [table, row] of rows) {
    if (table === 'contact') contactValues(row, line)
    if (table === 'conversation') line.conversations.push(conversationValues(row))
    if (table !== 'message') continue
    const n = numberOf(row)
    line.messages.push([n, row.id, row.conversationId, row.ordinal, JSON.stringify(row)])
    const words = messageWords(searchable(row.body))
    if (words !== '') line.words.push([n, words])
  }
  line.words.sort(([a], [b]) => Number(a) - Number(b))
  return line
}

async function* checkedLines(): AsyncGenerator<Result<SnapshotLine>> {
  for await (const text of createInterface({ input: createReadStream(snapshot) })) {
    yield { ok: true, value: SnapshotLine.parse(JSON.parse(text)) }
  }
}

const lines: Line[] = []
for await (const line of joined(checkedLines(), { rows: Number(rowsEach), patience: 60_000 })) {
  if (line.ok && line.value.type === 'conversations') lines.push(lineOf(line.value.rows))
}

const db = openBare(join(folder, 'bare.db'), new Uint8Array(32).fill(7))
const statements = {
  contacts: db.prepare('INSERT INTO contact (n, id, external_id, store_id, data) VALUES (?, ?, ?, ?, ?)'),
  contactWords: db.prepare('INSERT INTO contact_words (rowid, words) VALUES (CAST(? AS INTEGER), ?)'),
  tags: db.prepare('INSERT INTO contact_tag VALUES (?, ?)'),
  conversations: db.prepare(`INSERT INTO conversation
    (id, contact_id, channel_id, follower_id, list, last_at, unread, pinned, closed_at, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  messages: db.prepare('INSERT INTO message (n, id, conversation_id, ordinal, data) VALUES (?, ?, ?, ?, ?)'),
  words: db.prepare('INSERT INTO message_words (rowid, words) VALUES (CAST(? AS INTEGER), ?)'),
} as const

function write(line: Line): void {
  for (const values of line.contacts) statements.contacts.run(...values)
  for (const values of line.contactWords) statements.contactWords.run(...values)
  for (const values of line.tags) statements.tags.run(...values)
  for (const values of line.conversations) statements.conversations.run(...values)
  for (const values of line.messages) statements.messages.run(...values)
  for (const values of line.words) statements.words.run(...values)
}

const watch = stopwatch()
for (const line of lines) db.transaction(() => write(line)).immediate()
const cost = watch()
const stored = storedIn(<T>(sql: string) => db.prepare(sql).get() as T)
db.close()
process.stdout.write(`${JSON.stringify({ ...cost, stored })}\n`)
