import { describe, expect, it } from 'vitest'
import { Conversation, Member } from '../../../backend/domain/rows.ts'
import { TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
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
})
const moment = { team: newTeam({ id: TeamId.parse('team'), name: '隊' }), now: 0 }
const found = (typed: string, followerId: Member['id'] | null = null): string[] =>
  receivers(members, { ...conversation, followerId }, typed, moment).map(({ id }) => id)

describe('[CNV-6] who may receive a conversation', () => {
  it('leaves out who has left, whose role sees none, and who follows it already', () => {
    expect(found('')).toEqual(['mei', 'han'])
    expect(found('', members[0]!.id)).toEqual(['han'])
  })

  it('is found by name, email (full width too) and phone however it is written', () => {
    expect([found('林'), found('ＨＡＮ@'), found('0987 000'), found('zz')]).toEqual([['mei'], ['han'], ['han'], []])
  })
})

it('[COL-7] who may receive a collaboration is one of its collaborators', () => {
  const [mei, han] = members
  const on = { ...moment, team: { ...moment.team, collaboration: { from: 0, omoFrom: 0 } } }
  const shared = { ...conversation, followerId: mei?.id ?? null, collaboratorIds: han ? [han.id] : [] }
  const more = [...members, member('ting', '周婷')]
  expect(receivers(more, shared, '', on).map(({ id }) => id)).toEqual(['han'])
  expect(receivers(more, shared, '', moment).map(({ id }) => id)).toEqual(['han', 'ting'])
})
