/** The saved replies that the member has, whole and up to date: searched and filled in here, without a request a key. */
import { defineStore } from 'pinia'
import { ref, shallowRef, watch } from 'vue'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { SavedReplies } from '../../backend/workstation/views.ts'
import { api, call } from '../api/client.ts'
import { onLive, onStale } from '../api/live.ts'
import { useSession } from '../session/session.ts'

export const useReplies = defineStore('replies', () => {
  const session = useSession()
  /** Null until they are loaded, and whenever nobody's session is open. */
  const saved = shallowRef<SavedReplies | null>(null)
  /** Why they could not be loaded. */
  const refusal = ref<Refusal | null>(null)

  async function load(): Promise<void> {
    const whose = session.member?.id
    if (whose === undefined) return
    const called = await call(api.api.replies.$get())
    if (session.member?.id !== whose) return
    // JSON has no brands; the rows were checked when they came to the device.
    if (called.ok) saved.value = called.value as SavedReplies
    refusal.value = called.ok ? null : called.refusal
  }

  watch(
    () => session.member?.id ?? null,
    (id) => {
      saved.value = null
      if (id !== null) void load()
    },
    { immediate: true, flush: 'sync' },
  )
  onLive('replies', () => void load())
  onStale(() => void load())

  return { saved, refusal, load }
})
