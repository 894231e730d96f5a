import { describe, expect, it } from 'vitest'
import { ConversationId, MemberId, MessageId } from '../../domain/ids.ts'
import type { Conversation, Event, Member } from '../../domain/rows.ts'
import { newTeam } from '../../domain/team/team.ts'
import type { Moment } from '../../domain/team/team.ts'
import { TeamId } from '../../domain/ids.ts'
import { MEMBER } from '../stand-ins/hub.ts'
import { conversationRows } from '../stand-ins/rows.ts'
import { toldOf } from './derive.ts'
import type { Happened } from './happened.ts'

const me: Member = { ...MEMBER, storeIds: [] }
const [wang, lin, chen] = ['wang', 'lin', 'chen'].map((id) => MemberId.parse(id)) as [MemberId, MemberId, MemberId]
const [, followed] = conversationRows('one')
const on: Moment = {
  team: newTeam({ id: TeamId.parse('team'), name: '隊', collaboration: { from: 0, omoFrom: 0 } }),
  now: 1,
}

/** What is told of events, oldest first, in a conversation that was like `before` and is like `now`. */
function told(events: Event[], now: Partial<Conversation>, before: Partial<Conversation> | null = {}, moment = on) {
  const one: Happened = {
    before: before && { ...followed, ...before },
    now: { ...followed, ...now },
    lines: events.map((event, n) => ({ id: MessageId.parse(`line-${n}`), event })),
    contactName: '王小明',
  }
  return toldOf([one], me, moment)
}
const lines = (...args: Parameters<typeof told>) =>
  told(...args).notices.map((notice) => (notice.kind === 'collaboration' ? notice.event.type : notice.kind))

describe('[COL-11] who is told of what', () => {
  it('tells follower and collaborators each line, with whose conversation it is', () => {
    const added: Event = { type: 'added', by: wang, members: [lin, chen] }
    expect(told([added], { collaboratorIds: [wang, lin, chen] }).notices).toEqual([
      { kind: 'collaboration', id: 'line-0', conversationId: 'one', contactName: '王小明', event: added },
    ])
    const events: Event[] = [
      { type: 'joined', by: wang },
      { type: 'removed', by: wang, member: lin },
      { type: 'left', by: lin },
      { type: 'tookOver', by: wang },
    ]
    expect(lines(events, { followerId: wang, collaboratorIds: [me.id] })).toEqual([
      'joined',
      'removed',
      'left',
      'tookOver',
    ])
  })

  it('never tells a member what they did themself', () => {
    const own: Event[] = [
      { type: 'added', by: me.id, members: [lin] },
      { type: 'joined', by: me.id },
      { type: 'removed', by: me.id, member: lin },
      { type: 'left', by: me.id },
      { type: 'tookOver', by: me.id },
      { type: 'transferred', by: me.id, to: me.id },
    ]
    expect(told(own, {})).toEqual({ notices: [], received: [] })
  })

  it('tells nobody who only looks on, but who was taken out of it', () => {
    const others = { followerId: wang, collaboratorIds: [lin] }
    expect(lines([{ type: 'joined', by: lin }], others, others)).toEqual([])
    const removed: Event = { type: 'removed', by: wang, member: me.id }
    expect(lines([removed], others, { followerId: wang, collaboratorIds: [lin, me.id] })).toEqual(['removed'])
  })

  it('tells nothing but these lines, and of them nothing while the team does not collaborate (COL-1)', () => {
    expect(lines([{ type: 'closed', by: wang }, { type: 'followed' }, { type: 'reopened', by: null }], {})).toEqual([])
    const off = { ...on, team: newTeam({ id: TeamId.parse('team'), name: '隊' }) }
    expect(lines([{ type: 'left', by: wang }], {}, {}, off)).toEqual([])
  })

  it('tells of the newest line that brought a conversation to the device, and of nothing before it', () => {
    const inIt = { followerId: wang, collaboratorIds: [me.id] }
    const added: Event = { type: 'added', by: wang, members: [me.id] }
    const earlier: Event[] = [
      { type: 'joined', by: lin },
      { type: 'left', by: lin },
    ]
    expect(lines([...earlier, added], inIt, null)).toEqual(['added'])
    expect(told([...earlier, { type: 'transferred', by: wang, to: me.id }], {}, null).received).toEqual([
      { by: wang, conversationId: 'one', contactName: '王小明' },
    ])
    // It came back for another reason: what let the member in was long ago.
    expect(lines([added, { type: 'closed', by: wang }, { type: 'reopened', by: null }], inIt, null)).toEqual([])
    expect(lines([added, { type: 'removed', by: wang, member: me.id }], { followerId: lin }, null)).toEqual([])
  })
})

describe('[COL-3] who asks to be let in', () => {
  it('is told to whoever can answer, once, and not to those who cannot', () => {
    const asked = told([], { askingIds: [wang, lin] }, { askingIds: [wang] })
    expect(asked.notices).toMatchObject([{ kind: 'asked', by: lin, conversationId: 'one' }])
    expect(lines([], { askingIds: [lin] }, { askingIds: [lin] })).toEqual([])
    const collaborator = { followerId: wang, collaboratorIds: [me.id] }
    expect(lines([], { ...collaborator, askingIds: [lin] }, collaborator)).toEqual([])
  })
})

it('what is handed to the member is kept apart, to be counted by colleague', () => {
  const event: Event = { type: 'transferred', by: wang, to: me.id }
  expect(told([event], {}, { followerId: wang })).toEqual({
    notices: [],
    received: [{ by: wang, conversationId: ConversationId.parse('one'), contactName: '王小明' }],
  })
  expect(told([{ ...event, to: lin }], { followerId: lin }).received).toEqual([])
})
