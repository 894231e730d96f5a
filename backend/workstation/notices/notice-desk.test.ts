import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MemberId, MessageId, TeamId } from '../../domain/ids.ts'
import { newTeam } from '../../domain/team/team.ts'
import { MEMBER } from '../stand-ins/hub.ts'
import { conversationRows } from '../stand-ins/rows.ts'
import type { Notice } from '../views.ts'
import type { Happened } from './happened.ts'
import { NoticeDesk } from './notice-desk.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const wang = MemberId.parse('wang')
/** A conversation that a colleague handed to the member. */
function handed(name: string): Happened[] {
  const [, now] = conversationRows(name, 1)
  const event = { type: 'transferred', by: wang, to: MEMBER.id } as const
  const before = { ...now, followerId: wang, messageCount: 0 }
  return [{ before, now, lines: [{ id: MessageId.parse(`${name}-1`), event }], contactName: name }]
}
function desk() {
  const told: Notice[] = []
  const team = newTeam({ id: TeamId.parse('team'), name: '隊' })
  const made = new NoticeDesk({
    me: () => ({ ...MEMBER, storeIds: [] }),
    moment: () => ({ team, now: 0 }),
    tell: (notice) => told.push(notice),
  })
  const counts = () =>
    told.map((notice) => (notice.kind === 'transferred' ? notice.conversationIds.length : notice.kind))
  return { made, counts }
}

it('[COL-11] counts what comes one after the other as one, and what comes later anew', () => {
  const { made, counts } = desk()
  for (let n = 0; n < 20; n += 1) {
    made.take(handed(`c${n}`))
    vi.advanceTimersByTime(300)
  }
  expect(counts()).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(counts()).toEqual([20])
  made.take(handed('later'))
  made.take(handed('later'))
  vi.advanceTimersByTime(1_000)
  expect(counts()).toEqual([20, 1])
})

it('tells nothing any more once it is closed', () => {
  const { made, counts } = desk()
  made.take(handed('one'))
  made.close()
  vi.advanceTimersByTime(5_000)
  expect(counts()).toEqual([])
})
