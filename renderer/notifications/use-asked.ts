/** Something that is asked of the hub for a page: the last answer counts, and what came before stays until there is one. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { Called } from '../api/client.ts'

export type Asked<T> = {
  /** Null until there is a first answer. */
  value: ShallowRef<T | null>
  refusal: ShallowRef<Refusal | null>
  loading: Ref<boolean>
  ask(): Promise<void>
}

/** @param call is asked anew by each `ask`; never throws */
export function useAsked<T>(call: () => Promise<Called<T>>): Asked<T> {
  const value = shallowRef<T | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const loading = ref(false)
  let question = 0

  async function ask(): Promise<void> {
    question += 1
    const mine = question
    loading.value = true
    const answer = await call()
    if (mine !== question) return
    loading.value = false
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) value.value = answer.value
  }
  onScopeDispose(() => (question += 1))
  return { value, refusal, loading, ask }
}
