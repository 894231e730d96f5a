/** Files on their way into the local backend: checked first, sent at once with progress, kept as chips until they are sent. */
import { ATTACHMENT_MAX, FILE_TYPES, isImageType } from '../../../backend/domain/attachments.ts'
import { AttachmentId } from '../../../backend/domain/ids.ts'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import { Refusal, refuse } from '../../../backend/domain/refusal.ts'
import { z } from 'zod'
import { newId } from '../../api/id.ts'
import { Content, maySendFile } from '../../../backend/domain/messages/content.ts'
import type { ChannelKind } from '../../../backend/domain/rows.ts'
import { attachmentAddress } from '../thread/attachment-address.ts'
import type { UploadedAttachment } from '../../../backend/workstation/views.ts'

export type Upload = {
  key: string
  name: string
  size: number
  /** Null for what was uploaded before this page began. */
  file: File | null
  /** The address of a picture; an object URL is released by whoever drops the upload. */
  preview: string | null
  state:
    | { step: 'uploading'; progress: number }
    | { step: 'ready'; attachment: UploadedAttachment }
    | { step: 'failed'; refusal: Refusal; again: boolean }
}

const Uploaded = z.object({
  attachmentId: AttachmentId,
  name: z.string(),
  mime: z.string(),
  size: z.number(),
  width: z.number().nullable(),
  height: z.number().nullable(),
}) satisfies z.ZodType<UploadedAttachment>
const Failure = z.object({ error: Refusal })

/**
 * Why a file cannot be sent, as far as can be told before its bytes are read; null when it can.
 *
 * @param channel what kind of channel it shall go through, whose own rule is asked; null when that is not known.
 * @param max largest size, in bytes.
 */
export function refusalOfFile(
  file: Pick<File, 'name' | 'size' | 'type'>,
  channel: ChannelKind | null,
  max = ATTACHMENT_MAX,
): Refusal | null {
  const { name, size, type } = file
  const other = { instead: 'choose-other' } as const
  if (size === 0) return refuse('attachment.empty', { name }, other)
  if (size > max) return refuse('attachment.tooLarge', { name, max }, other)
  if (type !== '' && !FILE_TYPES.some((allowed) => allowed === type))
    return refuse('attachment.type', { name, mime: type }, other)
  return type === '' ? null : refusalByChannel({ name, size, mime: type }, channel)
}

/** Why the channel does not take a file of which the true type is known; null when it does. */
export function refusalByChannel(
  file: Pick<UploadedAttachment, 'name' | 'mime' | 'size'>,
  channel: ChannelKind | null,
): Refusal | null {
  const verdict = channel === null ? null : maySendFile(channel, file)
  return verdict?.allowed === false ? verdict.refusal : null
}

/** A new upload of a file; one that cannot be sent has failed from the start. */
export function newUpload(file: File, channel: ChannelKind | null, max?: number): Upload {
  const refusal = refusalOfFile(file, channel, max)
  return {
    key: newId(),
    name: file.name,
    size: file.size,
    file,
    preview: refusal === null && isImageType(file.type) ? URL.createObjectURL(file) : null,
    state: refusal ? { step: 'failed', refusal, again: false } : { step: 'uploading', progress: 0 },
  }
}

/** What the backend has kept of a draft from before this window began. */
export function uploadedBefore(attachment: UploadedAttachment, channel: ChannelKind | null): Upload {
  const { attachmentId, name, mime, size } = attachment
  return {
    key: attachmentId,
    name,
    size,
    file: null,
    preview: isImageType(mime) ? attachmentAddress(attachmentId) : null,
    state: readyFor(attachment, channel),
  }
}

/** Ready, unless the channel does not take what its bytes showed it to be. */
export function readyFor(attachment: UploadedAttachment, channel: ChannelKind | null): Upload['state'] {
  const refusal = refusalByChannel(attachment, channel)
  return refusal ? { step: 'failed', refusal, again: false } : { step: 'ready', attachment }
}

/**
 * Sends the bytes; never rejects.
 *
 * @param progress called with 0 to 1. `fetch` cannot tell it, which is why this is the older kind of request.
 */
export function uploadFile(id: ConversationId, file: File, progress: (part: number) => void): Promise<Upload['state']> {
  return uploadTo(`/api/attachments?${new URLSearchParams({ conversationId: id, name: file.name })}`, file, progress)
}

/** As {@link uploadFile}, to any address of the local API that takes a file's bytes. */
export function uploadTo(address: string, file: File, progress: (part: number) => void): Promise<Upload['state']> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const failed = (refusal: Refusal, again: boolean): void => resolve({ step: 'failed', refusal, again })
    request.open('POST', address)
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0)
    request.onerror = () => failed(refuse('workstation.unreachable', {}, { instead: 'wait' }), true)
    request.onload = () => {
      const answer = readAnswer(request.responseText)
      if (request.status < 400) {
        const uploaded = Uploaded.safeParse(answer)
        if (uploaded.success) return resolve({ step: 'ready', attachment: uploaded.data })
      }
      const refused = Failure.safeParse(answer)
      failed(
        refused.success ? refused.data.error : refuse('workstation.garbled', {}, { instead: 'wait' }),
        request.status >= 500,
      )
    }
    request.send(file)
  })
}

function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    console.warn('the upload was answered by something that is not JSON', error)
    return null
  }
}

/** The message that shows an attachment. The backend has taken the file, so that its type is one that may be sent. */
export function contentOf({ attachmentId, name, mime, size, width, height }: UploadedAttachment): Content {
  const common = { attachmentId, name, mime, size }
  const isPicture = width !== null && height !== null && isImageType(mime)
  return Content.parse(isPicture ? { kind: 'image', ...common, width, height } : { kind: 'file', ...common })
}
