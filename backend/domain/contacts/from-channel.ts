/** The social contact that a channel's event is from, made when it is new. */
import type { ContactId } from '../ids.ts'
import { isSuppressed } from '../conversations/delete.ts'
import { effect, list, put } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Contact, Time } from '../rows.ts'
import { cleanName } from '../text.ts'
import type { Source } from './source.ts'

/**
 * Finds the contact by the channel's id for it, or writes a new one under `id`. Whoever writes has not blocked us (any
 * more). A name that the event does not tell is asked of the platform.
 */
export function* contactFor(source: Source, id: ContactId, now: Time): Rule<Contact> {
  const known = yield* list('contact', 'externalId', source.externalId)
  const contact = known.find(({ channelId }) => channelId === source.channelId)
  if (contact) {
    if (contact.platformBlockedAt === null || isSuppressed(contact)) return contact
    const back = { ...contact, platformBlockedAt: null }
    yield* put('contact', back)
    return back
  }
  const { channelId, kind, externalId, phone } = source
  const created: Contact = {
    id,
    kind,
    channelId,
    externalId,
    name: cleanName(source.name ?? ''),
    phone,
    email: null,
    memberNumber: null,
    matchedPhone: null,
    tagIds: [],
    subscribed: true,
    platformBlockedAt: null,
    people: [],
    binding: null,
    blocked: null,
    deletions: 0,
    createdAt: now,
  }
  yield* put('contact', created)
  if (source.name === null) yield* effect({ type: 'channel.profile', channelId, contactId: id, of: null })
  return created
}
