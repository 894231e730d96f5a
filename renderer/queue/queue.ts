/** What this member did that is not history yet: waiting for the hub, or refused by it (SYN-4, SYN-8). */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api, call } from '../api/client.ts'
import { onLive, onStale } from '../api/live.ts'
import { useSession } from '../session/session.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { QueueItem, QueueView } from '../../backend/workstation/views.ts'

type Done = { ok: true } | { ok: false; refusal: Refusal }

export const useQueue = defineStore('queue', () => {
  const session = useSession()
  const view = shallowRef<QueueView | null>(null)
  const refusal = ref<Refusal | null>(null)
  const waiting = computed<readonly QueueItem[]>(() => view.value?.waiting ?? [])
  /** Discarded by the member, who can still take it back: hidden, not yet thrown away. */
  const leaving = shallowRef<ReadonlySet<number>>(new Set())
  const refused = computed<readonly QueueItem[]>(() =>
    (view.value?.refused ?? []).filter(({ id }) => !leaving.value.has(id)),
  )

  async function load(): Promise<void> {
    const whose = session.member?.id
    if (whose === undefined) return
    const called = await call(api.api.queue.$get())
    if (session.member?.id !== whose) return
    if (called.ok) view.value = called.value
    refusal.value = called.ok ? null : called.refusal
  }

  /** Sends a refused action again as a new one; `text` replaces what was typed. */
  async function retry(id: number, text: string | null): Promise<Done> {
    const json = text === null ? {} : { text }
    const called = await call(api.api.queue[':id'].retry.$post({ param: { id: String(id) }, json }))
    await load()
    if (!called.ok) return called
    return called.value.ok ? { ok: true } : called.value
  }

  /** Throws a refused action away, text and all. */
  async function discard(id: number): Promise<Done> {
    const called = await call(api.api.queue[':id'].discard.$post({ param: { id: String(id) } }))
    if (called.ok) view.value = called.value
    return called.ok ? { ok: true } : called
  }

  /** Hides a refused action until it is discarded for good, or comes back ({@link restore}). */
  function hide(id: number): void {
    leaving.value = new Set([...leaving.value, id])
  }
  function restore(id: number): void {
    leaving.value = new Set([...leaving.value].filter((other) => other !== id))
  }

  watch(
    () => session.member?.id ?? null,
    (id) => {
      view.value = null
      leaving.value = new Set()
      if (id !== null) void load()
    },
    { immediate: true, flush: 'sync' },
  )
  onLive('queue', () => void load())
  onStale(() => void load())

  return { view, refusal, waiting, refused, load, retry, discard, hide, restore }
})
