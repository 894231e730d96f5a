/** The keys of a collaboration, in force, and on the sheet of keys, only while the team collaborates (COL-1). */
import { computed, effectScope, onScopeDispose, watch } from 'vue'
import type { EffectScope, Ref } from 'vue'
import { isCollaborating } from '../../../backend/domain/team/team.ts'
import { useText } from '../../i18n/index.ts'
import { useShortcuts } from '../../keys/keys.ts'
import { useActions } from '../../palette/actions.ts'
import { useReference } from '../../session/reference.ts'
import { actionsFor } from '../conversation/actions.ts'
import { showsPeople } from './people.ts'
import type { ConversationAction } from '../conversation/actions.ts'
import type { ActedOn } from '../conversation/use-actions.ts'

export type CollaborationParts = {
  act: (action: ConversationAction, on: ActedOn) => void
  togglePeople: () => void
}

/**
 * @param open the conversation whose thread is open; null for none.
 * @param current what keys act on.
 */
export function useCollaborationKeys(
  parts: CollaborationParts,
  open: Readonly<Ref<ActedOn | null>>,
  current: () => ActedOn | null,
): void {
  const { t } = useText()
  const reference = useReference()

  /** The first of these that makes sense for what the keys act on. */
  function offered(...actions: ConversationAction[]): (() => void) | null {
    const on = current()
    const { me, moment } = reference
    if (!on || !me || !moment) return null
    const all = actionsFor(on.conversation, me, moment)
    const action = actions.find((one) => all.includes(one))
    return action ? () => parts.act(action, on) : null
  }
  const key = (...actions: ConversationAction[]) => ({
    when: () => offered(...actions) !== null,
    run: () => offered(...actions)?.(),
  })
  const hasPeople = (): boolean => open.value !== null && showsPeople(open.value.conversation, reference.moment)

  function offer(): void {
    useShortcuts(
      {
        c: { label: 'collaboration.action.join', ...key('join', 'ask') },
        a: { label: 'collaboration.action.add', ...key('add') },
        o: { label: 'collaboration.action.takeOver', ...key('takeOver') },
        u: { label: 'collaboration.people', when: hasPeople, run: parts.togglePeople },
      },
      { scope: 'thread' },
    )
    useActions(() => {
      if (!hasPeople()) return []
      const label = t('collaboration.people')
      return [{ id: 'inbox.people', label, words: 'people collaborators 協作者', keys: 'u', run: parts.togglePeople }]
    })
  }

  let scope: EffectScope | null = null
  const isOn = computed(() => reference.moment !== null && isCollaborating(reference.moment))
  watch(
    isOn,
    (on) => {
      scope?.stop()
      scope = on ? effectScope(true) : null
      scope?.run(offer)
    },
    { immediate: true },
  )
  onScopeDispose(() => scope?.stop())
}
