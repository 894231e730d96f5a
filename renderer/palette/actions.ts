/** What can be done right now, gathered from whatever is on the screen, for the Ctrl/⌘-K palette. */
import { computed, onScopeDispose, shallowReactive } from 'vue'
import type { ComputedRef } from 'vue'

export type Action = {
  id: string
  /** In the language of the moment. */
  label: string
  /** Other words it is found by. */
  words?: string
  /** As in `keys.ts`, to be shown beside it. */
  keys?: string
  /** Why it cannot be done now; it is shown all the same (ROL-4). */
  disabledReason?: string | null
  run: () => void
}

const sources = shallowReactive(new Set<() => Action[]>())

/** Offers actions for as long as the component (or effect scope) lives; `source` is asked each time the palette is shown. */
export function useActions(source: () => Action[]): void {
  sources.add(source)
  onScopeDispose(() => sources.delete(source))
}

/** Every action offered now, those of the innermost screen first. */
export function useOfferedActions(): ComputedRef<Action[]> {
  return computed(() => [...sources].toReversed().flatMap((source) => source()))
}
