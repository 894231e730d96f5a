/** The pictures and files of saved replies: where the local backend has them, and copies of them under new ids. */
import { FILE_TYPES, IMAGE_TYPES } from '../../backend/domain/attachments.ts'
import type { CommandArgs } from '../../backend/domain/commands.ts'
import type { AttachmentId } from '../../backend/domain/ids.ts'
import { refuse } from '../../backend/domain/refusal.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { ReplyMessage } from '../../backend/domain/rows.ts'
import type { UploadedAttachment } from '../../backend/workstation/views.ts'
import { uploadTo } from '../inbox/composer/uploads.ts'
import type { Upload } from '../inbox/composer/uploads.ts'

/** A message as a reply is saved with it: its file is of a type that a message takes. */
type Given = CommandArgs<'reply.save'>['messages'][number]
export type SavedMessage =
  Extract<Given, { kind: 'text' }> | (Exclude<Given, { kind: 'text' }> & { attachmentId: AttachmentId })

export function replyFileAddress(id: AttachmentId): string {
  return `/api/replies/files/${encodeURIComponent(id)}`
}

/** Keeps a file for a reply; never rejects. @param progress called with 0 to 1 */
export function uploadReplyFile(file: File, progress: (part: number) => void): Promise<Upload['state']> {
  return uploadTo(`/api/replies/files?${new URLSearchParams({ name: file.name })}`, file, progress)
}

/** The message that shows a file; null for a type that no message has. */
export function messageOf({ attachmentId, name, mime, size, width, height }: UploadedAttachment): SavedMessage | null {
  const common = { attachmentId, name, size }
  const picture = IMAGE_TYPES.find((one) => one === mime)
  if (picture && width !== null && height !== null) return { kind: 'image', ...common, mime: picture, width, height }
  const type = FILE_TYPES.find((one) => one === mime)
  return type === undefined ? null : { kind: 'file', ...common, mime: type }
}

/** A message with the bytes of its file at hand. */
export type Loaded = { kind: 'text'; text: string } | { kind: 'file'; file: File }

/** Reads the files of messages, before they may be removed with their reply. */
export async function loadFiles(messages: readonly ReplyMessage[]): Promise<Loaded[] | Refusal> {
  const loaded: Loaded[] = []
  for (const message of messages) {
    if (message.kind === 'text') {
      loaded.push(message)
      continue
    }
    const { name, mime } = message
    try {
      const answer = await fetch(replyFileAddress(message.attachmentId))
      if (!answer.ok) return refuse('attachment.missing', { name }, { instead: 'go-online' })
      loaded.push({ kind: 'file', file: new File([await answer.blob()], name, { type: mime }) })
    } catch {
      return refuse('workstation.unreachable', {}, { instead: 'wait' })
    }
  }
  return loaded
}

/** The same messages with files of their own: a file belongs to one reply. */
export async function copyFiles(loaded: readonly Loaded[]): Promise<SavedMessage[] | Refusal> {
  const copies: SavedMessage[] = []
  for (const one of loaded) {
    if (one.kind === 'text') {
      copies.push(one)
      continue
    }
    const end = await uploadReplyFile(one.file, () => undefined)
    if (end.step === 'failed') return end.refusal
    const copy = end.step === 'ready' ? messageOf(end.attachment) : null
    if (copy) copies.push(copy)
  }
  return copies
}
