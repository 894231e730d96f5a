/** Files that messages carry: their bytes on this device, and how far those the member added have come. */
import type { AttachmentId, ConversationId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Reader, Writer } from './connection.ts'
import type { UploadedAttachment } from '../views.ts'
import type { StoredAttachment, Upload } from './member-store.ts'
import { replyUploads } from './reply-files.ts'

type Described = Omit<StoredAttachment, 'bytes'>
type AttachmentRow = {
  id: AttachmentId
  conversation_id: ConversationId
  name: string
  mime: string
  size: number
  width: number | null
  height: number | null
}

function described(row: AttachmentRow): Described {
  const { id, conversation_id: conversationId, name, mime, size, width, height } = row
  return { id, conversationId, name, mime, size, width, height }
}

/** Keeps a file; one that is there already stays as it is. */
export function addAttachment(writer: Writer, attachment: StoredAttachment): void {
  const { id, conversationId, name, mime, size, width, height, bytes } = attachment
  writer.run(
    `INSERT INTO attachment (id, conversation_id, name, mime, size, width, height, state, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, 'local', ?) ON CONFLICT (id) DO NOTHING`,
    id,
    conversationId,
    name,
    mime,
    size,
    width,
    height,
    bytes,
  )
}

export function attachment(reader: Reader, id: AttachmentId): StoredAttachment | undefined {
  const row = reader.get<AttachmentRow & { bytes: Uint8Array }>('SELECT * FROM attachment WHERE id = ?', id)
  return row && { ...described(row), bytes: row.bytes }
}

/** Those files that are here, in the order of `ids`, without their bytes. */
export function filesOf(reader: Reader, ids: readonly AttachmentId[]): UploadedAttachment[] {
  return ids.flatMap((attachmentId) => {
    const row = reader.get<AttachmentRow>(
      'SELECT id, conversation_id, name, mime, size, width, height FROM attachment WHERE id = ?',
      attachmentId,
    )
    return row
      ? [{ attachmentId, name: row.name, mime: row.mime, size: row.size, width: row.width, height: row.height }]
      : []
  })
}

/** What queued commands need and the hub does not have, in the order of the queue. */
export function uploads(reader: Reader): Upload[] {
  const own = reader
    .all<Pick<AttachmentRow, 'id' | 'conversation_id' | 'name'> & { seq: number }>(
      `SELECT attachment.id, attachment.conversation_id, attachment.name, min(queue.seq) AS seq
        FROM queue JOIN attachment ON attachment.id = queue.attachment_id
        WHERE queue.state = 'waiting' AND attachment.state = 'local' GROUP BY attachment.id`,
    )
    .map(({ id, name, conversation_id: conversationId, seq }) => ({ id, name, owner: { conversationId }, seq }))
  return [...own, ...replyUploads(reader)]
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ id, name, owner }) => ({ id, name, owner }))
}

/** Takes note of what became of an upload. @returns the conversation, when the file is known */
export function settleUpload(
  writer: Writer,
  id: AttachmentId,
  outcome: { ok: true } | { ok: false; refusal: Refusal },
): ConversationId | undefined {
  return writer.get<{ id: ConversationId }>(
    'UPDATE attachment SET state = ?, refusal = ? WHERE id = ? RETURNING conversation_id AS id',
    outcome.ok ? 'uploaded' : 'refused',
    outcome.ok ? null : JSON.stringify(outcome.refusal),
    id,
  )?.id
}

/** The file goes up once more, with the message that is sent again: the hub refused it, or no longer has it. */
export function tryAgain(writer: Writer, id: string): void {
  writer.run("UPDATE attachment SET state = 'local', refusal = NULL WHERE id = ?", id)
}

/** Forgets the file of an item that was discarded, unless something else shows or needs it. */
export function dropUnneeded(writer: Writer, id: string): void {
  writer.run(
    `DELETE FROM attachment WHERE id = ? AND state <> 'uploaded'
      AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.attachment_id = attachment.id)
      AND NOT EXISTS (SELECT 1 FROM draft, json_each(draft.attachment_ids) WHERE json_each.value = attachment.id)`,
    id,
  )
}
