/** What the palette lists for what was typed: actions at once, customers and messages as the local search answers. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { api, call } from '../api/client.ts'
import { useText } from '../i18n/index.ts'
import { useTime } from '../i18n/time.ts'
import { useOpenConversation } from '../navigation/open-conversation.ts'
import { useOfferedActions } from './actions.ts'
import type { Action } from './actions.ts'
import type { Highlight, SearchResult } from '../../backend/workstation/views.ts'

export type Entry = {
  id: string
  label: Highlight
  detail: Highlight | null
  time: string | null
  side: string | null
  keys: string | null
  disabledReason: string | null
  run: () => void
}
export type Group = { label: string; entries: Entry[] }

const CONTACTS = 6
const MESSAGES = 6
/** How long typing must rest before the search is asked, in ms. */
const REST = 80

/** Whether every word typed is in the action's label or words. */
export function actionMatches(action: Pick<Action, 'label' | 'words'>, query: string): boolean {
  const text = `${action.label} ${action.words ?? ''}`.toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function plain(text: string): Highlight {
  return [{ text, hit: false }]
}

/** Groups for `query`, and whether the search is still under way. */
export function usePaletteEntries(query: Ref<string>): { groups: ComputedRef<Group[]>; searching: Ref<boolean> } {
  const { t } = useText()
  const { listTime } = useTime()
  const actions = useOfferedActions()
  const openConversation = useOpenConversation()
  const found = shallowRef<SearchResult | null>(null)
  const searching = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function search(q: string): Promise<void> {
    const called = await call(api.api.search.$get({ query: { q, limit: String(Math.max(CONTACTS, MESSAGES)) } }))
    // What was typed since is asked for by itself; this answer is no longer wanted.
    if (q !== query.value.trim()) return
    found.value = called.ok ? called.value : null
    searching.value = false
  }
  watch(query, (typed) => {
    clearTimeout(timer)
    const q = typed.trim()
    searching.value = q !== ''
    if (q === '') found.value = null
    else timer = setTimeout(() => void search(q), REST)
  })
  onScopeDispose(() => clearTimeout(timer))

  const actionEntries = computed(() =>
    actions.value
      .filter((action) => actionMatches(action, query.value.trim()))
      .map((action): Entry => ({
        id: action.id,
        label: plain(action.label),
        detail: null,
        time: null,
        side: null,
        keys: action.keys ?? null,
        disabledReason: action.disabledReason ?? null,
        run: action.run,
      })),
  )
  const contactEntries = computed(() =>
    (found.value?.contacts ?? []).slice(0, CONTACTS).map((hit): Entry => ({
      id: `contact-${hit.conversationId}`,
      label: hit.name,
      detail: hit.matched?.value ?? null,
      time: null,
      side: t(`common.status.${hit.conversation.status}`),
      keys: null,
      disabledReason: null,
      run: () => void openConversation(hit.conversationId),
    })),
  )
  const messageEntries = computed(() =>
    (found.value?.messages ?? []).slice(0, MESSAGES).map((hit): Entry => ({
      id: `message-${hit.messageId}`,
      label: hit.excerpt,
      detail: plain(hit.contactName),
      time: listTime(hit.at),
      side: null,
      keys: null,
      disabledReason: null,
      run: () => void openConversation(hit.conversationId, hit.ordinal),
    })),
  )

  const groups = computed<Group[]>(() =>
    [
      { label: t('common.palette.actions'), entries: actionEntries.value },
      { label: t('common.palette.contacts'), entries: contactEntries.value },
      { label: t('common.palette.messages'), entries: messageEntries.value },
    ].filter(({ entries }) => entries.length > 0),
  )
  return { groups, searching }
}
