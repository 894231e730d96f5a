/**
 * The pictures and files of saved replies on this device: those the member added, until the hub has them, and those of
 * every reply the member has, newest first and as many as there is room for, so that they can be used offline (SYN-1).
 */
import type { AttachmentId, ReplyId } from '../../domain/ids.ts'
import { replyFiles } from '../../domain/replies/files.ts'
import type { ReplyFile } from '../../domain/replies/files.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { parseRow } from './batch.ts'
import type { Reader, Writer } from './connection.ts'
import type { KeptFile, Upload } from './member-store.ts'

/** What replies' files may take on a device, in bytes. */
const ROOM = 100 * 1024 * 1024
/** How long a file is kept that was added and is in no reply, in ms: the reply may be being written. */
const UNUSED_KEPT = 24 * 60 * 60_000

/** The files that a `reply.save` of the queue names. */
const QUEUED = `SELECT value ->> 'attachmentId' AS id, queue.seq, queue.state, queue.args ->> 'replyId' AS reply_id
  FROM queue, json_each(queue.args, '$.messages')
  WHERE queue.name = 'reply.save' AND value ->> 'attachmentId' IS NOT NULL`

/** Keeps a file that the member added. */
export function addReplyFile(writer: Writer, file: KeptFile, now: Time): void {
  insert(writer, file, 'local', now)
}

/** Keeps a file that the hub gave, as long as a reply here shows it. @returns the file as the reply shows it */
export function keepReplyFile(writer: Writer, id: AttachmentId, bytes: Uint8Array, now: Time): ReplyFile | undefined {
  const shown = shownFile(writer, id)
  if (shown) insert(writer, { ...shown, id, bytes }, 'uploaded', now)
  return shown
}

function insert(writer: Writer, file: KeptFile, state: 'local' | 'uploaded', now: Time): void {
  const { id, name, mime, size, bytes } = file
  writer.run(
    `INSERT INTO reply_file (id, name, mime, size, state, kept_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO NOTHING`,
    ...[id, name, mime, size, state, now, bytes],
  )
}

export function replyFile(reader: Reader, id: AttachmentId): KeptFile | undefined {
  return reader.get<KeptFile>('SELECT id, name, mime, size, bytes FROM reply_file WHERE id = ?', id)
}

/** The file as a reply on this device shows it. */
export function shownFile(reader: Reader, id: AttachmentId): ReplyFile | undefined {
  return allShown(reader).find(({ attachmentId }) => attachmentId === id)
}

/** What should be here, newest replies first, as far as there is room, and is not. */
export function missingFiles(reader: Reader): ReplyFile[] {
  const here = new Set(reader.all<{ id: string }>('SELECT id FROM reply_file').map(({ id }) => id))
  return withRoom(allShown(reader)).filter(({ attachmentId }) => !here.has(attachmentId))
}

function allShown(reader: Reader): ReplyFile[] {
  return reader
    .all<{ data: string }>('SELECT data FROM reply')
    .map(({ data }) => parseRow('reply', data))
    .toSorted((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
    .flatMap(replyFiles)
}

function withRoom(files: readonly ReplyFile[]): ReplyFile[] {
  let bytes = 0
  const end = files.findIndex(({ size }) => (bytes += size) > ROOM)
  return end === -1 ? [...files] : files.slice(0, end)
}

/**
 * Drops what nothing here shows or needs any more (ROL-2), and what there is no room for.
 * @returns whether there was any
 */
export function trimReplyFiles(writer: Writer, now: Time): boolean {
  const needed = new Set<string>([
    ...withRoom(allShown(writer)).map(({ attachmentId }) => attachmentId),
    ...writer.all<{ id: string }>(QUEUED).map(({ id }) => id),
  ])
  let dropped = false
  for (const file of writer.all<{ id: string; state: string; kept_at: number }>(
    'SELECT id, state, kept_at FROM reply_file',
  )) {
    const isBeingUsed = file.state === 'local' && now - file.kept_at < UNUSED_KEPT
    if (needed.has(file.id) || isBeingUsed) continue
    writer.run('DELETE FROM reply_file WHERE id = ?', file.id)
    dropped = true
  }
  return dropped
}

/** What queued commands need and the hub does not have, each with the first number that waits for it. */
export function replyUploads(reader: Reader): (Upload & { seq: number })[] {
  return reader
    .all<{ id: AttachmentId; name: string; replyId: ReplyId; seq: number }>(
      `SELECT reply_file.id, reply_file.name, queued.reply_id AS replyId, min(queued.seq) AS seq
        FROM (${QUEUED}) AS queued JOIN reply_file ON reply_file.id = queued.id
        WHERE queued.state = 'waiting' AND reply_file.state = 'local' GROUP BY reply_file.id`,
    )
    .map(({ id, name, replyId, seq }) => ({ id, name, owner: { replyId }, seq }))
}

const OF_ARGS = "SELECT value ->> 'attachmentId' FROM json_each(?, '$.messages')"

/** Whether a command has to wait for a file of its reply. */
export function waitsForFile(reader: Reader, { name, args }: { name: string; args: string }): boolean {
  if (name !== 'reply.save') return false
  const sql = `SELECT 1 FROM reply_file WHERE state = 'local' AND id IN (${OF_ARGS}) LIMIT 1`
  return reader.get(sql, args) !== undefined
}

/** Why a file of the command's reply was not taken, as JSON; null when none was refused. */
export function refusedFile(reader: Reader, { name, args }: { name: string; args: string }): string | null {
  if (name !== 'reply.save') return null
  const sql = `SELECT refusal FROM reply_file WHERE refusal IS NOT NULL AND id IN (${OF_ARGS}) LIMIT 1`
  return reader.get<{ refusal: string }>(sql, args)?.refusal ?? null
}

/** The files of the command's reply go up once more, with the command that is given again. */
export function tryFilesAgain(writer: Writer, { name, args }: { name: string; args: string }): void {
  if (name !== 'reply.save') return
  writer.run(`UPDATE reply_file SET state = 'local', refusal = NULL WHERE id IN (${OF_ARGS})`, args)
}

/** Those that queued commands need go up once more: the hub was restored and may not have them. */
export function sendFilesAgain(writer: Writer): void {
  writer.run(`UPDATE reply_file SET state = 'local' WHERE state = 'uploaded'
    AND id IN (SELECT id FROM (${QUEUED}) AS queued WHERE queued.state = 'waiting')`)
}

/** Takes note of what became of an upload. @returns whether the file is one of a reply */
export function settleReplyUpload(
  writer: Writer,
  id: AttachmentId,
  outcome: { ok: true } | { ok: false; refusal: Refusal },
): boolean {
  const changed = writer.run(
    'UPDATE reply_file SET state = ?, refusal = ? WHERE id = ?',
    outcome.ok ? 'uploaded' : 'refused',
    outcome.ok ? null : JSON.stringify(outcome.refusal),
    id,
  )
  return changed > 0
}
