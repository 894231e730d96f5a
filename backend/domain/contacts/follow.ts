/** A customer adds the account, or blocks it; the account comes into a group, or is out of it. Given by the hub. */
import { z } from 'zod'
import { CAPABILITIES } from '../channels/capabilities.ts'
import { ContactId, MessageId } from '../ids.ts'
import { isSuppressed } from '../conversations/delete.ts'
import { appendEvent } from '../messages/append.ts'
import { refuse } from '../refusal.ts'
import { defineCommand, effect, get, list, put, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Contact, Event, Time } from '../rows.ts'
import { contactFor } from './from-channel.ts'
import { Source } from './source.ts'

const args = {
  ...Source.shape,
  contactId: ContactId,
  /** For the system line in the thread. */
  messageId: MessageId,
}

/**
 * A friend more: the contact is there, made when it is new (NTF-4), subscribed, and greeted with the channel's welcome.
 * No conversation begins with it.
 */
export const followContact = defineCommand({
  name: 'contact.follow',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject(args),
  *run({ contactId, messageId, ...source }, { now }) {
    const channel = yield* get('channel', source.channelId)
    if (!channel) return yield* reject(refuse('request.notFound', {}))
    if (yield* get('message', messageId)) return
    const contact = yield* contactFor(source, contactId, now)
    // Who is on the blacklist stays there (DEL-8): not subscribed, and not greeted.
    if (isSuppressed(contact)) return
    if (!contact.subscribed) yield* put('contact', { ...contact, subscribed: true })
    yield* line(contact, messageId, { type: source.kind === 'group' ? 'joinedGroup' : 'followed' }, now)
    if (source.kind === 'person' && channel.welcomeText !== null && CAPABILITIES[channel.kind].welcome === 'onFollow') {
      yield* effect({ type: 'channel.welcome', channelId: channel.id, contactId: contact.id, messageId })
    }
  },
})

/** A friend less: nothing reaches the customer until they are back. Of somebody nobody knows it changes nothing. */
export const unfollowContact = defineCommand({
  name: 'contact.unfollow',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject(args),
  *run({ channelId, externalId, kind, messageId }, { now }) {
    const known = yield* list('contact', 'externalId', externalId)
    const contact = known.find((one) => one.channelId === channelId)
    if (!contact || (yield* get('message', messageId))) return
    yield* put('contact', { ...contact, subscribed: false, platformBlockedAt: now })
    yield* line(contact, messageId, { type: kind === 'group' ? 'leftGroup' : 'unfollowed' }, now)
  },
})

/** Says it in the conversation, when there is one; that is no reason to open one. */
function* line(contact: Contact, messageId: MessageId, event: Event, now: Time): Rule {
  const [conversation] = yield* list('conversation', 'contactId', contact.id)
  if (conversation) yield* put('conversation', yield* appendEvent(conversation, messageId, event, now))
}
