/** A customer wrote (CNV-3, CNV-4). Given by the hub for a channel's event. */
import { z } from 'zod'
import { CAPABILITIES } from '../channels/capabilities.ts'
import { contactFor } from '../contacts/from-channel.ts'
import { Source } from '../contacts/source.ts'
import { conversationIdOf } from '../conversations/conversation-id.ts'
import { isSuppressed } from '../conversations/delete.ts'
import { ContactId, ConversationId, MessageId } from '../ids.ts'
import { refuse } from '../refusal.ts'
import { defineCommand, effect, get, list, put, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { Time } from '../rows.ts'
import type { Body, Channel, Contact, Conversation, Status } from '../rows.ts'
import { isPending } from '../visibility.ts'
import { append } from './append.ts'
import { InboundContent, checkInbound } from './content.ts'

/**
 * Adds the customer's message, with the contact and the conversation when they are new (their ids are then the given
 * ones; a conversation after one that was deleted has one of its own). Repeating it with the same `messageId` changes
 * nothing. What somebody on the blacklist writes is counted and reaches nobody (DEL-8).
 */
export const receiveMessage = defineCommand({
  name: 'message.receive',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({
    ...Source.shape,
    contactId: ContactId,
    conversationId: ConversationId,
    messageId: MessageId,
    /** Who of a group wrote, where the platform says. */
    from: z.string().min(1).max(200).nullable().default(null),
    /** When the customer wrote, by the platform's clock, from which the reply window counts (CNV-9); null for just now. */
    sentAt: Time.nullable().default(null),
    content: InboundContent,
  }),
  // The contact and the conversation mostly have the given ids: a later message of somebody who is not new.
  reads: ({ channelId, externalId, contactId, messageId }) => [
    { op: 'get', table: 'channel', id: channelId },
    { op: 'list', table: 'contact', index: 'externalId', value: externalId },
    { op: 'list', table: 'conversation', index: 'contactId', value: contactId },
    { op: 'get', table: 'message', id: messageId },
  ],
  *run(args, { now }) {
    const channel = yield* get('channel', args.channelId)
    if (!channel) return yield* reject(refuse('request.notFound', {}))
    const contact = yield* contactFor(args, args.contactId, now)
    if (isSuppressed(contact)) return yield* suppress(contact)
    const known = yield* list('conversation', 'contactId', contact.id)
    const conversation = known[0] ?? newConversation(conversationIdOf(args.conversationId, contact), contact, now)
    const earlier = yield* get('message', args.messageId)
    if (earlier?.conversationId === conversation.id) return
    yield* heardOf(contact, args.from)

    const body = yield* checkInbound(args.content, channel.kind)
    const author = { type: 'customer', from: args.from } as const
    const added = yield* append(conversation, { id: args.messageId, author, body, delivery: null }, now)
    const sentAt = Math.min(args.sentAt ?? now, now)
    const written: Conversation = {
      ...afterInbound(added, channel, body),
      inboundCount: conversation.inboundCount + 1,
      lastInboundAt: Math.max(conversation.lastInboundAt ?? 0, sentAt),
      waitingSince: conversation.waitingSince ?? now,
    }
    yield* put('conversation', known[0] ? written : yield* greeted(written, channel, args.messageId, now))
    if (args.content.kind === 'media') {
      const { ref } = args.content
      yield* effect({
        type: 'channel.media',
        channelId: channel.id,
        conversationId: conversation.id,
        messageId: args.messageId,
        ref,
      })
    }
  },
})

function* suppress(contact: Contact): Rule {
  if (!contact.blocked) return
  const suppressed = contact.blocked.suppressed + 1
  yield* put('contact', { ...contact, blocked: { ...contact.blocked, suppressed } })
}

/** Notes who of a group wrote, and asks the platform for their name when they are new there. */
function* heardOf(contact: Contact, from: string | null): Rule {
  if (contact.kind !== 'group' || from === null || contact.people.some(({ externalId }) => externalId === from)) return
  yield* put('contact', { ...contact, people: [...contact.people, { externalId: from, name: '' }] })
  yield* effect({ type: 'channel.profile', channelId: contact.channelId, contactId: contact.id, of: from })
}

function newConversation(id: ConversationId, contact: Contact, now: number): Conversation {
  return {
    id,
    kind: contact.kind === 'group' ? 'group' : 'direct',
    contactId: contact.id,
    channelId: contact.channelId,
    status: 'pending_bot',
    followerId: null,
    collaboratorIds: [],
    askingIds: [],
    messageCount: 0,
    inboundCount: 0,
    clearedInbound: 0,
    lastMessage: null,
    lastInboundAt: null,
    waitingSince: null,
    createdAt: now,
    closedAt: null,
    closedBy: null,
  }
}

/** Greets a new customer, where that is not done when they add the account. The greeting answers nobody's question. */
function* greeted(conversation: Conversation, channel: Channel, inboundId: MessageId, now: number): Rule<Conversation> {
  const { welcomeText } = channel
  if (welcomeText === null || CAPABILITIES[channel.kind].welcome !== 'onFirstMessage') return conversation
  const id = MessageId.parse(`${inboundId.slice(0, 56)}~welcome`)
  const greeting = {
    id,
    author: { type: 'bot' },
    body: { kind: 'text', text: welcomeText },
    delivery: { state: 'sending' },
  } as const
  const added = yield* append(conversation, greeting, now)
  yield* effect({
    type: 'channel.send',
    channelId: channel.id,
    conversationId: conversation.id,
    messageId: id,
  })
  // What waits is what the customer wrote: lists go on showing that.
  return { ...added, lastMessage: conversation.lastMessage }
}

/** Where the conversation stands after the customer's message. */
function afterInbound(conversation: Conversation, channel: Channel, body: Body): Conversation {
  if (isPending(conversation)) {
    // From the bot to a person, never back (CNV-4).
    return conversation.status === 'pending_bot'
      ? { ...conversation, status: pendingStatus(channel, body) }
      : conversation
  }
  if (conversation.status === 'open') return conversation
  const reopened = { ...conversation, closedAt: null, closedBy: null }
  if (conversation.followerId && conversation.collaboratorIds.length > 0) return { ...reopened, status: 'open' }
  return { ...reopened, status: pendingStatus(channel, body), followerId: null }
}

/** The bot keeps what it has a keyword for; media, stickers and any other text wait for a person (CNV-4). */
function pendingStatus(channel: Channel, body: Body): Status {
  if (!channel.botOn || body.kind !== 'text') return 'pending_person'
  const text = body.text.trim().toLowerCase()
  return channel.botKeywords.some((keyword) => keyword.trim().toLowerCase() === text) ? 'pending_bot' : 'pending_person'
}
