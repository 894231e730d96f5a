/** The team's small tables, whole, and the ways to look a row up. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api, call } from '../api/client.ts'
import { onLive, onStale } from '../api/live.ts'
import { windowClock } from './clock.ts'
import { useSession } from './session.ts'
import type { Moment } from '../../backend/domain/team/team.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { Reference } from '../../backend/workstation/views.ts'

function byId<T extends { id: string }>(rows: readonly T[] | undefined): ReadonlyMap<T['id'], T> {
  return new Map((rows ?? []).map((row) => [row.id, row]))
}

export const useReference = defineStore('reference', () => {
  const session = useSession()
  /** Null until it is loaded, and whenever nobody's session is open. */
  const reference = shallowRef<Reference | null>(null)
  const refusal = ref<Refusal | null>(null)

  const team = computed(() => reference.value?.team ?? null)
  const stores = computed(() => reference.value?.stores ?? [])
  const members = computed(() => reference.value?.members ?? [])
  const channels = computed(() => reference.value?.channels ?? [])
  const tags = computed(() => reference.value?.tags ?? [])
  const templates = computed(() => reference.value?.templates ?? [])
  const storeById = computed(() => byId(reference.value?.stores))
  const memberById = computed(() => byId(reference.value?.members))
  const channelById = computed(() => byId(reference.value?.channels))
  const tagById = computed(() => byId(reference.value?.tags))
  /** The member at this workstation, as the team's table last said; null when nobody is. */
  const me = computed(() => {
    const member = session.member
    return member === null ? null : (memberById.value.get(member.id) ?? member)
  })
  /** By how much the hub's clock is ahead of this window's, in ms; 0 while that is not known. */
  const clockAhead = computed(() => reference.value?.clockAhead ?? 0)
  const now = windowClock()
  /** What permissions go by beside the rows themselves; null until it is loaded. */
  const moment = computed<Moment | null>(() => team.value && { team: team.value, now: now.value + clockAhead.value })
  const timeZone = computed(() => team.value?.timeZone ?? 'Asia/Taipei')

  async function load(): Promise<void> {
    const whose = session.member?.id
    if (whose === undefined) return
    const called = await call(api.api.reference.$get())
    if (session.member?.id !== whose) return
    if (called.ok) reference.value = called.value
    refusal.value = called.ok ? null : called.refusal
  }

  watch(
    () => session.member?.id ?? null,
    (id) => {
      reference.value = null
      if (id !== null) void load()
    },
    { immediate: true, flush: 'sync' },
  )
  onLive('reference', () => void load())
  onStale(() => void load())

  return {
    reference,
    refusal,
    team,
    stores,
    members,
    channels,
    tags,
    templates,
    storeById,
    memberById,
    channelById,
    tagById,
    me,
    clockAhead,
    moment,
    timeZone,
    load,
  }
})
