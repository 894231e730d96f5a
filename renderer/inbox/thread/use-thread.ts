/** The messages of one conversation, asked for as they are needed and kept up to date while the thread is open. */
import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { MessagePage } from '../../../backend/workstation/views.ts'
import { api, call } from '../../api/client.ts'
import { onLive, onStale } from '../../api/live.ts'
import { withNewer, withNewest, withOlder } from './window.ts'

const PAGE = 60
const PAGE_MAX = 200

export type Thread = {
  /** Null before the first answer. */
  page: ShallowRef<MessagePage | null>
  /** Why the thread could not be read at all. */
  refusal: ShallowRef<Refusal | null>
  loadingOlder: ShallowRef<boolean>
  loadingNewer: ShallowRef<boolean>
  olderFailed: ShallowRef<Refusal | null>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** Shows the messages around an ordinal instead of what is held. */
  loadAround(ordinal: number): Promise<void>
  /** Shows the newest messages, whatever was held. */
  loadNewest(): Promise<void>
  refresh(): Promise<void>
}

/** @param first the ordinal to begin around; null begins with the newest. */
export function useThread(id: ConversationId, first: number | null): Thread {
  const page = shallowRef<MessagePage | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const loadingOlder = shallowRef(false)
  const olderFailed = shallowRef<Refusal | null>(null)
  const loadingNewer = shallowRef(false)
  let gone = false
  let refreshing: Promise<void> | null = null
  let again = false
  onScopeDispose(() => (gone = true))

  function ask(query: { before?: number; after?: number; around?: number; limit: number }) {
    const { limit, ...place } = query
    const texts = Object.fromEntries(Object.entries({ ...place, limit }).map(([key, value]) => [key, String(value)]))
    return call(api.api.conversations[':id'].messages.$get({ param: { id }, query: texts }))
  }

  async function replace(query: { around?: number }): Promise<void> {
    const answer = await ask({ ...query, limit: PAGE })
    if (gone) return
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) page.value = answer.value
  }

  async function loadOlder(): Promise<void> {
    const held = page.value
    const oldest = held?.messages[0]
    if (!held?.hasOlder || !oldest || loadingOlder.value) return
    loadingOlder.value = true
    const answer = await ask({ before: oldest.ordinal, limit: PAGE })
    loadingOlder.value = false
    if (gone || !page.value) return
    olderFailed.value = answer.ok ? null : answer.refusal
    if (answer.ok) page.value = withOlder(page.value, answer.value)
  }

  async function loadNewer(): Promise<void> {
    const held = page.value
    const newest = held?.messages.at(-1)
    if (!held?.hasNewer || !newest || loadingNewer.value) return
    loadingNewer.value = true
    const answer = await ask({ after: newest.ordinal, limit: PAGE })
    loadingNewer.value = false
    if (!gone && page.value && answer.ok) page.value = withNewer(page.value, answer.value)
  }

  async function refreshOnce(): Promise<void> {
    const limit = Math.min(PAGE_MAX, Math.max(PAGE, page.value?.messages.length ?? 0))
    const answer = await ask({ limit })
    if (gone) return
    if (answer.ok) {
      page.value = withNewest(page.value, answer.value)
      refusal.value = null
    } else if (page.value === null) refusal.value = answer.refusal
  }

  /** One question at a time; changes meanwhile are joined into one more. */
  function refresh(): Promise<void> {
    if (refreshing) {
      again = true
      return refreshing
    }
    refreshing = (async () => {
      do {
        again = false
        await refreshOnce()
      } while (again && !gone)
    })().finally(() => (refreshing = null))
    return refreshing
  }

  onLive('conversation', (event) => {
    if (event.conversationId === id) void refresh()
  })
  onStale(() => void refresh())
  void replace(first === null ? {} : { around: first })

  return {
    page,
    refusal,
    loadingOlder,
    loadingNewer,
    olderFailed,
    loadOlder,
    loadNewer,
    loadAround: (ordinal) => replace({ around: ordinal }),
    loadNewest: () => replace({}),
    refresh,
  }
}
