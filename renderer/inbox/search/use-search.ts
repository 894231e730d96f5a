/** Search as the member types: a short wait, one answer that counts (the last), the filters of the moment. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { SearchResult } from '../../../backend/workstation/views.ts'
import { api, call } from '../../api/client.ts'
import { useFilters } from '../list/filters.ts'

/** Milliseconds without a key before asking. */
const ASK_AFTER = 60
const LIMIT = 50

export type Search = {
  /** Null while nothing is searched for or the first answer is on its way. */
  result: ShallowRef<SearchResult | null>
  /** What `result` is an answer to. */
  answered: ShallowRef<string>
  refusal: ShallowRef<Refusal | null>
  again(): void
}

export function useSearch(text: Ref<string>): Search {
  const filters = useFilters()
  const result = shallowRef<SearchResult | null>(null)
  const answered = shallowRef('')
  const refusal = shallowRef<Refusal | null>(null)
  let question = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  async function ask(): Promise<void> {
    question += 1
    const mine = question
    const q = text.value.trim()
    if (q === '') {
      result.value = null
      answered.value = ''
      refusal.value = null
      return
    }
    const query = { q: q.slice(0, 200), limit: String(LIMIT), ...filters.query() }
    const answer = await call(api.api.search.$get({ query }))
    if (mine !== question) return
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) result.value = answer.value
    answered.value = q
  }
  function soon(): void {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => void ask(), text.value.trim() === '' ? 0 : ASK_AFTER)
  }

  watch([text, () => filters.filters], soon)
  onScopeDispose(() => {
    question += 1
    if (timer !== null) clearTimeout(timer)
  })
  return { result, answered, refusal, again: () => void ask() }
}
