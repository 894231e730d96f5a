/** What the desktop shell shows of the work: the badge, notifications, its menus' language, and links to conversations. */
import { onUnmounted, watch } from 'vue'
import { ConversationId } from '../../backend/domain/ids.ts'
import { useText } from '../i18n/index.ts'
import { useOpenConversation } from '../navigation/open-conversation.ts'
import { useCounts } from '../session/counts.ts'

/** A notification tells how much is unread, never what was written: others can see the screen. */
export function useShellWindow(): void {
  const shell = window.countertop
  if (!shell) return
  const counts = useCounts()
  const { t, locale } = useText()
  const open = useOpenConversation()

  watch(locale, (language) => void shell.setLanguage(language), { immediate: true })
  watch(
    () => (counts.counts === null ? null : counts.unread),
    (unread, before) => {
      if (unread === null) return
      void shell.setBadge(unread)
      if (typeof before !== 'number' || unread <= before || document.hasFocus()) return
      const body = t('common.news.unread', { n: unread })
      void shell.notify({ title: t('common.news.title'), body, conversationId: null, silent: false })
    },
    { immediate: true },
  )
  const stop = shell.onOpenConversation((id) => {
    const conversationId = ConversationId.safeParse(id)
    if (conversationId.success) void open(conversationId.data)
  })
  onUnmounted(() => {
    stop()
    // Locked or signed out: nothing of the work shows.
    void shell.setBadge(0)
  })
}
