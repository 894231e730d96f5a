/** The keys of the inbox, and the same actions for the palette. */
import type { ComputedRef, Ref } from 'vue'
import { useText } from '../i18n/index.ts'
import { useShortcuts } from '../keys/keys.ts'
import { useActions } from '../palette/actions.ts'
import { useReference } from '../session/reference.ts'
import { actionsFor, verdictOn } from './conversation/actions.ts'
import { ACTION_KEYS, labelOf } from './conversation/action-words.ts'
import { useCollaborationKeys } from './collaboration/use-collaboration-keys.ts'
import { useReasons } from './conversation/reason.ts'
import type { ConversationAction } from './conversation/actions.ts'
import type { ActedOn } from './conversation/use-actions.ts'

/** What the keys move; the page gives it. */
export type InboxParts = {
  move: (by: number) => void
  openCurrent: () => void
  focusSearch: () => void
  listHasFocus: () => boolean
  /** Chooses the list's current row for what is done with several, or lets it go; and the first of the list. */
  toggleCurrent: () => void
  selectAll: () => void
  compose: (mode: 'reply' | 'note') => void
  togglePanel: () => void
  togglePeople: () => void
  back: () => void
  act: (action: ConversationAction, on: ActedOn) => void
}

/**
 * @param open the conversation whose thread is open; null for none.
 * @param current what keys act on: the list's current row while the list has the focus, else the open one.
 */
export function useInboxKeys(
  parts: InboxParts,
  open: ComputedRef<ActedOn | null> | Ref<ActedOn | null>,
  current: () => ActedOn | null,
): void {
  const { t } = useText()
  const { reasonAgainst } = useReasons()
  const reference = useReference()

  /** Arrows and Enter belong to whatever has the focus; they are the list's when it, or nothing, has it. */
  function free(): boolean {
    const focused = document.activeElement
    return parts.listHasFocus() || focused === null || focused === document.body || focused.id === 'main'
  }
  function act(action: ConversationAction): void {
    const on = current()
    if (on) parts.act(action, on)
  }
  const someone = (): boolean => current() !== null
  const isOpen = (): boolean => open.value !== null
  useCollaborationKeys(parts, open, current)

  useShortcuts(
    {
      j: { label: 'inbox.action.next', run: () => parts.move(1) },
      k: { label: 'inbox.action.previous', run: () => parts.move(-1) },
      ArrowDown: { label: 'inbox.action.next', when: free, run: () => parts.move(1) },
      ArrowUp: { label: 'inbox.action.previous', when: free, run: () => parts.move(-1) },
      Enter: { label: 'inbox.action.openSelected', when: () => free() && someone(), run: parts.openCurrent },
      'ctrl+f': { label: 'inbox.action.search', run: parts.focusSearch },
      s: { label: 'inbox.action.search', run: parts.focusSearch },
      t: { label: 'inbox.action.take', when: someone, run: () => act('take') },
      e: {
        label: 'inbox.action.close',
        when: someone,
        run: () => act(current()?.conversation.status === 'closed' ? 'reopen' : 'close'),
      },
      x: { label: 'inbox.action.select', when: someone, run: parts.toggleCurrent },
      'ctrl+a': { label: 'inbox.action.selectAll', when: parts.listHasFocus, run: parts.selectAll },
      p: { label: 'inbox.action.pin', when: someone, run: () => act('pin') },
    },
    { scope: 'inbox' },
  )
  useShortcuts(
    {
      r: { label: 'inbox.action.reply', when: isOpen, run: () => parts.compose('reply') },
      n: { label: 'inbox.action.note', when: isOpen, run: () => parts.compose('note') },
      i: { label: 'inbox.action.panel', when: isOpen, run: parts.togglePanel },
      Escape: { label: 'inbox.action.back', run: parts.back },
    },
    { scope: 'thread' },
  )

  useActions(() => {
    const on = open.value
    const { me, moment } = reference
    const search = { id: 'inbox.search', label: t('inbox.action.search'), keys: 'ctrl+f', run: parts.focusSearch }
    if (!on || !me || !moment) return [search]
    return [
      {
        id: 'inbox.reply',
        label: t('inbox.action.reply'),
        words: 'reply 回覆',
        keys: 'r',
        run: () => parts.compose('reply'),
      },
      {
        id: 'inbox.note',
        label: t('inbox.action.note'),
        words: 'note 備註',
        keys: 'n',
        run: () => parts.compose('note'),
      },
      ...actionsFor(on.conversation, me, moment).map((action) => ({
        id: `inbox.${action}`,
        label: t(labelOf(action, on.pinned)),
        words: action,
        ...(ACTION_KEYS[action] && { keys: ACTION_KEYS[action] }),
        disabledReason: reasonAgainst(verdictOn(action, on.conversation, on.pinned, me, moment)),
        run: () => parts.act(action, on),
      })),
      { id: 'inbox.panel', label: t('inbox.action.panel'), words: 'contact panel', keys: 'i', run: parts.togglePanel },
      search,
    ]
  })
}
