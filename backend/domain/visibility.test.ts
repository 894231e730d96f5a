import { expect, it } from 'vitest'
import { QINMEI, SampleTeam, XINYI, codeOf, memberOf } from '../sync/sample-team.ts'
import { MemberId } from './ids.ts'
import { ROLES } from './rows.ts'
import type { Conversation, Role } from './rows.ts'
import { maySee } from './visibility.ts'

function conversation(change: Partial<Conversation>): Conversation {
  return { ...new SampleTeam().customer('lin'), ...change }
}

const someone = MemberId.parse('someone')

it('[ROL-1] each role sees what the table says', () => {
  const cases = {
    pending: (_role: Role) => conversation({ status: 'pending_person' }),
    bot: (_role: Role) => conversation({ status: 'pending_bot' }),
    others: (_role: Role) => conversation({ status: 'open', followerId: someone }),
    othersClosed: (_role: Role) => conversation({ status: 'closed', followerId: someone }),
    nobodysClosed: (_role: Role) => conversation({ status: 'closed', followerId: null }),
    followed: (role: Role) => conversation({ status: 'open', followerId: memberOf(role).id }),
    followedClosed: (role: Role) => conversation({ status: 'closed', followerId: memberOf(role).id }),
    shared: (role: Role) => conversation({ status: 'open', followerId: someone, collaboratorIds: [memberOf(role).id] }),
  }
  const seen = ROLES.map((role) => [
    role,
    Object.entries(cases)
      .filter(([, make]) => maySee(make(role), memberOf(role), []))
      .map(([name]) => name),
  ])
  const all = Object.keys(cases)
  expect(Object.fromEntries(seen)).toEqual({
    admin: all,
    supervisor: all,
    cs_manager: all,
    marketing_cs: all,
    cs_agent: ['pending', 'bot', 'followed', 'followedClosed', 'shared'],
    sales_manager: ['followed', 'followedClosed', 'shared'],
    salesperson: ['followed', 'followedClosed', 'shared'],
    marketer: [],
  })
})

it('[ROL-1] a sales manager sees what members of their stores follow', () => {
  const followed = conversation({ status: 'open', followerId: someone })
  const manager = memberOf('sales_manager')
  expect([maySee(followed, manager, [XINYI]), maySee(followed, manager, [QINMEI])]).toEqual([true, false])
})

it('[ROL-1] an inactive member sees nothing', () => {
  expect(maySee(conversation({}), memberOf('admin', { active: false }), [])).toBe(false)
})

it('[ROL-2] a command on a conversation out of sight answers as if there were none', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  expect([codeOf(team.note('salesperson', 'lin')), codeOf(team.note('marketer', 'lin'))]).toEqual([
    'conversation.notVisible',
    'conversation.notVisible',
  ])
  expect(team.messages('lin').filter(({ body }) => body.kind === 'note')).toEqual([])
})

it('[ROL-4] a refusal says what is wrong, who could do it and what to do instead', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  const outcome = team.reply('marketing_cs', 'lin')
  expect(outcome).toEqual({
    ok: false,
    refusal: {
      code: 'conversation.notFollower',
      params: { follower: 'cs_agent' },
      whoCould: ['admin', 'supervisor', 'cs_manager'],
      instead: 'ask-follower',
    },
  })
})
