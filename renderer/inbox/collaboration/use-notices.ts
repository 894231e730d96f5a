/** Shows what others did (COL-11): a toast that leads there, and, while nobody is at the window, the shell's notification. */
import { useRoute, useRouter } from 'vue-router'
import { onLive } from '../../api/live.ts'
import { useText } from '../../i18n/index.ts'
import { useOpenConversation } from '../../navigation/open-conversation.ts'
import { useReference } from '../../session/reference.ts'
import { useToast } from '../../ui/toast.ts'
import { useNoticeWords } from './notice-words.ts'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Notice } from '../../../backend/workstation/views.ts'

/** For as long as the component (or effect scope) lives. */
export function useNotices(): void {
  const { t } = useText()
  const { show } = useToast()
  const route = useRoute()
  const router = useRouter()
  const reference = useReference()
  const openConversation = useOpenConversation()
  const words = useNoticeWords()

  /** The one conversation it is about; null for several, and for one that the member was taken out of. */
  function conversationOf(notice: Notice): ConversationId | null {
    if (notice.kind === 'transferred')
      return notice.conversationIds.length === 1 ? (notice.conversationIds[0] ?? null) : null
    const { kind, conversationId } = notice
    const isOut =
      kind === 'collaboration' && notice.event.type === 'removed' && notice.event.member === reference.me?.id
    return isOut ? null : conversationId
  }
  function see(notice: Notice): (() => void) | null {
    const id = conversationOf(notice)
    if (id === null) {
      if (notice.kind !== 'transferred') return null
      return () => void router.push({ name: 'inbox', params: { list: 'open_mine' } })
    }
    return route.params['conversationId'] === id ? null : () => void openConversation(id)
  }

  onLive('notice', ({ notice }) => {
    const { title, text } = words(notice)
    const run = see(notice)
    show(text, { about: title, ...(run && { link: { label: t('collaboration.notice.see'), run } }) })
    if (document.hasFocus()) return
    void window.countertop?.notify({ title, body: text, conversationId: conversationOf(notice), silent: false })
  })
}
