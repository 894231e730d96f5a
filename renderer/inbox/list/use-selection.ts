/** What is chosen of the list on screen, kept true: what leaves the list leaves the selection, and is counted. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import { SELECTION_MAX } from '../../../backend/domain/conversations/batch.ts'
import { listOf } from '../../../backend/domain/lists.ts'
import type { ListName } from '../../../backend/domain/lists.ts'
import type { ConversationRow } from '../../../backend/workstation/views.ts'
import { api, call } from '../../api/client.ts'
import { onLive, onStale } from '../../api/live.ts'
import { useReference } from '../../session/reference.ts'
import type { ActedOn } from '../conversation/use-actions.ts'
import { emptySelection, extended, firstOf, rangeOf, renewed, toggled } from './selection.ts'
import type { Selection } from './selection.ts'
import { useFilters } from './filters.ts'
import type { ConversationRows } from './use-list.ts'

export type ListSelection = {
  chosen: ComputedRef<readonly ActedOn[]>
  has: (id: ConversationId) => boolean
  /** More was wanted than can be chosen. */
  overfull: ComputedRef<boolean>
  /** How many have left the list, and with it the selection, since something was chosen first. */
  left: Ref<number>
  toggle: (row: ActedOn) => void
  /** Chooses everything from the anchor (`from`, when there is none) to a place of the list. */
  extendTo: (to: number, from: number) => Promise<void>
  all: () => Promise<void>
  clear: () => void
}

/** Reads, for as long as the component lives, what becomes of the chosen conversations. */
export function useSelection(list: () => ListName, rows: ConversationRows): ListSelection {
  const reference = useReference()
  const filters = useFilters()
  const selection = shallowRef<Selection<ActedOn>>(emptySelection())
  const left = ref(0)

  function set(next: Selection<ActedOn>): void {
    selection.value = next
    if (next.chosen.size === 0 && !next.overfull) left.value = 0
  }
  function clear(): void {
    left.value = 0
    set(emptySelection())
  }

  function rowsAt(places: readonly number[]): ConversationRow[] {
    return places.flatMap((place) => rows.rowAt(place) ?? [])
  }
  async function extendTo(to: number, from: number): Promise<void> {
    const { anchor } = selection.value
    const known = anchor === null ? -1 : rows.indexOf(anchor)
    const { places, isCut } = rangeOf(known < 0 ? from : known, to)
    await rows.bring(Math.min(...places), Math.max(...places))
    const next = extended(selection.value, rowsAt(places))
    const first = rows.rowAt(places[0] ?? 0)
    set({ ...next, anchor: known < 0 ? (first?.id ?? null) : anchor, overfull: next.overfull || isCut })
  }
  async function all(): Promise<void> {
    const total = rows.total.value ?? 0
    const last = Math.min(total, SELECTION_MAX) - 1
    if (last < 0) return
    await rows.bring(0, last)
    left.value = 0
    set(firstOf(rowsAt(Array.from({ length: last + 1 }, (_, place) => place)), total))
  }

  async function look(id: ConversationId): Promise<void> {
    const answer = await call(api.api.conversations[':id'].$get({ param: { id } }))
    if (!selection.value.chosen.has(id)) return
    if (!answer.ok && answer.refusal.code !== 'conversation.notVisible') return
    // JSON has no brands; the store wrote what it answers.
    const row = answer.ok ? (answer.value as ConversationRow) : null
    const stays = row !== null && reference.me !== null && listOf(row.conversation, reference.me.id) === list()
    renew(id, stays ? row : null)
  }
  function renew(id: ConversationId, row: ConversationRow | null): void {
    if (!selection.value.chosen.has(id)) return
    const next = renewed(selection.value, id, row)
    if (row === null) left.value += 1
    selection.value = next
  }

  onLive('conversation', ({ conversationId }) => {
    if (selection.value.chosen.has(conversationId)) void look(conversationId)
  })
  onLive('gone', ({ conversationId }) => renew(conversationId, null))
  onStale(() => {
    for (const id of selection.value.chosen.keys()) void look(id)
  })
  watch([list, () => filters.filters], clear)

  return {
    chosen: computed(() => [...selection.value.chosen.values()]),
    has: (id) => selection.value.chosen.has(id),
    overfull: computed(() => selection.value.overfull),
    left,
    toggle: (row) => set(toggled(selection.value, row)),
    extendTo,
    all,
    clear,
  }
}
