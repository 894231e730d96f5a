import { describe, expect, it } from 'vitest'
import { Conversation, Member } from '../../../backend/domain/rows.ts'
import { receivers } from './receivers.ts'

const member = (id: string, name: string, more: Partial<Member> = {}): Member =>
  Member.parse({
    id,
    name,
    email: `${id}@example.com`,
    phone: '0912-345-678',
    role: 'cs_agent',
    storeIds: [],
    active: true,
    ...more,
  })
const members = [
  member('mei', '林美玲'),
  member('han', '陳志翰', { phone: '0987-000-111' }),
  member('gone', '林已離', { active: false }),
  member('ads', '林行銷', { role: 'marketer' }),
]
const conversation = Conversation.parse({
  id: 'c',
  kind: 'direct',
  contactId: 'k',
  channelId: 'w',
  status: 'open',
  followerId: null,
  collaboratorIds: [],
  messageCount: 0,
  inboundCount: 0,
  clearedInbound: 0,
  lastMessage: null,
  lastInboundAt: null,
  waitingSince: null,
  createdAt: 0,
  closedAt: null,
  closedBy: null,
})
const found = (typed: string, followerId: Member['id'] | null = null): string[] =>
  receivers(members, { ...conversation, followerId }, typed).map(({ id }) => id)

describe('[CNV-6] who may receive a conversation', () => {
  it('leaves out who has left, whose role sees none, and who follows it already', () => {
    expect(found('')).toEqual(['mei', 'han'])
    expect(found('', members[0]!.id)).toEqual(['han'])
  })

  it('is found by name, email (full width too) and phone however it is written', () => {
    expect([found('林'), found('ＨＡＮ@'), found('0987 000'), found('zz')]).toEqual([['mei'], ['han'], ['han'], []])
  })
})
