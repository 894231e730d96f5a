/** Checks a file that a member wants to send, before the device keeps it: the same checks the hub makes. */
import { v7 as uuidv7 } from 'uuid'
import { ATTACHMENT_MAX, isImageType } from '../../domain/attachments.ts'
import { AttachmentId } from '../../domain/ids.ts'
import type { ConversationId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import { cleanName } from '../../domain/text.ts'
import { trueType } from '../../sync/true-type.ts'
import type { Result } from '../service.ts'
import type { StoredAttachment } from '../store/member-store.ts'
import { pictureSize } from './picture-size.ts'

/** The file as the device keeps it for a conversation, under a new id; or why it cannot be sent. */
export async function acceptAttachment(
  conversationId: ConversationId,
  givenName: string,
  declared: string,
  bytes: Uint8Array,
): Promise<Result<StoredAttachment>> {
  const accepted = await acceptFile(givenName, declared, bytes, ATTACHMENT_MAX)
  return accepted.ok ? { ok: true, value: { ...accepted.value, conversationId } } : accepted
}

/** A file of at most `max` bytes under a new id, with what it truly is. */
export async function acceptFile(
  givenName: string,
  declared: string,
  bytes: Uint8Array,
  max: number,
): Promise<Result<Omit<StoredAttachment, 'conversationId'>>> {
  const name = cleanName(givenName) || 'file'
  const instead = { instead: 'choose-other' } as const
  if (bytes.length === 0) return { ok: false, refusal: refuse('attachment.empty', { name }, instead) }
  if (bytes.length > max) return { ok: false, refusal: refuse('attachment.tooLarge', { name, max }, instead) }
  const type = await trueType(bytes, declared)
  if (!type.ok) return { ok: false, refusal: refuse('attachment.type', { name, mime: type.mime }, instead) }
  const picture = isImageType(type.mime) ? pictureSize(bytes, type.mime) : null
  return {
    ok: true,
    value: {
      id: AttachmentId.parse(uuidv7()),
      name,
      mime: type.mime,
      size: bytes.length,
      width: picture?.width ?? null,
      height: picture?.height ?? null,
      bytes,
    },
  }
}
