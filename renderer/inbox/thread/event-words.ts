/** The words of system lines: in the thread, in the list's rows and in notices they are the same. */
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { contactName } from '../contact/contact-name.ts'
import { useReasons } from '../conversation/reason.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Contact, Event } from '../../../backend/domain/rows.ts'

/** Returns what words an event of a contact's conversation, following the language and the names. */
export function useEventWords(): (event: Event, contact: Pick<Contact, 'name'>) => string {
  const { t } = useText()
  const reference = useReference()
  const { nameOf } = useReasons()

  function called(id: MemberId): string {
    return id === reference.me?.id ? t('inbox.list.you') : nameOf(id)
  }
  return (told, contact) => {
    switch (told.type) {
      case 'taken':
      case 'closed':
        return t(`inbox.thread.event.${told.type}`, { by: called(told.by) })
      case 'reopened':
        return told.by === null
          ? t('inbox.thread.event.reopenedByCustomer')
          : t('inbox.thread.event.reopened', { by: called(told.by) })
      case 'transferred':
        return t('inbox.thread.event.transferred', { by: called(told.by), to: called(told.to) })
      // Word for word as COL-11 has them, with names throughout.
      case 'added':
        return t('inbox.thread.event.added', {
          by: nameOf(told.by),
          members: told.members.map(nameOf).join(t('common.listComma')),
        })
      case 'removed':
        return t('inbox.thread.event.removed', { by: nameOf(told.by), member: nameOf(told.member) })
      case 'joined':
      case 'left':
      case 'tookOver':
        return t(`inbox.thread.event.${told.type}`, { by: nameOf(told.by) })
      case 'followed':
      case 'unfollowed':
      case 'joinedGroup':
      case 'leftGroup':
        return t(`inbox.thread.event.${told.type}`, { name: contactName(contact) })
    }
  }
}
