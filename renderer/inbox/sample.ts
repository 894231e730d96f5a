/** Rows for tests of the inbox: an open conversation of a person, and the member who follows it. */
import { ChannelId, ContactId, ConversationId, MemberId } from '../../backend/domain/ids.ts'
import type { Contact, Conversation, Member } from '../../backend/domain/rows.ts'

const channelId = ChannelId.parse('channel')

export const sampleMember: Member = {
  id: MemberId.parse('mei'),
  name: '林小美',
  email: 'mei@example.test',
  phone: null,
  role: 'cs_agent',
  storeIds: [],
  active: true,
}

export const sampleContact: Contact = {
  id: ContactId.parse('contact'),
  kind: 'person',
  channelId,
  externalId: 'U0',
  name: '王小明',
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

export const sampleConversation: Conversation = {
  id: ConversationId.parse('conversation'),
  kind: 'direct',
  contactId: sampleContact.id,
  channelId,
  status: 'open',
  followerId: sampleMember.id,
  collaboratorIds: [],
  askingIds: [],
  messageCount: 0,
  inboundCount: 0,
  clearedInbound: 0,
  lastMessage: null,
  lastInboundAt: null,
  waitingSince: null,
  createdAt: 1,
  closedAt: null,
  closedBy: null,
}
