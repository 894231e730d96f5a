/**
 * What was typed into saved replies and not saved. It outlives the page and a lock of the workstation, but not the
 * member: nothing of it is written anywhere.
 */
import { defineStore } from 'pinia'
import { shallowReactive, watch } from 'vue'
import type { ReplyId } from '../../backend/domain/ids.ts'
import { REPLY_FILE_MAX } from '../../backend/domain/replies/files.ts'
import { newUpload } from '../inbox/composer/uploads.ts'
import type { Upload } from '../inbox/composer/uploads.ts'
import { useSession } from '../session/session.ts'
import { roomIn } from './draft.ts'
import type { ReplyDraft } from './draft.ts'
import { uploadReplyFile } from './reply-files.ts'

export const useReplyDrafts = defineStore('reply-drafts', () => {
  const session = useSession()
  const drafts = shallowReactive(new Map<ReplyId, ReplyDraft>())

  function keep(draft: ReplyDraft): void {
    drafts.set(draft.id, draft)
  }
  function forget(id: ReplyId): void {
    for (const message of drafts.get(id)?.messages ?? []) {
      const preview = message.kind === 'file' ? message.upload.preview : null
      if (preview?.startsWith('blob:')) URL.revokeObjectURL(preview)
    }
    drafts.delete(id)
  }
  function setState(id: ReplyId, key: string, state: Upload['state']): void {
    const draft = drafts.get(id)
    if (!draft) return
    const messages = draft.messages.map((message) =>
      message.kind === 'file' && message.key === key ? { ...message, upload: { ...message.upload, state } } : message,
    )
    keep({ ...draft, messages })
  }
  async function upload(id: ReplyId, { key, file }: Upload): Promise<void> {
    if (!file) return
    setState(id, key, { step: 'uploading', progress: 0 })
    const end = await uploadReplyFile(file, (progress) => setState(id, key, { step: 'uploading', progress }))
    setState(id, key, end)
  }
  /** Puts files behind the messages. @returns how many found no room */
  function addFiles(draft: ReplyDraft, files: Iterable<File>): number {
    const picked = [...files]
    const added = picked.slice(0, roomIn(draft)).map((file) => newUpload(file, null, REPLY_FILE_MAX))
    const more = added.map((one) => ({ key: one.key, kind: 'file', upload: one }) as const)
    keep({ ...draft, messages: [...draft.messages, ...more] })
    for (const one of added) if (one.state.step === 'uploading') void upload(draft.id, one)
    return picked.length - added.length
  }
  function again(id: ReplyId, key: string): void {
    for (const message of drafts.get(id)?.messages ?? [])
      if (message.kind === 'file' && message.key === key) void upload(id, message.upload)
  }

  // A lock keeps them for the same member; whoever comes next must not see them.
  watch(
    () => {
      const now = session.state?.session
      return now === undefined || now.state === 'signed-out' ? null : now.member.id
    },
    () => {
      for (const id of drafts.keys()) forget(id)
    },
    { flush: 'sync' },
  )

  return { drafts, keep, forget, addFiles, again }
})
