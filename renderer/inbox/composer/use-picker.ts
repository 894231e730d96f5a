/** Opens the template picker: by its key outside of text fields, and from the palette. */
import { ref } from 'vue'
import type { Ref } from 'vue'
import { useText } from '../../i18n/index.ts'
import { useShortcuts } from '../../keys/keys.ts'
import { useActions } from '../../palette/actions.ts'
import type { MayWrite } from './use-writing.ts'

export const PICKER_KEY = 'm'

export function usePicker(templates: MayWrite['templates']): { shown: Ref<boolean>; open: () => void } {
  const { t } = useText()
  const shown = ref(false)
  const mayOpen = (): boolean => templates.value?.against === null
  function open(): void {
    if (mayOpen()) shown.value = true
  }
  const label = 'inbox.composer.sendTemplate'
  useShortcuts({ [PICKER_KEY]: { label, when: mayOpen, run: open } }, { scope: 'thread' })
  useActions(() => {
    if (!templates.value) return []
    const disabledReason = templates.value.against
    return [
      { id: 'inbox.template', label: t(label), words: 'template 範本', keys: PICKER_KEY, disabledReason, run: open },
    ]
  })
  return { shown, open }
}
