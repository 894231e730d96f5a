/** Search over everything on the device (CNV-11): contacts by any part of their fields, messages newest first. */
import type { z } from 'zod'
import type { SearchQuery, SearchResult } from '../../views.ts'
import type { Contact } from '../../../domain/rows.ts'
import { parseRow } from '../batch.ts'
import type { Param, Reader } from '../connection.ts'
import { conditionsOf } from '../lists.ts'
import { NUMBER_SLACK, firstNumber } from '../write-rows.ts'
import { excerpt, highlight } from './highlight.ts'
import { searchable } from './message-index.ts'
import { contactExpression, fold, messageExpression, queryParts } from './words.ts'

type Query = z.output<typeof SearchQuery>
/** A conversation with its contact, as SQL gives them. */
type Found = { conversation: string; contact: string | null }

/** Finds contacts (latest conversation first) and messages (newest first), at most `limit` of each. */
export function search(reader: Reader, query: Query): SearchResult {
  const parts = queryParts(query.q)
  if (parts.length === 0) return { contacts: [], messages: [], more: false }
  const contacts = findContacts(reader, query, parts)
  const messages = findMessages(reader, query, parts)
  return {
    contacts: contacts.slice(0, query.limit),
    messages: messages.slice(0, query.limit),
    more: contacts.length > query.limit || messages.length > query.limit,
  }
}

function findMessages(reader: Reader, query: Query, parts: readonly string[]): SearchResult['messages'] {
  const conditions = conditionsOf(reader, query, false)
  // Dates bound the numbers, so that the index skips what lies outside; numbers are only nearly the times.
  const bounds: Param[] = []
  const { from, to } = query
  if (from !== undefined) bounds.push(firstNumber(Math.max(0, from - NUMBER_SLACK)), from)
  if (to !== undefined) bounds.push(firstNumber(Math.max(0, to + NUMBER_SLACK + 1)), to)
  const sql = `SELECT message.data AS message, conversation.data AS conversation, contact.data AS contact
    FROM message_words
    CROSS JOIN message ON message.n = message_words.rowid
    CROSS JOIN conversation ON conversation.id = message.conversation_id
    LEFT JOIN contact ON contact.id = conversation.contact_id
    WHERE message_words MATCH ?
      ${from === undefined ? '' : "AND message_words.rowid >= CAST(? AS INTEGER) AND message.data ->> 'at' >= ?"}
      ${to === undefined ? '' : "AND message_words.rowid < CAST(? AS INTEGER) AND message.data ->> 'at' <= ?"}
      ${conditions.map((condition) => `AND ${condition.sql}`).join(' ')}
    ORDER BY message_words.rowid DESC LIMIT ?`
  const rows = reader.all<Found & { message: string }>(
    sql,
    messageExpression(parts),
    ...bounds,
    ...conditions.flatMap((condition) => condition.params),
    query.limit + 1,
  )
  const found = rows.map((row) => ({ ...row, message: parseRow('message', row.message) }))
  found.sort((a, b) => b.message.at - a.message.at)
  return found.map(({ message, contact }) => {
    return {
      conversationId: message.conversationId,
      messageId: message.id,
      ordinal: message.ordinal,
      contactName: contact === null ? '' : parseRow('contact', contact).name,
      at: message.at,
      author: message.author,
      kind: message.body.kind,
      excerpt: excerpt(searchable(message.body), parts),
    }
  })
}

function findContacts(reader: Reader, query: Query, parts: readonly string[]): SearchResult['contacts'] {
  const tags = tagsWith(reader, parts)
  const conditions = conditionsOf(reader, query, true)
  const expression = contactExpression(parts)
  const sql = `SELECT conversation.data AS conversation, contact.data AS contact FROM (
      SELECT contact.id FROM contact_words JOIN contact ON contact.n = contact_words.rowid WHERE contact_words MATCH ?
      UNION SELECT contact_id FROM contact_tag WHERE tag_id IN (SELECT value FROM json_each(?))
    ) AS hit
    CROSS JOIN conversation ON conversation.contact_id = hit.id
    CROSS JOIN contact ON contact.id = hit.id
    ${conditions.length === 0 ? '' : 'WHERE'} ${conditions.map((condition) => condition.sql).join(' AND ')}
    ORDER BY conversation.last_at DESC LIMIT ?`
  const rows = reader.all<{ conversation: string; contact: string }>(
    sql,
    expression,
    JSON.stringify([...tags.keys()]),
    ...conditions.flatMap((condition) => condition.params),
    query.limit + 1,
  )
  return rows.map((row) => {
    const contact = parseRow('contact', row.contact)
    const conversation = parseRow('conversation', row.conversation)
    const name = highlight(contact.name, parts)
    return {
      conversationId: conversation.id,
      conversation,
      name: name ?? [{ text: contact.name, hit: false }],
      matched: matchedField(contact, parts, tags),
    }
  })
}

/** The tags whose name has every part, by id. */
function tagsWith(reader: Reader, parts: readonly string[]): Map<string, string> {
  const rows = reader.all<{ data: string }>('SELECT data FROM tag').map(({ data }) => parseRow('tag', data))
  return new Map(
    rows.filter(({ name }) => parts.every((part) => fold(name).includes(part))).map(({ id, name }) => [id, name]),
  )
}

function matchedField(
  contact: Contact,
  parts: readonly string[],
  tags: ReadonlyMap<string, string>,
): SearchResult['contacts'][number]['matched'] {
  for (const field of ['phone', 'email', 'memberNumber'] as const) {
    const value = contact[field]
    const pieces = value === null ? null : highlight(value, parts.map(withoutSeparators))
    if (pieces) return { field, value: pieces }
  }
  for (const id of contact.tagIds) {
    const pieces = highlight(tags.get(id) ?? '', parts)
    if (pieces) return { field: 'tag', value: pieces }
  }
  return null
}

/** A number as digits alone, which the highlight finds through any separators. */
function withoutSeparators(part: string): string {
  return /^[+(]?\d[\d\-‐‑–. ()]*$/.test(part) ? part.replace(/\D/g, '') : part
}
