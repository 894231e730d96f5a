/** The words of a notice (COL-11). */
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { contactName } from '../contact/contact-name.ts'
import { useReasons } from '../conversation/reason.ts'
import { useEventWords } from '../thread/event-words.ts'
import type { Notice } from '../../../backend/workstation/views.ts'

/** What a notice says, and over it, where there is room for a title, of whom: customers by name, never what they wrote. */
export function useNoticeWords(): (notice: Notice) => { title: string; text: string } {
  const { t } = useText()
  const reference = useReference()
  const { nameOf } = useReasons()
  const eventWords = useEventWords()

  return (notice) => {
    const contact = notice.contactName === null ? null : { name: notice.contactName }
    const title = contact ? contactName(contact) : t('collaboration.notice.transferTitle')
    switch (notice.kind) {
      case 'collaboration': {
        const { event } = notice
        const isMe = event.type === 'removed' && event.member === reference.me?.id
        const text = isMe
          ? t('collaboration.notice.removedYou', { by: nameOf(event.by) })
          : eventWords(event, { name: notice.contactName })
        return { title, text }
      }
      case 'asked': {
        const words = { name: nameOf(notice.by), contact: title }
        return { title, text: t('collaboration.notice.asked', words) }
      }
      case 'transferred': {
        const role = reference.memberById.get(notice.by)?.role
        const words = { by: nameOf(notice.by), role: role ? t(`common.role.${role}`) : '' }
        return { title, text: t('collaboration.notice.transferred', words, notice.conversationIds.length) }
      }
    }
  }
}
