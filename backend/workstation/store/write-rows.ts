/**
 * Writes what a batch changed, with everything that follows from it: the columns lists sort by, unread counts, tags,
 * and the search index. The one place where the team's rows are written.
 */
import { listOf } from '../../domain/lists.ts'
import type { ConversationId, MemberId } from '../../domain/ids.ts'
import { markId } from '../../domain/ids.ts'
import { REPLY_TABLES, SMALL_TABLES, TABLE_NAMES } from '../../domain/rows.ts'
import type { Contact, Conversation, Mark, Message } from '../../domain/rows.ts'
import { unreadCount } from '../../domain/unread.ts'
import { parseRow } from './batch.ts'
import type { RowBatch } from './batch.ts'
import type { Writer } from './connection.ts'
import { changeMessageWords, searchable } from './search/message-index.ts'
import type { WordChange } from './search/message-index.ts'
import { contactWords } from './search/words.ts'

/** What was written, for the screens. */
export type Written = { reference: boolean; replies: boolean; lists: boolean; conversations: Set<ConversationId> }

/** How many messages of the same millisecond have room in the order. */
const SLOTS = 1024
/**
 * How far, in ms, a message's number may be from its time. The hub's time replaces the device's when it takes a
 * message; moving each in the search index for that would cost more than sorting what was found.
 */
export const NUMBER_SLACK = 24 * 60 * 60_000
/** The highest time that is told apart (the year 2109). */
const LATEST = 2 ** 42 - 1
const REMOVE = Object.fromEntries(TABLE_NAMES.map((table) => [table, `DELETE FROM "${table}" WHERE id = ?`]))
const PUT_SMALL = Object.fromEntries(
  SMALL_TABLES.map((table) => [
    table,
    `INSERT INTO "${table}" (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data`,
  ]),
)

/** Writes the net change. The batch is not used again. */
export function writeRows(writer: Writer, batch: RowBatch, memberId: MemberId): Written {
  const written: Written = { reference: false, replies: false, lists: false, conversations: new Set() }
  for (const table of SMALL_TABLES) {
    for (const [id, { stored, row }] of batch.touched(table)) {
      const text = row ? JSON.stringify(row) : null
      if (text === (stored?.text ?? null)) continue
      if (text === null) writer.run(REMOVE[table] ?? '', id)
      else writer.run(PUT_SMALL[table] ?? '', id, text)
      if (REPLY_TABLES.some((own) => own === table)) written.replies = true
      else written.reference = true
    }
  }
  writeContacts(writer, batch, written)
  const moved = writeMarks(writer, batch, written)
  writeConversations(writer, batch, memberId, moved, written)
  writeMessages(writer, batch, written)
  return written
}

// --- contacts

const PUT_CONTACT = `INSERT INTO contact (id, external_id, store_id, data) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id, store_id = excluded.store_id, data = excluded.data
  RETURNING n`
const CONTACT_WORDS_ADD = 'INSERT INTO contact_words (rowid, words) VALUES (CAST(? AS INTEGER), ?)'
const CONTACT_WORDS_REMOVE =
  "INSERT INTO contact_words (contact_words, rowid, words) VALUES ('delete', CAST(? AS INTEGER), ?)"

function wordsOf(contact: Contact): string {
  const { name, phone, email, memberNumber } = contact
  const digits = phone?.replace(/\D/g, '') ?? ''
  return contactWords([name, digits, email ?? '', memberNumber ?? ''])
}

function writeContacts(writer: Writer, batch: RowBatch, written: Written): void {
  for (const [id, { stored, row }] of batch.touched('contact')) {
    const contact = row === null ? null : batch.get('contact', id)
    const text = contact ? JSON.stringify(contact) : null
    if (text === (stored?.text ?? null)) continue
    const before = stored ? parseRow('contact', stored.text) : null
    const old = before ? wordsOf(before) : ''
    const fresh = contact ? wordsOf(contact) : ''
    if (stored && old !== fresh) writer.run(CONTACT_WORDS_REMOVE, stored.n, old)
    if (before) writer.run('DELETE FROM contact_tag WHERE contact_id = ?', id)
    if (contact && text !== null) {
      const put = writer.get<{ n: number }>(PUT_CONTACT, id, contact.externalId, contact.binding?.storeId ?? null, text)
      if (put && (!stored || old !== fresh)) writer.run(CONTACT_WORDS_ADD, put.n, fresh)
      for (const tagId of new Set(contact.tagIds)) writer.run('INSERT INTO contact_tag VALUES (?, ?)', tagId, id)
    } else writer.run(REMOVE['contact'] ?? '', id)
    if (stored) {
      const shown = writer.all<{ id: ConversationId }>('SELECT id FROM conversation WHERE contact_id = ?', id)
      for (const conversation of shown) written.conversations.add(conversation.id)
    }
    written.lists = true
  }
}

// --- marks and conversations

