/** What was filled into templates while the picker is open: kept for each, so that looking at another loses nothing. */
import { computed, onScopeDispose, shallowReactive } from 'vue'
import type { ComputedRef } from 'vue'
import type { ChannelKind, Template } from '../../../backend/domain/rows.ts'
import type { ConversationId, TemplateId } from '../../../backend/domain/ids.ts'
import { Content } from '../../../backend/domain/messages/content.ts'
import { fitsHeader, mediaOf, placeholdersOf } from '../../../backend/domain/templates/template.ts'
import { newUpload, readyFor, uploadFile } from '../composer/uploads.ts'
import type { Upload } from '../composer/uploads.ts'
import { fieldProblem } from './choose.ts'

export type Filling = {
  values: ComputedRef<Record<string, string>>
  upload: ComputedRef<Upload | null>
  /** The name of a file that was chosen and cannot stand in the header; null for none. */
  misfit: ComputedRef<string | null>
  /** Everything the template asks for is given, and right. */
  complete: ComputedRef<boolean>
  set(key: string, value: string): void
  setFile(file: File): void
  again(): void
  removeFile(): void
  /** The message, once it is {@link complete}; null before. */
  content(): Content | null
}

/** @param template the one that is chosen; null for none. */
export function useFilling(
  conversationId: ConversationId,
  channel: ChannelKind,
  template: () => Template | null,
): Filling {
  const allValues = shallowReactive(new Map<TemplateId, Record<string, string>>())
  const allUploads = shallowReactive(new Map<TemplateId, Upload>())
  const misfits = shallowReactive(new Map<TemplateId, string>())

  const values = computed(() => {
    const of = template()
    return of ? (allValues.get(of.id) ?? {}) : {}
  })
  const upload = computed(() => {
    const of = template()
    return of ? (allUploads.get(of.id) ?? null) : null
  })
  const misfit = computed(() => {
    const of = template()
    return of ? (misfits.get(of.id) ?? null) : null
  })
  const complete = computed(() => {
    const of = template()
    if (!of) return false
    const given = placeholdersOf(of).every(({ key }) => fieldProblem(values.value[key] ?? '') === null)
    return given && (mediaOf(of) === null || upload.value?.state.step === 'ready')
  })

  function setState(id: TemplateId, key: string, state: Upload['state']): void {
    const now = allUploads.get(id)
    // Another file may have been chosen meanwhile.
    if (now?.key === key) allUploads.set(id, { ...now, state })
  }
  function drop(id: TemplateId): void {
    const preview = allUploads.get(id)?.preview
    if (preview) URL.revokeObjectURL(preview)
    allUploads.delete(id)
    misfits.delete(id)
  }
  async function send({ id, ...of }: Template, { key, file }: Upload): Promise<void> {
    const media = mediaOf(of)
    if (!file || !media) return
    setState(id, key, { step: 'uploading', progress: 0 })
    const end = await uploadFile(conversationId, file, (progress) => setState(id, key, { step: 'uploading', progress }))
    // Only its bytes told what it truly is.
    if (end.step === 'ready' && !fitsHeader(media, end.attachment.mime)) return refuseFile(id, key, end.attachment.name)
    setState(id, key, end.step === 'ready' ? readyFor(end.attachment, channel) : end)
  }
  function refuseFile(id: TemplateId, key: string, name: string): void {
    if (allUploads.get(id)?.key !== key) return
    drop(id)
    misfits.set(id, name)
  }
  onScopeDispose(() => {
    for (const id of allUploads.keys()) drop(id)
  })

  return {
    values,
    upload,
    misfit,
    complete,
    set(key, value) {
      const of = template()
      if (of) allValues.set(of.id, { ...values.value, [key]: value })
    },
    setFile(file) {
      const of = template()
      const media = of && mediaOf(of)
      if (!of || !media) return
      drop(of.id)
      if (file.type !== '' && !fitsHeader(media, file.type)) return void misfits.set(of.id, file.name)
      const chosen = newUpload(file, channel)
      allUploads.set(of.id, chosen)
      if (chosen.state.step === 'uploading') void send(of, chosen)
    },
    again() {
      const of = template()
      if (of && upload.value) void send(of, upload.value)
    },
    removeFile() {
      const of = template()
      if (of) drop(of.id)
    },
    content() {
      const of = template()
      if (!of || !complete.value) return null
      const state = upload.value?.state
      const file = state?.step === 'ready' ? state.attachment : null
      return Content.parse({
        kind: 'template',
        templateId: of.id,
        values: Object.fromEntries(placeholdersOf(of).map(({ key }) => [key, values.value[key] ?? ''])),
        media: file && { attachmentId: file.attachmentId, name: file.name, mime: file.mime, size: file.size },
      })
    },
  }
}
