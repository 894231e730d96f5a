/** What people outside are called on the screen: a platform may tell no name, or tell it later. */
import type { Contact } from '../../../backend/domain/rows.ts'
import { t } from '../../i18n/index.ts'

/** The contact's name, or words that it is not known. */
export function contactName({ name }: Pick<Contact, 'name'>): string {
  return name === '' ? t('inbox.noName') : name
}

/** Who wrote: `id` gives the avatar its tint. */
export type Person = { id: string; name: string }

/**
 * Who of a contact wrote a message: somebody of the group, or the contact itself.
 *
 * @param from the channel's id of somebody in a group, as in {@link Contact.people}; null where the platform does not say.
 */
export function personOf(contact: Pick<Contact, 'id' | 'kind' | 'name' | 'people'>, from: string | null): Person {
  if (contact.kind === 'person') return { id: contact.id, name: contactName(contact) }
  const name = contact.people.find(({ externalId }) => externalId === from)?.name ?? ''
  return { id: from ?? contact.id, name: name === '' ? t('inbox.thread.groupMember') : name }
}
