/** How many conversations and unread messages each list has (CNV-12). */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { api, call } from '../api/client.ts'
import { onLive, onStale } from '../api/live.ts'
import { useSession } from './session.ts'
import type { Counts } from '../../backend/workstation/views.ts'

export const useCounts = defineStore('counts', () => {
  const session = useSession()
  const counts = shallowRef<Counts | null>(null)
  /** What asks for this member: the unread ones waiting for a person, and in their own open list. */
  const unread = computed(() =>
    counts.value === null ? 0 : counts.value.pending_person.unread + counts.value.open_mine.unread,
  )

  async function load(): Promise<void> {
    const whose = session.member?.id
    if (whose === undefined) return
    const called = await call(api.api.counts.$get())
    if (called.ok && session.member?.id === whose) counts.value = called.value
  }

  watch(
    () => session.member?.id ?? null,
    (id) => {
      counts.value = null
      if (id !== null) void load()
    },
    { immediate: true, flush: 'sync' },
  )
  onLive('lists', () => void load())
  onStale(() => void load())

  return { counts, unread, load }
})
