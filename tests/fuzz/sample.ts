/** Teams whose every conversation carries a word of its own, so that any answer tells whose text is in it. */
import {
  ChannelId,
  ContactId,
  ConversationId,
  MemberId,
  MessageId,
  StoreId,
  TagId,
  TeamId,
  markId,
} from '../../backend/domain/ids.ts'
import { ROLES } from '../../backend/domain/rows.ts'
import type { Conversation, Member, Message, Role, Status } from '../../backend/domain/rows.ts'
import type { TableRow } from '../../backend/sync/protocol.ts'
import { newTeam } from '../../backend/domain/team/team.ts'

const DAY = 24 * 60 * 60 * 1000
const NORTH = StoreId.parse('north')
const SOUTH = StoreId.parse('south')

/** Who there is in every sample team: one of each role, and a few whose conversations are not the others'. */
export const MEMBERS = [...ROLES, 'agent2', 'seller2', 'keeper'] as const
export type MemberName = (typeof MEMBERS)[number]
/** Their conversations: who follows each, and how it stands. */
const PLAN: readonly (readonly [count: number, status: Status, follower: MemberName | null, daysAgo?: number])[] = [
  [5, 'pending_person', null],
  [3, 'pending_bot', null],
  [3, 'open', 'cs_agent'],
  [3, 'open', 'agent2'],
  [3, 'open', 'salesperson'],
  [3, 'open', 'seller2'],
  [3, 'open', 'cs_manager'],
  [2, 'closed', 'cs_agent', 3],
  [1, 'closed', null, 5],
  [1, 'closed', 'agent2', 100],
  [3, 'open', 'keeper'],
]
export const CONVERSATIONS = PLAN.reduce((sum, [count]) => sum + count, 0)
/** One conversation has more messages than a device holds. */
const LONG = 8
const LONG_COUNT = 230

/** The word of a team's conversation; all of them are matched by {@link WORDS}. */
export function wordOf(team: string, conversation: number): string {
  return `zq${team}c${conversation}q`
}
/** A conversation's word, with its team and number. */
export const WORDS = /zq([a-z]+\d*)c(\d+)q/g

export function conversationId(n: number): ConversationId {
  return ConversationId.parse(`c${n}`)
}

/** A member as every sample team has them; salespeople are of two stores. */
export function memberNamed(name: MemberName): Member {
  const role: Role =
    name === 'agent2' ? 'cs_agent' : name === 'seller2' ? 'salesperson' : name === 'keeper' ? 'supervisor' : name
  const storeIds = name === 'seller2' ? [NORTH] : role === 'salesperson' || role === 'sales_manager' ? [SOUTH] : []
  return {
    id: MemberId.parse(name),
    name,
    email: `${name}@shop.example`,
    phone: null,
    role,
    storeIds,
    active: true,
  }
}

/** Every row of a sample team. `channel`: its web chat's id, which is one of the whole hub. */
export function sampleRows(team: string, channel: string, now: number): TableRow[] {
  const channelId = ChannelId.parse(channel)
  const rows: TableRow[] = [
    ['team', newTeam({ id: TeamId.parse(team), name: team })],
    ['store', { id: NORTH, name: 'north' }],
    ['store', { id: SOUTH, name: 'south' }],
    ...MEMBERS.map((name): TableRow => ['member', memberNamed(name)]),
    [
      'channel',
      {
        id: channelId,
        kind: 'webchat',
        name: 'chat',
        botOn: false,
        botKeywords: [],
        welcomeText: null,
        connected: true,
        problem: null,
      },
    ],
    ['tag', { id: TagId.parse('vip'), name: 'vip', colour: 'red' }],
  ]
  let n = 0
  for (const [count, status, follower, daysAgo] of PLAN) {
    for (let i = 0; i < count; i++, n++)
      rows.push(...conversationRows(team, channelId, n, status, follower, daysAgo, now))
  }
  return rows
}

function conversationRows(
  team: string,
  channelId: ChannelId,
  n: number,
  status: Status,
  follower: MemberName | null,
  daysAgo: number | undefined,
  now: number,
): TableRow[] {
  const word = wordOf(team, n)
  const id = conversationId(n)
  const contactId = ContactId.parse(`k${n}`)
  const followerId = follower && MemberId.parse(follower)
  const closedAt = daysAgo === undefined ? null : now - daysAgo * DAY
  const at = (closedAt ?? now) - 60_000
  const count = n === LONG ? LONG_COUNT : 3
  const messages = Array.from({ length: count }, (_, index): Message => {
    const isNote = followerId !== null && index === 1
    return {
      id: MessageId.parse(`c${n}-m${index}`),
      conversationId: id,
      ordinal: index + 1,
      author: isNote ? { type: 'member', memberId: followerId } : { type: 'customer', from: null },
      body: isNote ? { kind: 'note', text: `note ${word}` } : { kind: 'text', text: `text ${index} ${word}` },
      delivery: null,
      at,
    }
  })
  const last = messages.at(-1)
  const inbound = messages.filter(({ author }) => author.type === 'customer').length
  const conversation: Conversation = {
    id,
    kind: 'direct',
    contactId,
    channelId,
    status,
    followerId,
    collaboratorIds: [],
    askingIds: [],
    messageCount: count,
    inboundCount: inbound,
    clearedInbound: 0,
    lastMessage: last ? { messageId: last.id, author: last.author, kind: 'text', preview: word, at } : null,
    lastInboundAt: at,
    waitingSince: status === 'closed' ? null : at,
    createdAt: at,
    closedAt,
    closedBy: closedAt === null ? null : MemberId.parse('keeper'),
  }
  const contact = {
    id: contactId,
    channelId,
    kind: 'person' as const,
    externalId: `visitor-${n}`,
    name: word,
    phone: word,
    email: `${word}@example.com`,
    memberNumber: word,
    matchedPhone: null,
    tagIds: [],
    subscribed: true,
    platformBlockedAt: null,
    people: [],
    binding: null,
    blocked: null,
    deletions: 0,
    createdAt: at,
  }
  const mark = { id: markId(MemberId.parse('keeper'), id), memberId: MemberId.parse('keeper'), conversationId: id }
  return [
    ['contact', contact],
    ['conversation', conversation],
    ...messages.map((message): TableRow => ['message', message]),
    ['mark', { ...mark, readInbound: 1, pinnedAt: now }],
  ]
}