function writeMarks(writer: Writer, batch: RowBatch, written: Written): Set<ConversationId> {
  const moved = new Set<ConversationId>()
  for (const [id, { stored, row }] of batch.touched('mark')) {
    const mark = row === null ? null : batch.get('mark', id)
    const text = mark ? JSON.stringify(mark) : null
    if (text === (stored?.text ?? null)) continue
    if (mark && text !== null) {
      writer.run(
        `INSERT INTO mark VALUES (?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET conversation_id = excluded.conversation_id, data = excluded.data`,
        id,
        mark.conversationId,
        text,
      )
      moved.add(mark.conversationId)
    } else {
      writer.run(REMOVE['mark'] ?? '', id)
      if (stored) moved.add(parseRow('mark', stored.text).conversationId)
    }
    written.lists = true
  }
  for (const id of moved) written.conversations.add(id)
  return moved
}

const ADD_CONVERSATION = `INSERT INTO conversation
  (id, contact_id, channel_id, follower_id, list, last_at, unread, pinned, closed_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const CHANGE_CONVERSATION = `UPDATE conversation SET channel_id = ?, follower_id = ?, list = ?, last_at = ?,
  unread = ?, pinned = ?, closed_at = ?, data = ? WHERE id = ?`
/** Apart, because setting a column writes its index anew even where the value stays. */
const CHANGE_CONTACT = 'UPDATE conversation SET contact_id = ? WHERE id = ? AND contact_id <> ?'

function columnsOf(conversation: Conversation, mark: Mark | undefined, memberId: MemberId) {
  return [
    conversation.channelId,
    conversation.followerId,
    listOf(conversation, memberId),
    conversation.lastMessage?.at ?? conversation.createdAt,
    unreadCount(conversation, mark),
    mark?.pinnedAt == null ? 0 : 1,
    conversation.status === 'closed' ? (conversation.closedAt ?? 0) : null,
    JSON.stringify(conversation),
  ] as const
}

function writeConversations(
  writer: Writer,
  batch: RowBatch,
  memberId: MemberId,
  moved: ReadonlySet<ConversationId>,
  written: Written,
): void {
  for (const id of moved) {
    const conversation = batch.get('conversation', id)
    // Written below with the rest.
    if (conversation) batch.put('conversation', conversation)
  }
  for (const [id, { stored, row }] of batch.touched('conversation')) {
    const conversation = row === null ? undefined : batch.get('conversation', id)
    if (!conversation) {
      if (!stored) continue
      writer.run(REMOVE['conversation'] ?? '', id)
      written.conversations.add(parseRow('conversation', stored.text).id)
      written.lists = true
      continue
    }
    if (stored && !moved.has(conversation.id) && stored.text === JSON.stringify(conversation)) continue
    const columns = columnsOf(conversation, batch.get('mark', markId(memberId, conversation.id)), memberId)
    if (stored) {
      writer.run(CHANGE_CONVERSATION, ...columns, id)
      writer.run(CHANGE_CONTACT, conversation.contactId, id, conversation.contactId)
    } else writer.run(ADD_CONVERSATION, id, conversation.contactId, ...columns)
    written.conversations.add(conversation.id)
    written.lists = true
  }
}

// --- messages

const ADD_MESSAGE = `INSERT INTO message (n, id, conversation_id, ordinal, data) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (n) DO NOTHING`
const CHANGE_MESSAGE = 'UPDATE message SET conversation_id = ?, ordinal = ?, data = ? WHERE n = ?'
/** The first number of a time. Numbers of messages follow their times. */
export function firstNumber(at: number): number {
  return Math.min(at, LATEST) * SLOTS
}

function slotOf(id: string): number {
  let hash = 7
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0
  return (hash >>> 0) % SLOTS
}

function addMessage(writer: Writer, message: Message, text: string): number {
  let n = firstNumber(message.at) + slotOf(message.id)
  while (writer.run(ADD_MESSAGE, n, message.id, message.conversationId, message.ordinal, text) === 0) n++
  return n
}

function writeMessages(writer: Writer, batch: RowBatch, written: Written): void {
  const words: WordChange[] = []
  for (const [id, { stored, row }] of batch.touched('message')) {
    const message = row === null ? null : batch.get('message', id)
    const text = message ? JSON.stringify(message) : null
    if (text === (stored?.text ?? null)) continue
    const before = stored ? parseRow('message', stored.text) : null
    if (before) written.conversations.add(before.conversationId)
    if (message) written.conversations.add(message.conversationId)

    const stays = before && message && Math.abs(before.at - message.at) <= NUMBER_SLACK
    if (stored && before && message && text !== null && stays) {
      writer.run(CHANGE_MESSAGE, message.conversationId, message.ordinal, text, stored.n)
      const [remove, add] = [searchable(before.body), searchable(message.body)]
      if (remove !== add) words.push({ n: stored.n, remove, add })
      continue
    }
    if (stored && before) {
      writer.run('DELETE FROM message WHERE n = ?', stored.n)
      words.push({ n: stored.n, remove: searchable(before.body), add: '' })
    }
    if (message && text !== null) {
      words.push({ n: addMessage(writer, message, text), remove: '', add: searchable(message.body) })
    }
  }
  changeMessageWords(writer, words)
}
