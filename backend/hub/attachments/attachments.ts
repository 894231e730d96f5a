/**
 * Files that members and customers send, and those of saved replies: taken in once, checked by their bytes, never changed
 * afterwards. An attachment belongs to a conversation or to a reply, and who sees that sees the file.
 */
import { sql } from 'kysely'
import { ATTACHMENT_MAX } from '../../domain/attachments.ts'
import type { AttachmentId, ConversationId, MemberId, ReplyId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { REPLY_FILE_MAX } from '../../domain/replies/files.ts'
import type { Time } from '../../domain/rows.ts'
import { cleanName } from '../../domain/text.ts'
import type { AttachmentInfo } from '../../sync/protocol.ts'
import type { AttachmentCheck, HubDatabase, HubTransaction } from '../core.ts'
import type { AttachmentTable } from '../store/migrations/003-attachments.ts'
import type { AttachmentStore, Draft } from './folder.ts'
import { trueType } from '../../sync/true-type.ts'

/** A file on its way in. */
export type Upload = {
  teamId: TeamId
  attachmentId: AttachmentId
  name: string
  /** What the sender says it is; believed only between plain text and CSV. */
  declared: string
  bytes: ReadableStream<Uint8Array>
} & ({ conversationId: ConversationId } | { replyId: ReplyId; uploadedBy: MemberId })
/** What is known of an attachment, with what it belongs to: a conversation, or a reply. */
export type Found = {
  info: AttachmentInfo
  conversationId: string | null
  replyId: string | null
  uploadedBy: string | null
}
export type Stored = { ok: true; info: AttachmentInfo } | { ok: false; refusal: Refusal }

export interface Attachments extends AttachmentCheck {
  /**
   * Takes a file in. The same bytes for the same id and owner are the same attachment; anything else for an id
   * that is taken is refused. Whether the sender may is for the caller to check.
   */
  storeFromCustomer(upload: Upload): Promise<Stored>
  /** The same for a conversation that has to be there: it may be deleted while the file is on its way. */
  store(upload: Upload): Promise<Stored>
  find(teamId: TeamId, attachmentId: AttachmentId): Promise<Found | undefined>
  /** Removes it with its bytes; nothing happens when there is none. */
  remove(teamId: TeamId, attachmentId: AttachmentId): Promise<void>
  /** Removes bytes from before this time that belong to no attachment: a hub was killed while it took them in. */
  removeLost(before: Time): Promise<void>
  /** Its bytes; null when they are gone. */
  open(teamId: TeamId, attachmentId: AttachmentId): Promise<ReadableStream<Uint8Array> | null>
}

/** Attachments over a store of bytes and their rows in the database. */
export function createAttachments(deps: { db: HubDatabase; store: AttachmentStore; now(): Time }): Attachments {
  const { db, store } = deps
  return {
    store: (upload) => receive(deps, upload, 'theirs'),
    // A customer's file may come before their first message, with which the conversation begins.
    storeFromCustomer: (upload) => receive(deps, upload, 'any'),
    async find(teamId, attachmentId) {
      const row = await select(db, teamId, attachmentId)
      if (!row) return undefined
      const { conversation_id: conversationId, reply_id: replyId, uploaded_by: uploadedBy } = row
      return { info: infoOf(row), conversationId, replyId, uploadedBy }
    },
    open: (teamId, attachmentId) => store.get(teamId, attachmentId),
    async remove(teamId, attachmentId) {
      // The bytes first: what was cut in between is done again, as long as the row is there.
      await store.remove(teamId, attachmentId)
      await db.deleteFrom('attachment').where('team_id', '=', teamId).where('id', '=', attachmentId).execute()
    },
    async removeLost(before) {
      for await (const files of store.older(before)) {
        for (const { teamId, id } of files) if (!(await select(db, teamId, id))) await store.remove(teamId, id)
      }
    },
    async check(trx, teamId, content) {
      const row = await select(trx, teamId, content.attachmentId)
      const isOwn =
        'replyId' in content ? row?.reply_id === content.replyId : row?.conversation_id === content.conversationId
      if (!row || !isOwn || row.size !== content.size) {
        return refuse('attachment.missing', { name: content.name })
      }
      if (row.mime !== content.mime) return refuse('attachment.type', { name: content.name, mime: row.mime })
      return null
    },
  }
}

async function receive(
  { db, store, now }: { db: HubDatabase; store: AttachmentStore; now(): Time },
  upload: Upload,
  conversation: 'theirs' | 'any',
): Promise<Stored> {
  const name = cleanName(upload.name) || 'file'
  const max = 'replyId' in upload ? REPLY_FILE_MAX : ATTACHMENT_MAX
  const draft = await store.put(upload.bytes, max)
  if (draft === 'tooLarge') {
    return no(refuse('attachment.tooLarge', { name, max }, { instead: 'choose-other' }))
  }
  try {
    if (draft.size === 0) return no(refuse('attachment.empty', { name }, { instead: 'choose-other' }))
    const type = await trueType(await draft.read(), upload.declared)
    if (!type.ok) return no(refuse('attachment.type', { name, mime: type.mime }, { instead: 'choose-other' }))
    const row: AttachmentTable = {
      team_id: upload.teamId,
      id: upload.attachmentId,
      ...('replyId' in upload
        ? { conversation_id: null, reply_id: upload.replyId, uploaded_by: upload.uploadedBy }
        : { conversation_id: upload.conversationId, reply_id: null, uploaded_by: null }),
      name,
      mime: type.mime,
      size: draft.size,
      sha256: draft.sha256,
      created_at: now(),
    }
    const known = await db.transaction().execute(async (trx) => {
      // It may have been deleted while the file was on its way; and it cannot be now, before the file is known.
      const isTheirs = conversation === 'theirs' && row.conversation_id !== null
      if (isTheirs && !(await holdConversation(trx, row))) return 'deleted'
      return insert(trx, row, draft)
    })
    if (known === 'deleted') return no(refuse('conversation.notVisible', {}))
    if (!known) return { ok: true, info: infoOf(row) }
    const isOwn = known.conversation_id === row.conversation_id && known.reply_id === row.reply_id
    const same = isOwn && Buffer.from(known.sha256).equals(row.sha256)
    return same ? { ok: true, info: infoOf(known) } : no(refuse('request.invalid', { field: 'attachmentId' }))
  } finally {
    await draft.discard()
  }
}

/**
 * Inserts the row and puts the bytes in their place, or answers the row that has the id already. A second sender of the
 * id waits for the first one's commit, so the bytes in place are always those of the row; a kill before the commit
 * leaves bytes without a row, which the next sender replaces.
 */
async function insert(trx: HubTransaction, row: AttachmentTable, draft: Draft): Promise<AttachmentTable | undefined> {
  const inserted = await trx
    .insertInto('attachment')
    .values(row)
    .onConflict((conflict) => conflict.columns(['team_id', 'id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return select(trx, row.team_id, row.id)
  await draft.keep(row.team_id, row.id)
  return undefined
}

/** @returns whether it is there, and stays until the transaction ends */
async function holdConversation(trx: HubTransaction, row: AttachmentTable): Promise<boolean> {
  const { rows } = await sql`
    select from conversation where team_id = ${row.team_id} and id = ${row.conversation_id} for key share`.execute(trx)
  return rows.length > 0
}

function select(db: HubDatabase | HubTransaction, teamId: string, id: string): Promise<AttachmentTable | undefined> {
  return db.selectFrom('attachment').selectAll().where('team_id', '=', teamId).where('id', '=', id).executeTakeFirst()
}

function infoOf(row: AttachmentTable): AttachmentInfo {
  return { attachmentId: row.id, name: row.name, mime: row.mime, size: row.size }
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
