/** What the hub learnt of a contact from the platform: its name, the name of somebody in a group, its phone number. */
import { z } from 'zod'
import { ContactId } from '../ids.ts'
import { defineCommand, get, put } from '../rule.ts'
import { cleanName } from '../text.ts'

/** Changes what is given and leaves the rest. A contact that is gone stays gone. */
export const describeContact = defineCommand({
  name: 'contact.describe',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({
    contactId: ContactId,
    name: z.string().max(1_000).optional(),
    /** Somebody who has written in the group. */
    person: z.strictObject({ externalId: z.string(), name: z.string().max(1_000) }).optional(),
    /** 「LINE UID <> 手機」, in E.164 (NTF-5). */
    matchedPhone: z.string().max(30).optional(),
  }),
  *run({ contactId, name, person, matchedPhone }) {
    const contact = yield* get('contact', contactId)
    if (!contact) return
    yield* put('contact', {
      ...contact,
      name: (name === undefined ? '' : cleanName(name)) || contact.name,
      matchedPhone: matchedPhone ?? contact.matchedPhone,
      phone: contact.phone ?? matchedPhone ?? null,
      people: contact.people.map((one) =>
        one.externalId === person?.externalId ? { ...one, name: cleanName(person.name) } : one,
      ),
    })
  },
})
