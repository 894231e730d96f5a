/** What the channel of a conversation lets the member write right now, with the words for what it does not. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { CAPABILITIES } from '../../../backend/domain/channels/capabilities.ts'
import { replyWindow } from '../../../backend/domain/channels/window.ts'
import { MESSAGE_TEXT_MAX } from '../../../backend/domain/text.ts'
import { useText } from '../../i18n/index.ts'
import { useTime } from '../../i18n/time.ts'
import { useReference } from '../../session/reference.ts'
import { useReasons } from '../conversation/reason.ts'
import { hindrance } from './hindrance.ts'
import type { Hindrance } from './hindrance.ts'
import type { Channel } from '../../../backend/domain/rows.ts'
import type { ConversationView } from '../../../backend/workstation/views.ts'

export type MayWrite = {
  /** Null while it is not known. */
  channel: ComputedRef<Channel | null>
  /** Why nothing but a template, if that, can be written; null when anything can. */
  hindered: ComputedRef<Hindrance | null>
  words: (hindered: Hindrance) => string
  /** When the open reply window closes, ms since 1970; null where there is none, or it has. */
  until: ComputedRef<number | null>
  /** Null for a channel without templates; `against` says why none can be sent. */
  templates: ComputedRef<{ against: string | null } | null>
  /** Longest text of a reply, in UTF-16 units. */
  replyMax: ComputedRef<number>
}

/** Follows the clock, so that a window that closes while somebody types is noticed. */
export function useWriting(view: () => ConversationView): MayWrite {
  const { t } = useText()
  const { here, listTime } = useTime()
  const { reason } = useReasons()
  const reference = useReference()

  /** Windows open and close by the hub's clock. */
  const now = computed(() => here.value.now + reference.clockAhead)
  const channel = computed(() => reference.channelById.get(view().conversation.channelId) ?? null)
  const can = computed(() => (channel.value ? CAPABILITIES[channel.value.kind] : null))
  function against(content: 'template' | 'other'): Hindrance | null {
    const { conversation, contact } = view()
    const { me, team } = reference
    if (!me || !team) return null
    const moment = { team, now: now.value }
    return hindrance({ conversation, contact, channel: channel.value, member: me, moment }, content)
  }
  function words(hindered: Hindrance): string {
    if (hindered.type === 'refused') return reason(hindered.refusal)
    return t(`inbox.composer.${hindered.type}`, { at: listTime(hindered.since) })
  }

  return {
    channel,
    hindered: computed(() => against('other')),
    words,
    until: computed(() => {
      const kind = channel.value?.kind
      const window = kind ? replyWindow(kind, view().conversation, now.value) : null
      return window?.state === 'open' ? window.until : null
    }),
    templates: computed(() => {
      if (can.value?.templates !== true) return null
      const refused = against('template')
      return { against: refused ? words(refused) : null }
    }),
    replyMax: computed(() => can.value?.textMax ?? MESSAGE_TEXT_MAX),
  }
}
