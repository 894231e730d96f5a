/** What is in the composers and not sent, per conversation. */
import type { ConversationId } from '../../domain/ids.ts'
import { Draft } from '../views.ts'
import type { Reader, Writer } from './connection.ts'

export const NO_DRAFT: Draft = { mode: 'reply', reply: '', note: '', attachmentIds: [] }

type DraftRow = { mode: string; reply: string; note: string; attachment_ids: string }

/** The draft of a conversation, when there is one. */
export function readDraft(reader: Reader, id: ConversationId): Draft | undefined {
  const row = reader.get<DraftRow>('SELECT * FROM draft WHERE conversation_id = ?', id)
  if (!row) return undefined
  const { mode, reply, note } = row
  return Draft.parse({ mode, reply, note, attachmentIds: JSON.parse(row.attachment_ids) })
}

/** Keeps a draft; an empty one leaves nothing behind. */
export function writeDraft(writer: Writer, id: ConversationId, draft: Draft): void {
  const { mode, reply, note, attachmentIds } = draft
  if (reply === '' && note === '' && attachmentIds.length === 0) {
    writer.run('DELETE FROM draft WHERE conversation_id = ?', id)
    return
  }
  writer.run(
    `INSERT INTO draft VALUES (?, ?, ?, ?, ?) ON CONFLICT (conversation_id) DO UPDATE
      SET mode = excluded.mode, reply = excluded.reply, note = excluded.note, attachment_ids = excluded.attachment_ids`,
    id,
    mode,
    reply,
    note,
    JSON.stringify(attachmentIds),
  )
}
