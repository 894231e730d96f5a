/** A customer wrote (CNV-3, CNV-4). Given by the hub for a channel's event. */
import { z } from 'zod'
import { ChannelId, ContactId, ConversationId, MessageId } from '../ids.ts'
import { refuse } from '../refusal.ts'
import { defineCommand, get, list, put, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Channel, Contact, Conversation, Status, Time } from '../rows.ts'
import { cleanName } from '../text.ts'
import { isPending } from '../visibility.ts'
import { append } from './append.ts'
import { Content, checkContent } from './content.ts'

/**
 * Adds the customer's message, with the contact and the conversation when they are new (their ids are then the given
 * ones). Repeating it with the same `messageId` changes nothing.
 */
export const receiveMessage = defineCommand({
  name: 'message.receive',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({
    channelId: ChannelId,
    /** Who wrote, by the channel's id for them. */
    externalId: z.string().min(1).max(200),
    name: z.string().max(1_000),
    contactId: ContactId,
    conversationId: ConversationId,
    messageId: MessageId,
    content: Content,
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
    const contact = yield* contactFor(args, now)
    const conversation = yield* conversationFor(args.conversationId, contact, now)
    const earlier = yield* get('message', args.messageId)
    if (earlier?.conversationId === conversation.id) return

    const body = yield* checkContent(args.content)
    const message = { id: args.messageId, author: { type: 'customer' }, body, delivery: null } as const
    const added = yield* append(conversation, message, now)
    yield* put('conversation', {
      ...afterInbound(added, channel, body),
      inboundCount: conversation.inboundCount + 1,
      lastInboundAt: now,
      waitingSince: conversation.waitingSince ?? now,
    })
  },
})

function* contactFor(
  args: { channelId: ChannelId; externalId: string; name: string; contactId: ContactId },
  now: Time,
): Rule<Contact> {
  const known = yield* list('contact', 'externalId', args.externalId)
  const contact = known.find((one) => one.channelId === args.channelId)
  if (contact) return contact
  const { channelId, externalId } = args
  const created: Contact = {
    id: args.contactId,
    channelId,
    externalId,
    name: cleanName(args.name),
    phone: null,
    email: null,
    memberNumber: null,
    tagIds: [],
    subscribed: true,
    binding: null,
    createdAt: now,
  }
  yield* put('contact', created)
  return created
}

function* conversationFor(id: ConversationId, contact: Contact, now: Time): Rule<Conversation> {
  const known = yield* list('conversation', 'contactId', contact.id)
  return (
    known.find((one) => one.kind === 'direct') ?? {
      id,
      kind: 'direct',
      contactId: contact.id,
      channelId: contact.channelId,
      status: 'pending_bot',
      followerId: null,
      collaboratorIds: [],
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
  )
}

/** Where the conversation stands after the customer's message. */
function afterInbound(conversation: Conversation, channel: Channel, content: Content): Conversation {
  if (isPending(conversation)) {
    // From the bot to a person, never back (CNV-4).
    return conversation.status === 'pending_bot'
      ? { ...conversation, status: pendingStatus(channel, content) }
      : conversation
  }
  if (conversation.status === 'open') return conversation
  const reopened = { ...conversation, closedAt: null, closedBy: null }
  if (conversation.followerId && conversation.collaboratorIds.length > 0) return { ...reopened, status: 'open' }
  return { ...reopened, status: pendingStatus(channel, content), followerId: null }
}

/** The bot keeps what it has a keyword for; media and any other text wait for a person (CNV-4). */
function pendingStatus(channel: Channel, content: Content): Status {
  if (!channel.botOn || content.kind !== 'text') return 'pending_person'
  const text = content.text.trim().toLowerCase()
  return channel.botKeywords.some((keyword) => keyword.trim().toLowerCase() === text) ? 'pending_bot' : 'pending_person'
}
