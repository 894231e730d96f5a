/** The saved replies over one composer: opened by `/` or the button, put into what is written or sent at once (REP-2, REP-3). */
import { computed } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { useText } from '../../i18n/index.ts'
import { putAfter, unfilledIn } from '../../replies/placeholders.ts'
import { useReplies } from '../../replies/replies.ts'
import { REPLIES, usePicker } from './use-picker.ts'
import type { Draft, ReplyUsed } from '../../../backend/workstation/views.ts'

export type Applied = Extract<ReplyUsed, { mode: 'apply' }>

/** What of the composer is needed. */
export type Over = {
  /** Why none can be used now; null where they are not offered at all. */
  against: () => { against: string | null } | null
  draft: () => Draft
  change: (part: Partial<Draft>) => void
  /** Gives the focus to the field of the reply, and gives that back. */
  focus: () => Promise<HTMLTextAreaElement | null>
}

export type SavedRepliesHere = {
  shown: Ref<boolean>
  /** What is still to be filled in, in words; null for nothing. */
  unfilled: ComputedRef<string | null>
  open: () => void
  close: () => void
  applied: (used: Applied) => Promise<void>
  sent: () => void
}

export function useSavedReplies({ against, draft, change, focus }: Over): SavedRepliesHere {
  const { t } = useText()
  const { shown, open } = usePicker(REPLIES, against)
  // Loaded before they are asked for, so that they are there with the first key.
  useReplies()

  /** The slash that opened the picker is no text any more once a reply was used. */
  const withoutSlash = (): string => (draft().reply === '/' ? '' : draft().reply)
  function close(): void {
    shown.value = false
    void focus()
  }
  return {
    shown,
    unfilled: computed(() => {
      const names = draft().mode === 'reply' ? unfilledIn(draft().reply).map((one) => t(`replies.variable.${one}`)) : []
      return names.length === 0 ? null : t('replies.unfilled', { names: names.join(t('common.listComma')) })
    }),
    open,
    close,
    async applied({ text, missing }) {
      const written = putAfter(withoutSlash(), text, missing)
      shown.value = false
      change({ mode: 'reply', reply: written.text })
      const field = await focus()
      field?.setSelectionRange(written.from, written.to)
    },
    sent() {
      change({ reply: withoutSlash() })
      close()
    },
  }
}
