import { expect, it } from 'vitest'
import { ChannelId, ContactId, ConversationId, MemberId, TeamId } from '../../domain/ids.ts'
import type { Contact, Conversation, Member } from '../../domain/rows.ts'
import { TeamLog } from './team-log.ts'

const teamId = TeamId.parse('team')
const agent: Member = {
  id: MemberId.parse('agent'),
  name: '',
  email: 'agent@shop.example',
  phone: null,
  role: 'cs_agent',
  storeIds: [],
  active: true,
}
const contact: Contact = {
  id: ContactId.parse('customer'),
  channelId: ChannelId.parse('web'),
  kind: 'person',
  externalId: 'visitor',
  name: '林',
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
  createdAt: 0,
}

function conversation(id: string, followerId: string): Conversation {
  return {
    id: ConversationId.parse(id),
    kind: 'direct',
    contactId: contact.id,
    channelId: contact.channelId,
    status: 'open',
    followerId: MemberId.parse(followerId),
    collaboratorIds: [],
    askingIds: [],
    messageCount: 0,
    inboundCount: 0,
    clearedInbound: 0,
    lastMessage: null,
    lastInboundAt: null,
    waitingSince: null,
    createdAt: 0,
    closedAt: null,
    closedBy: null,
  }
}

const change = (before: Contact | null, after: Contact) =>
  ({ table: 'contact', id: contact.id, before, after }) as const
const theirs = { table: 'conversation', id: 'theirs', before: null, after: conversation('theirs', 'other') } as const
const scope = { member: agent, horizon: 0 }

it('[ROL-2] a contact whose only changed conversation is out of sight may still be in sight by another one', () => {
  const log = new TeamLog(1, 'first', [agent])
  const renamed = change(contact, { ...contact, name: '林小姐' })
  log.append({ teamId, version: 2, epoch: 'first', changes: [renamed, theirs], taken: null })
  expect(log.since(1, scope)).toEqual({ type: 'unknown' })
})

it('[ROL-2] a new contact that came with a conversation out of sight is told to nobody else, without asking the database', () => {
  const log = new TeamLog(1, 'first', [agent])
  log.append({ teamId, version: 2, epoch: 'first', changes: [change(null, contact), theirs], taken: null })
  expect(log.since(1, scope)).toMatchObject({ type: 'patch', patch: { puts: [], evicts: [] } })
})
