/** The rows of one list under the filters of the moment, as the virtual list shows them. */
import { computed, onScopeDispose, shallowRef, triggerRef, watch } from 'vue'
import type { ComputedRef } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { ListName } from '../../../backend/domain/lists.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import { refuse } from '../../../backend/domain/refusal.ts'
import type { ConversationRow } from '../../../backend/workstation/views.ts'
import { api, call } from '../../api/client.ts'
import { onLive, onStale } from '../../api/live.ts'
import { useFilters } from './filters.ts'
import { PagedList } from './paging.ts'

/** Milliseconds for which many changes are joined into one question. */
const JOIN_CHANGES = 120
/** Milliseconds without moving after which the pointer no longer holds the order of rows. */
const POINTER_RESTS = 1_500

export type ConversationRows = {
  /** Null before the first answer. */
  total: ComputedRef<number | null>
  refusal: ComputedRef<Refusal | null>
  rowAt: (index: number) => ConversationRow | undefined
  indexOf: (id: ConversationId) => number
  show: (first: number, last: number) => void
  /** Has the rows of these places come, though they are not shown. */
  bring: (first: number, last: number) => Promise<void>
  retry: () => void
  /** The pointer moved over the rows, or left them. */
  pointerMoved: () => void
  pointerLeft: () => void
}

class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

export function useConversationRows(list: () => ListName): ConversationRows {
  const filters = useFilters()
  const rows = shallowRef(newList())
  let joined: ReturnType<typeof setTimeout> | null = null
  let resting: ReturnType<typeof setTimeout> | null = null

  function newList(): PagedList<ConversationRow> {
    const name = list()
    const query = filters.query()
    const made: PagedList<ConversationRow> = new PagedList<ConversationRow>(
      async (offset, limit) => {
        const answer = await call(
          api.api.conversations.$get({ query: { list: name, offset: String(offset), limit: String(limit), ...query } }),
        )
        if (!answer.ok) throw new Refused(answer.refusal)
        return answer.value
      },
      () => {
        if (rows.value === made) triggerRef(rows)
      },
    )
    return made
  }

  function pointerLeft(): void {
    if (resting !== null) clearTimeout(resting)
    resting = null
    rows.value.hold(false)
  }
  function pointerMoved(): void {
    if (resting !== null) clearTimeout(resting)
    resting = setTimeout(pointerLeft, POINTER_RESTS)
    rows.value.hold(true)
  }
  function refreshSoon(): void {
    if (joined !== null) return
    joined = setTimeout(() => {
      joined = null
      if (rows.value.failed === null) rows.value.refresh()
      else rows.value.retry()
    }, JOIN_CHANGES)
  }

  watch([list, () => filters.filters], () => {
    rows.value.close()
    pointerLeft()
    rows.value = newList()
    rows.value.show(0, 0)
  })
  rows.value.show(0, 0)
  onLive('lists', refreshSoon)
  onStale(refreshSoon)
  onScopeDispose(() => {
    rows.value.close()
    if (joined !== null) clearTimeout(joined)
    if (resting !== null) clearTimeout(resting)
  })

  return {
    total: computed(() => rows.value.total),
    refusal: computed(() => {
      const { failed } = rows.value
      if (failed === null) return null
      if (failed instanceof Refused) return failed.refusal
      return refuse('internal.error', {})
    }),
    rowAt: (index) => rows.value.rowAt(index),
    indexOf: (id) => rows.value.indexOf(id),
    show: (first, last) => rows.value.show(first, last),
    bring: (first, last) => rows.value.bring(first, last),
    retry: () => rows.value.retry(),
    pointerMoved,
    pointerLeft,
  }
}
