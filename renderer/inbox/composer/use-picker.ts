/** Opens a picker over the composer: by its key outside of text fields, and from the palette. */
import { ref } from 'vue'
import type { Ref } from 'vue'
import { useText } from '../../i18n/index.ts'
import type { TextKey } from '../../i18n/index.ts'
import { useShortcuts } from '../../keys/keys.ts'
import { useActions } from '../../palette/actions.ts'

export type Picker = {
  /** In the palette. */
  id: string
  label: TextKey
  /** Other words it is found by. */
  words: string
  /** As in `keys.ts`. */
  keys: string
}

/** @param offer whether there is anything to pick, and why it cannot be used now; null where it is not offered at all. */
export function usePicker(
  { id, label, words, keys }: Picker,
  offer: () => { against: string | null } | null,
): { shown: Ref<boolean>; open: () => void } {
  const { t } = useText()
  const shown = ref(false)
  const mayOpen = (): boolean => offer()?.against === null
  function open(): void {
    if (mayOpen()) shown.value = true
  }
  useShortcuts({ [keys]: { label, when: mayOpen, run: open } }, { scope: 'thread' })
  useActions(() => {
    const offered = offer()
    if (!offered) return []
    return [{ id, label: t(label), words, keys, disabledReason: offered.against, run: open }]
  })
  return { shown, open }
}

export const TEMPLATES: Picker = {
  id: 'inbox.template',
  label: 'inbox.composer.sendTemplate',
  words: 'template 範本',
  keys: 'm',
}
export const REPLIES: Picker = {
  id: 'inbox.replies',
  label: 'replies.open',
  words: 'saved reply replies canned 預存回覆',
  keys: '/',
}
