/** The attachments of one conversation's composer. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import { useComposers } from './composers.ts'
import { newUpload, readyFor, uploadFile, uploadedBefore } from './uploads.ts'
import type { ChannelKind } from '../../../backend/domain/rows.ts'
import type { Upload } from './uploads.ts'
import type { UploadedAttachment } from '../../../backend/workstation/views.ts'

/** Most attachments in one composer: what a draft holds. */
export const UPLOADS_MAX = 20

export type Uploads = {
  uploads: ComputedRef<Upload[]>
  /** Returns how many were one too many and are not there. */
  add(files: Iterable<File>): number
  /** Files that the backend has for this conversation; returns how many found no room. */
  take(kept: readonly UploadedAttachment[]): number
  again(key: string): void
  remove(key: string): void
}

/**
 * @param channel what kind of channel they go through; null when that is not known.
 * @param kept the files of the draft as the backend has them; what happened in this window since is newer.
 * @param changed called when which attachments are ready has changed.
 */
export function useUploads(
  id: ConversationId,
  channel: () => ChannelKind | null,
  kept: readonly UploadedAttachment[],
  changed: () => void,
): Uploads {
  const { uploads: all } = useComposers()
  if (!all.has(id) && kept.length > 0)
    all.set(
      id,
      kept.map((one) => uploadedBefore(one, channel())),
    )
  const uploads = computed(() => all.get(id) ?? [])

  function put(next: Upload[]): void {
    all.set(id, next)
  }
  function setState(key: string, state: Upload['state']): void {
    const list = all.get(id) ?? []
    if (!list.some((upload) => upload.key === key)) return
    put(list.map((upload) => (upload.key === key ? { ...upload, state } : upload)))
    if (state.step === 'ready') changed()
  }
  async function send(upload: Upload): Promise<void> {
    if (!upload.file) return
    setState(upload.key, { step: 'uploading', progress: 0 })
    const end = await uploadFile(id, upload.file, (progress) => setState(upload.key, { step: 'uploading', progress }))
    setState(upload.key, end.step === 'ready' ? readyFor(end.attachment, channel()) : end)
  }

  return {
    uploads,
    add(files) {
      const room = Math.max(0, UPLOADS_MAX - uploads.value.length)
      const picked = [...files]
      const added = picked.slice(0, room).map((file) => newUpload(file, channel()))
      put([...uploads.value, ...added])
      for (const upload of added) if (upload.state.step === 'uploading') void send(upload)
      return picked.length - added.length
    },
    take(more) {
      const room = Math.max(0, UPLOADS_MAX - uploads.value.length)
      const taken = more.slice(0, room).map((one) => uploadedBefore(one, channel()))
      put([...uploads.value, ...taken])
      changed()
      return more.length - taken.length
    },
    again(key) {
      const upload = uploads.value.find((one) => one.key === key)
      if (upload) void send(upload)
    },
    remove(key) {
      const upload = uploads.value.find((one) => one.key === key)
      if (upload?.preview) URL.revokeObjectURL(upload.preview)
      put(uploads.value.filter((one) => one.key !== key))
      changed()
    },
  }
}
