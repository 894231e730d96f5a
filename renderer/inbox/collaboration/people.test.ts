import { describe, expect, it } from 'vitest'
import { MemberId, TeamId } from '../../../backend/domain/ids.ts'
import type { Conversation } from '../../../backend/domain/rows.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'
import { sampleConversation, sampleMember } from '../sample.ts'
import { onlookers, peopleIn, shownFaces, showsPeople } from './people.ts'

const [wang, lin, chen] = ['wang', 'lin', 'chen'].map((id) => MemberId.parse(id)) as [MemberId, MemberId, MemberId]
const me = sampleMember.id
const shared: Conversation = { ...sampleConversation, followerId: wang, collaboratorIds: [lin, me] }
const moment = (from: number | null, now = 10): Moment => ({
  team: newTeam({ id: TeamId.parse('team'), name: '隊', collaboration: { from, omoFrom: from } }),
  now,
})

describe('who is in it', () => {
  it('[COL-1] shows only once the team collaborates', () => {
    expect([null, moment(null), moment(11), moment(10)].map((one) => showsPeople(shared, one))).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it('[COL-12] does not show in a group, nor where nobody follows yet', () => {
    const others: Partial<Conversation>[] = [{ kind: 'group' }, { status: 'pending_person', followerId: null }]
    expect(others.map((more) => showsPeople({ ...shared, ...more }, moment(0)))).toEqual([false, false])
    expect(showsPeople({ ...shared, collaboratorIds: [] }, moment(0))).toBe(true)
  })

  it('is the follower first and then who joined, with what each does, but for oneself', () => {
    const viewers = [
      { memberId: lin, typing: true },
      { memberId: wang, typing: false },
      { memberId: me, typing: true },
    ]
    expect(peopleIn(shared, viewers, me)).toEqual([
      { id: wang, part: 'follower', presence: 'looking' },
      { id: lin, part: 'collaborator', presence: 'typing' },
      { id: me, part: 'collaborator', presence: null },
    ])
  })

  it('[CNV-12] leaves those who only look on beside it, and all who look where no faces are', () => {
    const viewers = [wang, chen, me].map((memberId) => ({ memberId, typing: false }))
    const ids = (people: boolean) => onlookers(shared, viewers, me, people).map(({ memberId }) => memberId)
    expect([ids(true), ids(false)]).toEqual([[chen], [wang, chen]])
  })
})

it('faces beyond the room become a number, which never stands for one alone', () => {
  const shown = (n: number) => shownFaces(Array.from({ length: n }), 4)
  expect([shown(3), shown(4), shown(5), shown(6)].map((one) => [one.shown.length, one.more])).toEqual([
    [3, 0],
    [4, 0],
    [3, 2],
    [3, 3],
  ])
})
