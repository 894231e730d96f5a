/**
 * A conversation leaves the device, with everything under it (ROL-2): messages, contact, mark, search words, cached
 * history, files. What the member typed themself stays with them, as items of the queue.
 */
import { randomUUID } from 'node:crypto'
import type { ConversationId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { RowBatch } from './batch.ts'
import type { Writer } from './connection.ts'
import { readDraft } from './drafts.ts'
import { keepDeparting } from './departing.ts'
import { emptyItems, keepDraft } from './queue.ts'

/** Files of a conversation that no item of the queue needs. */
const DROP_FILES = `DELETE FROM attachment WHERE conversation_id = ?
  AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.attachment_id = attachment.id)`

/**
 * Removes the conversation from confirmed rows and from everything beside them.
 * @returns whether something typed was moved to the queue
 */
export function evict(
  writer: Writer,
  batch: RowBatch,
  id: ConversationId,
  now: Time,
): { known: boolean; kept: boolean } {
  const known = removeRows(batch, id)
  const departing = keepDeparting(writer, id, now)
  const kept = keepWhatWasTyped(writer, id, now) || departing
  dropOlder(writer, id)
  writer.run(DROP_FILES, id)
  return { known, kept }
}

/**
 * A conversation was deleted for ever: nothing of it stays, not even what the member typed there (DEL-7). What waited
 * for the hub keeps its number, which may be on its way, and nothing else.
 * @returns whether the device had it, and whether something typed went
 */
export function eraseDeleted(writer: Writer, batch: RowBatch, id: ConversationId): { known: boolean; typed: boolean } {
  const known = removeRows(batch, id)
  dropOlder(writer, id)
  const drafts = writer.run('DELETE FROM draft WHERE conversation_id = ?', id)
  const departing = writer.run('DELETE FROM departing WHERE conversation_id = ?', id)
  const queued = emptyItems(writer, id)
  writer.run('DELETE FROM attachment WHERE conversation_id = ?', id)
  return { known, typed: queued || drafts + departing > 0 }
}

/** Which of these conversations the device has anything of. */
export function heldOf(writer: Writer, ids: readonly ConversationId[]): ConversationId[] {
  return writer
    .all<{ id: ConversationId }>(
      `SELECT value AS id FROM json_each(?) WHERE value IN (
        SELECT id FROM conversation UNION SELECT conversation_id FROM message UNION SELECT conversation_id FROM older
        UNION SELECT conversation_id FROM draft UNION SELECT conversation_id FROM attachment
        UNION SELECT conversation_id FROM departing
        UNION SELECT conversation_id FROM queue WHERE conversation_id IS NOT NULL)`,
      JSON.stringify(ids),
    )
    .map(({ id }) => id)
}

/** @returns whether there was such a conversation */
function removeRows(batch: RowBatch, id: ConversationId): boolean {
  const conversation = batch.get('conversation', id)
  for (const message of batch.list('message', 'conversationId', id)) batch.remove('message', message.id)
  for (const mark of batch.list('mark', 'conversationId', id)) batch.remove('mark', mark.id)
  if (conversation) {
    batch.remove('conversation', id)
    if (batch.list('conversation', 'contactId', conversation.contactId).length === 0) {
      batch.remove('contact', conversation.contactId)
    }
  }
  return conversation !== undefined
}

function keepWhatWasTyped(writer: Writer, id: ConversationId, now: Time): boolean {
  const draft = readDraft(writer, id)
  if (!draft) return false
  const files = draft.attachmentIds.flatMap((attachmentId) => {
    const file = writer.get<{ id: string; name: string; mime: string; size: number }>(
      'SELECT id, name, mime, size FROM attachment WHERE id = ?',
      attachmentId,
    )
    return file ? [file] : []
  })
  keepDraft(writer, id, draft, files, now, randomUUID)
  writer.run('DELETE FROM draft WHERE conversation_id = ?', id)
  return true
}

/** Drops the cached older history of a conversation. */
export function dropOlder(writer: Writer, id: ConversationId): void {
  writer.run('DELETE FROM older WHERE conversation_id = ?', id)
  writer.run('DELETE FROM older_start WHERE conversation_id = ?', id)
}

/** Drops files of conversations that are not on the device, unless something typed needs them. */
export function dropStrayFiles(writer: Writer): void {
  writer.run(`DELETE FROM attachment WHERE NOT EXISTS (SELECT 1 FROM queue WHERE queue.attachment_id = attachment.id)
    AND NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.id = attachment.conversation_id)
    AND NOT EXISTS (SELECT 1 FROM draft, json_each(draft.attachment_ids) WHERE json_each.value = attachment.id)`)
}

/** The member's closed conversations from before the horizon, which devices no longer hold. */
export function pastHorizon(batch: RowBatch, writer: Writer, horizon: Time): ConversationId[] {
  const ids = writer.all<{ id: ConversationId }>('SELECT id FROM conversation WHERE closed_at < ?', horizon)
  // A waiting reopen hides a close, and a waiting close is not the hub's: the batch has what is confirmed.
  const waiting = writer.all<{ id: ConversationId }>(
    "SELECT value ->> 'id' AS id FROM undo, json_each(images) WHERE value ->> 'table' = 'conversation'",
  )
  const seen = new Set([...ids, ...waiting].map(({ id }) => id))
  return [...seen].filter((id) => {
    const conversation = batch.get('conversation', id)
    return conversation?.status === 'closed' && (conversation.closedAt ?? 0) < horizon
  })
}
