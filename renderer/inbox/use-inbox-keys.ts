/** The keys of the inbox, and the same actions for the palette. */
import type { ComputedRef, Ref } from 'vue'
import { useText } from '../i18n/index.ts'
import { useShortcuts } from '../keys/keys.ts'
import { useActions } from '../palette/actions.ts'
import { useReference } from '../session/reference.ts'
import { actionsFor, verdictOn } from './conversation/actions.ts'
import { useReasons } from './conversation/reason.ts'
import type { ConversationAction } from './conversation/actions.ts'
import type { ActedOn } from './conversation/use-actions.ts'

/** What the keys move; the page gives it. */
export type InboxParts = {
  move: (by: number) => void
  openCurrent: () => void
  focusSearch: () => void
  listHasFocus: () => boolean
  compose: (mode: 'reply' | 'note') => void
  togglePanel: () => void
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

  const KEYS: Partial<Record<ConversationAction, string>> = { take: 't', close: 'e', reopen: 'e', pin: 'p' }
  useActions(() => {
    const on = open.value
    const me = reference.me
    const search = { id: 'inbox.search', label: t('inbox.action.search'), keys: 'ctrl+f', run: parts.focusSearch }
    if (!on || !me) return [search]
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
      ...actionsFor(on.conversation, me).map((action) => ({
        id: `inbox.${action}`,
        label: t(`inbox.action.${action === 'pin' && on.pinned ? 'unpin' : action}`),
        words: action,
        ...(KEYS[action] && { keys: KEYS[action] }),
        disabledReason: reasonAgainst(verdictOn(action, on.conversation, on.pinned, me)),
        run: () => parts.act(action, on),
      })),
      { id: 'inbox.panel', label: t('inbox.action.panel'), words: 'contact panel', keys: 'i', run: parts.togglePanel },
      search,
    ]
  })
}
