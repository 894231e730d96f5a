/** The last batch of the member at this window: begun here, followed until the hub has answered for all of it. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { BatchAction } from '../../../backend/domain/conversations/batch.ts'
import type { ConversationId, MemberId } from '../../../backend/domain/ids.ts'
import { api, call } from '../../api/client.ts'
import { onLive, onStale } from '../../api/live.ts'
import { statesOf } from '../../api/taken.ts'
import { useSession } from '../../session/session.ts'
import { answered, failedWhole, heard, newBatch, outstanding, tally } from './course.ts'
import type { Batch, BatchItem } from './course.ts'
import { needsHub } from './verdict.ts'

/** Milliseconds between two questions how much is still being erased. */
const ASK_ERASURES = 1_500

/** `erasing`: the hub still has bytes of what was deleted; `unknown` when it does not tell. */
export type Erasing = 'no' | 'erasing' | 'erased' | 'unknown'
export type Beginning = { action: 'transfer'; toMemberId: MemberId } | { action: Exclude<BatchAction, 'transfer'> }

export const useBatches = defineStore('batches', () => {
  const session = useSession()
  const batch = shallowRef<Batch | null>(null)
  /** Whether its panel is open. */
  const shown = ref(false)
  const erasing = ref<Erasing>('no')
  /** Which batch it is: what is answered for an earlier one comes too late. */
  let number = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  const counts = computed(() => (batch.value ? tally(batch.value) : { done: 0, failed: 0, running: 0 }))
  const running = computed(() => counts.value.running > 0)

  /** Begins a batch; resolves when the device has answered for each of it. */
  async function begin(beginning: Beginning, chosen: readonly Pick<BatchItem, 'id' | 'name'>[]): Promise<Batch> {
    forget()
    const mine = number
    const begun = newBatch(beginning.action, chosen)
    batch.value = begun
    shown.value = true
    const conversationIds = chosen.map(({ id }) => id)
    const answer = await call(api.api.batches.$post({ json: { ...beginning, conversationIds } }))
    const known = answer.ok ? answered(begun, answer.value.items) : failedWhole(begun, answer.refusal)
    if (mine !== number) return known
    batch.value = known
    void look()
    return known
  }

  async function look(): Promise<void> {
    const mine = number
    const ids = batch.value ? outstanding(batch.value) : []
    if (ids.length === 0) return
    const states = await statesOf(ids)
    if (!states || !batch.value || mine !== number) return
    batch.value = heard(batch.value, states)
    if (isErased(batch.value)) void askErasures()
  }
  function isErased(done: Batch): boolean {
    const { running, done: succeeded } = tally(done)
    return needsHub(done.action) && running === 0 && succeeded > 0 && erasing.value === 'no'
  }
  async function askErasures(): Promise<void> {
    timer = null
    const mine = number
    if (erasing.value === 'no') erasing.value = 'erasing'
    const answer = await call(api.api.erasures.$get())
    if (mine !== number) return
    if (answer.ok && answer.value.waiting === null) erasing.value = 'unknown'
    else if (answer.ok && answer.value.waiting === 0) erasing.value = 'erased'
    else timer = setTimeout(() => void askErasures(), ASK_ERASURES)
  }

  /** Whether the last batch is one that deletes this conversation. */
  function erases(id: ConversationId): boolean {
    const last = batch.value
    return last !== null && needsHub(last.action) && last.items.some((item) => item.id === id)
  }

  function forget(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    number += 1
    batch.value = null
    shown.value = false
    erasing.value = 'no'
  }
  watch(() => session.member?.id ?? null, forget, { flush: 'sync' })
  onLive('queue', () => void look())
  onStale(() => void look())
  onScopeDispose(forget)

  return { batch, shown, erasing, counts, running, begin, erases }
})
