/** The inbox's lists: their rows, page by page, and their counts. Both are answered from indexes alone. */
import type { z } from 'zod'
import type { ConversationId } from '../../domain/ids.ts'
import type { ListName } from '../../domain/lists.ts'
import type { Contact, Event } from '../../domain/rows.ts'
import { markId } from '../../domain/ids.ts'
import { filesOf } from './attachments.ts'
import type { ConversationPage, ConversationRow, ConversationView, Counts, ListQuery, SearchQuery } from '../views.ts'
import { memberOf } from './about.ts'
import { parseRow } from './batch.ts'
import type { Param, Reader } from './connection.ts'
import { NO_DRAFT, readDraft } from './drafts.ts'
import { preview } from '../../domain/text.ts'

/** How many conversations and unread messages each list has (CNV-12). */
export function counts(reader: Reader): Counts {
  const rows = reader.all<{ list: string; total: number; unread: number }>('SELECT list, total, unread FROM list_count')
  const of = (list: ListName) => {
    const row = rows.find((one) => one.list === list)
    return { total: row?.total ?? 0, unread: row?.unread ?? 0 }
  }
  return {
    pending_person: of('pending_person'),
    pending_bot: of('pending_bot'),
    open_mine: of('open_mine'),
    open_team: of('open_team'),
    closed_mine: of('closed_mine'),
    closed_team: of('closed_team'),
  }
}

type Filters = Pick<z.output<typeof SearchQuery>, 'list' | 'channelId' | 'storeId' | 'tagId' | 'unread' | 'from' | 'to'>
/** A condition over `conversation`, with its values. */
type Condition = { sql: string; params: Param[] }

/** Conditions for the filters that lists and search share; dates only when `dated`. A store: bound there, or followed from there. */
export function conditionsOf(reader: Reader, filters: Filters, dated: boolean): Condition[] {
  const conditions: Condition[] = []
  const add = (sql: string, ...params: Param[]) => conditions.push({ sql, params })
  if (filters.list) add('conversation.list = ?', filters.list)
  if (filters.channelId) add('conversation.channel_id = ?', filters.channelId)
  if (filters.unread === true) add('conversation.unread > 0')
  if (filters.unread === false) add('conversation.unread = 0')
  if (filters.tagId) {
    add(`conversation.contact_id IN (SELECT contact_id FROM contact_tag WHERE tag_id = ?)`, filters.tagId)
  }
  if (filters.storeId) {
    add(
      `(conversation.follower_id IN (SELECT value FROM json_each(?))
        OR conversation.contact_id IN (SELECT id FROM contact WHERE store_id = ?))`,
      JSON.stringify(membersOf(reader, filters.storeId)),
      filters.storeId,
    )
  }
  if (dated && filters.from !== undefined) add('conversation.last_at >= ?', filters.from)
  if (dated && filters.to !== undefined) add('conversation.last_at <= ?', filters.to)
  return conditions
}

function membersOf(reader: Reader, storeId: string): string[] {
  return reader
    .all<{ data: string }>('SELECT data FROM member')
    .map(({ data }) => parseRow('member', data))
    .filter((member) => member.storeIds.some((id) => id === storeId))
    .map(({ id }) => id)
}

/** See {@link MemberStore.conversations}. */
export function conversations(reader: Reader, query: z.output<typeof ListQuery>): ConversationPage {
  const { list, offset, limit, ...filters } = query
  const narrowing = conditionsOf(reader, filters, true)
  const conditions = [...conditionsOf(reader, { list }, false), ...narrowing]
  const where = conditions.map(({ sql }) => sql).join(' AND ')
  const params = conditions.flatMap((condition) => condition.params)
  const page = reader.all<{ n: number }>(
    `SELECT n FROM conversation WHERE ${where} ORDER BY pinned DESC, last_at DESC, n LIMIT ? OFFSET ?`,
    ...params,
    limit,
    offset,
  )
  const total =
    narrowing.length === 0
      ? counts(reader)[list].total
      : (reader.get<{ total: number }>(`SELECT count(*) AS total FROM conversation WHERE ${where}`, ...params)?.total ??
        0)
  return { total, offset, rows: page.flatMap(({ n }) => rowAt(reader, n) ?? []) }
}

type Stored = {
  data: string
  contact: string | null
  unread: number
  pinned: number
  draft: string | null
  event: string | null
  waiting: number
  refused: number
}
const ROW = `SELECT conversation.data, contact.data AS contact, conversation.unread, conversation.pinned,
    CASE WHEN draft.mode = 'note' THEN draft.note ELSE draft.reply END AS draft,
    CASE WHEN conversation.data ->> '$.lastMessage.kind' = 'event' THEN
      (SELECT message.data -> '$.body.event' FROM message
        WHERE message.id = conversation.data ->> '$.lastMessage.messageId') END AS event,
    (SELECT count(*) FROM queue WHERE conversation_id = conversation.id AND state = 'waiting') AS waiting,
    (SELECT count(*) FROM queue WHERE conversation_id = conversation.id AND state = 'refused') AS refused
  FROM conversation
  LEFT JOIN contact ON contact.id = conversation.contact_id
  LEFT JOIN draft ON draft.conversation_id = conversation.id`
const ROW_BY_N = `${ROW} WHERE conversation.n = ?`
const ROW_BY_ID = `${ROW} WHERE conversation.id = ?`

function rowAt(reader: Reader, n: number): ConversationRow | undefined {
  const stored = reader.get<Stored>(ROW_BY_N, n)
  return stored && toRow(stored).row
}

function toRow(stored: Stored): { row: ConversationRow; contact: Contact | null } {
  const conversation = parseRow('conversation', stored.data)
  const contact = stored.contact === null ? null : parseRow('contact', stored.contact)
  return {
    contact,
    row: {
      id: conversation.id,
      conversation,
      contact: contact
        ? { id: contact.id, name: contact.name, tagIds: contact.tagIds }
        : // Not there (yet): shown without a name rather than hidden.
          { id: conversation.contactId, name: '', tagIds: [] },
      unread: stored.unread,
      pinned: stored.pinned === 1,
      draft: preview(stored.draft ?? ''),
      lastEvent: stored.event === null ? null : parseEvent(stored.event),
      waiting: stored.waiting,
      refused: stored.refused,
    },
  }
}

/** What was stored was checked by its schema before it was written. */
function parseEvent(text: string): Event {
  return JSON.parse(text) as Event
}

/** See {@link MemberStore.conversation}. */
export function conversation(
  reader: Reader,
  id: ConversationId,
): Omit<ConversationView, 'viewers' | 'customerTyping'> | undefined {
  const stored = reader.get<Stored>(ROW_BY_ID, id)
  if (!stored) return undefined
  const { row, contact } = toRow(stored)
  if (!contact) return undefined
  const mark = reader.get<{ data: string }>('SELECT data FROM mark WHERE id = ?', markId(memberOf(reader), id))
  const draftWhole = readDraft(reader, id) ?? NO_DRAFT
  return {
    ...row,
    contact,
    mark: mark ? parseRow('mark', mark.data) : null,
    draftWhole,
    draftAttachments: filesOf(reader, draftWhole.attachmentIds),
  }
}
