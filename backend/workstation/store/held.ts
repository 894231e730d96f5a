/** Which messages of a conversation a device holds: its newest ones, and below them what was asked of the hub. */
import type { ConversationId } from '../../domain/ids.ts'
import type { Conversation, Message } from '../../domain/rows.ts'
import { MESSAGES_HELD, isHeld } from '../../sync/protocol.ts'
import { parseRow } from './batch.ts'
import type { RowBatch } from './batch.ts'
import type { Reader, Writer } from './connection.ts'
import { dropOlder } from './evict.ts'

/**
 * Takes the messages that are no longer among the newest out of the batch. Where older history is cached they join it,
 * so that it stays without a gap; where everything held before has fallen out, the cache would have one and is dropped.
 */
export function trimHeld(writer: Writer, batch: RowBatch, ids: Iterable<ConversationId>): void {
  for (const id of ids) {
    const conversation = batch.get('conversation', id)
    if (conversation) trimOne(writer, batch, conversation)
  }
}

function trimOne(writer: Writer, batch: RowBatch, conversation: Conversation): void {
  const last = conversation.messageCount - MESSAGES_HELD
  if (last <= 0) return
  const { id } = conversation
  const stored = writer.all<{ id: string; ordinal: number }>(
    'SELECT id, ordinal FROM message WHERE conversation_id = ? AND ordinal <= ?',
    id,
    last,
  )
  if (stored.length === 0) return
  const cached = writer.get('SELECT 1 FROM older WHERE conversation_id = ? LIMIT 1', id) !== undefined
  const stays = cached && someConfirmedAbove(writer, batch, id, last)
  for (const { id: messageId } of stored) {
    const message = batch.get('message', messageId)
    if (!message || isHeld(message, conversation)) continue
    batch.remove('message', messageId)
    if (stays) putOlder(writer, message)
  }
  if (cached && !stays) dropOlder(writer, id)
}

/** Whether the device held a message above `ordinal` before this change; what only waits here does not count. */
function someConfirmedAbove(writer: Writer, batch: RowBatch, id: ConversationId, ordinal: number): boolean {
  return writer
    .all<{ id: string }>('SELECT id FROM message WHERE conversation_id = ? AND ordinal > ?', id, ordinal)
    .some((row) => batch.get('message', row.id) !== undefined)
}

function putOlder(writer: Writer, message: Message): void {
  writer.run(
    `INSERT INTO older VALUES (?, ?, ?, ?) ON CONFLICT (conversation_id, ordinal)
      DO UPDATE SET id = excluded.id, data = excluded.data`,
    message.conversationId,
    message.ordinal,
    message.id,
    JSON.stringify(message),
  )
}

/** Follows a change of a message in the cache, when it is there. */
export function changeOlder(writer: Writer, message: Message): void {
  writer.run('UPDATE older SET data = ? WHERE id = ?', JSON.stringify(message), message.id)
}

/** Forgets a removed message in the cache. */
export function removeOlder(writer: Writer, messageId: string): void {
  writer.run('DELETE FROM older WHERE id = ?', messageId)
}

/** Files older messages that the hub gave; nothing for a conversation that is not on the device (any more). */
export function cacheOlder(
  writer: Writer,
  id: ConversationId,
  messages: readonly Message[],
  reachedStart: boolean,
): boolean {
  if (!writer.get('SELECT 1 FROM conversation WHERE id = ?', id)) return false
  for (const message of messages) {
    const held = writer.get('SELECT 1 FROM message WHERE id = ?', message.id)
    if (message.conversationId === id && !held) putOlder(writer, message)
  }
  if (reachedStart) writer.run('INSERT INTO older_start VALUES (?) ON CONFLICT DO NOTHING', id)
  return true
}

type Range = { lowest: number | null; highest: number | null }
const RANGE = `SELECT min(ordinal) AS lowest, max(ordinal) AS highest FROM (
  SELECT min(ordinal) AS ordinal FROM message WHERE conversation_id = ?
  UNION ALL SELECT max(ordinal) FROM message WHERE conversation_id = ?
  UNION ALL SELECT min(ordinal) FROM older WHERE conversation_id = ?)`

/** The ordinals on the device, lowest and highest; null for a conversation without messages. */
export function rangeOf(reader: Reader, id: ConversationId): Range {
  return reader.get<Range>(RANGE, id, id, id) ?? { lowest: null, highest: null }
}

/** Whether older messages than those on the device exist on the hub. */
export function olderOnHub(reader: Reader, conversation: Conversation, lowest: number | null): boolean {
  if (conversation.messageCount === 0) return false
  if ((lowest ?? conversation.messageCount + 1) <= 1) return false
  return !reader.get('SELECT 1 FROM older_start WHERE conversation_id = ?', conversation.id)
}

const SLICE = (compare: string, order: string) => `SELECT ordinal, data FROM message
    WHERE conversation_id = ? AND ordinal ${compare} ?
  UNION ALL SELECT ordinal, data FROM older WHERE conversation_id = ? AND ordinal ${compare} ?
  ORDER BY ordinal ${order} LIMIT ?`
const BELOW = SLICE('<', 'DESC')
const ABOVE = SLICE('>', 'ASC')

/** Up to `limit` messages with a lower ordinal, oldest first. */
export function below(reader: Reader, id: ConversationId, ordinal: number, limit: number): Message[] {
  return reader
    .all<{ data: string }>(BELOW, id, ordinal, id, ordinal, limit)
    .map(({ data }) => parseRow('message', data))
    .reverse()
}

/** Up to `limit` messages with a higher ordinal, oldest first. */
export function above(reader: Reader, id: ConversationId, ordinal: number, limit: number): Message[] {
  return reader
    .all<{ data: string }>(ABOVE, id, ordinal, id, ordinal, limit)
    .map(({ data }) => parseRow('message', data))
}
