/** What the composer of one conversation holds, kept as it changes. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Draft } from '../../../backend/workstation/views.ts'
import { useComposers } from './composers.ts'

export type KeptDraft = {
  draft: ShallowRef<Draft>
  /** Only in memory, because saving fails. */
  unsaved: ComputedRef<boolean>
  change(part: Partial<Draft>): void
  flush(): void
}

/** @param kept what the backend had when the thread was opened; what was typed in this window is newer. */
export function useDraft(id: ConversationId, kept: Draft): KeptDraft {
  const composers = useComposers()
  const draft = shallowRef<Draft>(composers.saver.typed(id) ?? kept)
  const flush = (): void => void composers.saver.flush(id)
  onScopeDispose(flush)
  return {
    draft,
    unsaved: computed(() => composers.saver.unsaved.has(id)),
    change(part) {
      draft.value = { ...draft.value, ...part }
      composers.saver.edit(id, draft.value)
    },
    flush,
  }
}
