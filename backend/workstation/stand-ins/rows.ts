/** Conversations of one agent, and the snapshot that brings them, for tests of the workstation's side. */
import { ChannelId, ContactId, ConversationId, MessageId, TeamId } from '../../domain/ids.ts'
import type { Contact, Conversation, Message } from '../../domain/rows.ts'
import type { SnapshotLine, TableRow } from '../../sync/protocol.ts'
import { MEMBER } from './hub.ts'
import { newTeam } from '../../domain/team/team.ts'

const channelId = ChannelId.parse('web')

/** An open conversation that {@link MEMBER} follows, with its customer. */
export function conversationRows(name: string, messageCount = 0): [Contact, Conversation] {
  const contactId = ContactId.parse(`contact-${name}`)
  const contact: Contact = {
    id: contactId,
    channelId,
    kind: 'person',
    externalId: name,
    name,
    phone: null,
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
    createdAt: 1,
  }
  const conversation: Conversation = {
    id: ConversationId.parse(name),
    kind: 'direct',
    contactId,
    channelId,
    status: 'open',
    followerId: MEMBER.id,
    collaboratorIds: [],
    askingIds: [],
    messageCount,
    inboundCount: 0,
    clearedInbound: 0,
    lastMessage: null,
    lastInboundAt: null,
    waitingSince: null,
    createdAt: 1,
    closedAt: null,
    closedBy: null,
  }
  return [contact, conversation]
}

/** What the customer of a conversation wrote as its `ordinal`-th message. */
export function messageOf(name: string, ordinal: number): Message {
  return {
    id: MessageId.parse(`${name}-${ordinal}`),
    conversationId: ConversationId.parse(name),
    ordinal,
    author: { type: 'customer', from: null },
    body: { kind: 'text', text: `第 ${ordinal} 則` },
    delivery: null,
    at: ordinal,
  }
}

/** A snapshot at version 1, a line for each conversation. */
export function snapshotOf(names: string[], messages: Message[] = []): SnapshotLine[] {
  const reference: TableRow[] = [
    ['team', newTeam({ id: TeamId.parse('team'), name: '測試隊' })],
    ['member', { ...MEMBER, storeIds: [] }],
    [
      'channel',
      {
        id: channelId,
        kind: 'webchat',
        name: '網頁',
        botOn: false,
        botKeywords: [],
        welcomeText: null,
        connected: true,
        problem: null,
      },
    ],
  ]
  return [
    { type: 'begin', version: 1, epoch: 'first', horizon: 0, total: names.length },
    { type: 'scope', conversationIds: names.map((name) => ConversationId.parse(name)), deletedIds: [] },
    { type: 'reference', rows: reference },
    ...names.map((name): SnapshotLine => {
      const own = messages.filter(({ conversationId }) => conversationId === name)
      const [contact, conversation] = conversationRows(name, own.at(-1)?.ordinal)
      return {
        type: 'conversations',
        rows: [
          ['contact', contact],
          ['conversation', conversation],
          ...own.map((message): TableRow => ['message', message]),
        ],
        last: conversation.id,
        count: 1,
      }
    }),
    { type: 'end' },
  ]
}
