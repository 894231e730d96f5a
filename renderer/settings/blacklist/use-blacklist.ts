/** The blacklist as the hub has it, a page after the other; asked anew by `refresh`, and when the hub is back. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { api, call } from '../../api/client.ts'
import { useSession } from '../../session/session.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { BlacklistEntry } from '../../../backend/workstation/views.ts'

export type Blacklist = {
  /** Null before the first answer. */
  entries: ShallowRef<readonly BlacklistEntry[] | null>
  refusal: ShallowRef<Refusal | null>
  loading: Ref<boolean>
  hasMore: ComputedRef<boolean>
  /** Whose name is looked for; empty for everybody. */
  name: Ref<string>
  refresh(): Promise<void>
  more(): Promise<void>
}

export function useBlacklist(): Blacklist {
  const session = useSession()
  const entries = shallowRef<readonly BlacklistEntry[] | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const loading = ref(false)
  const name = ref('')
  const next = ref<string | null>(null)
  let question = 0

  async function ask(before: string | null): Promise<void> {
    question += 1
    const mine = question
    loading.value = true
    const wanted = name.value.trim()
    const query = { ...(wanted === '' ? {} : { name: wanted }), ...(before === null ? {} : { before }) }
    const answer = await call(api.api.blacklist.$get({ query }))
    if (mine !== question) return
    loading.value = false
    refusal.value = answer.ok ? null : answer.refusal
    if (!answer.ok) return
    // JSON has no brands; the workstation checked the answer.
    const found = answer.value.entries as BlacklistEntry[]
    entries.value = before === null ? found : [...(entries.value ?? []), ...found]
    next.value = answer.value.next
  }
  const refresh = (): Promise<void> => ask(null)

  watch(
    () => session.online,
    (online) => {
      if (online) void refresh()
    },
  )
  onScopeDispose(() => (question += 1))
  void refresh()
  return {
    entries,
    refusal,
    loading,
    hasMore: computed(() => next.value !== null),
    name,
    refresh,
    async more() {
      if (next.value !== null && !loading.value) await ask(next.value)
    },
  }
}
