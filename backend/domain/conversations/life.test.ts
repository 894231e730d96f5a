import { expect, it } from 'vitest'
import { SampleTeam, codeOf } from '../../sync/sample-team.ts'
import { listOf } from '../lists.ts'
import { MemberId } from '../ids.ts'

const id = (name: string) => MemberId.parse(name)

it('[CNV-1] a conversation goes from 待處理 to 處理中 to 已結束 and back to 處理中', () => {
  const team = new SampleTeam()
  const states = [team.customer('lin').status]
  team.take('cs_agent', 'lin')
  states.push(team.conversation('lin').status)
  team.close('cs_agent', 'lin')
  states.push(team.conversation('lin').status)
  team.reopen('cs_agent', 'lin')
  states.push(team.conversation('lin').status)
  expect(states).toEqual(['pending_person', 'open', 'closed', 'open'])
  expect(team.messages('lin').map(({ body }) => (body.kind === 'event' ? body.event.type : body.kind))).toEqual([
    'text',
    'taken',
    'closed',
    'reopened',
  ])
})

it('[CNV-1] steps that do not follow are refused', () => {
  const team = new SampleTeam()
  team.customer('lin')
  expect(codeOf(team.reopen('admin', 'lin'))).toBe('conversation.notClosed')
  team.close('cs_agent', 'lin')
  expect([
    codeOf(team.close('admin', 'lin')),
    codeOf(team.take('admin', 'lin')),
    codeOf(team.reply('admin', 'lin')),
    codeOf(team.transfer('admin', 'lin', 'cs_agent')),
  ]).toEqual(['conversation.closed', 'conversation.closed', 'conversation.closed', 'conversation.closed'])
})

it('[CNV-2] taking makes the member the follower; the second to take is told who has it', () => {
  const team = new SampleTeam()
  team.customer('lin')
  expect(codeOf(team.take('cs_agent', 'lin'))).toBe('ok')
  expect(team.conversation('lin').followerId).toBe('cs_agent')
  expect(team.take('cs_agent2', 'lin')).toMatchObject({
    ok: false,
    refusal: { code: 'conversation.takenBy', params: { follower: 'cs_agent' } },
  })
  expect(codeOf(team.take('cs_agent', 'lin'))).toBe('conversation.alreadyYours')
})

it('[CNV-2] writing to the customer in a 待處理 conversation takes it', () => {
  const team = new SampleTeam()
  team.customer('lin')
  expect(codeOf(team.reply('cs_agent', 'lin'))).toBe('ok')
  expect(team.conversation('lin')).toMatchObject({ status: 'open', followerId: 'cs_agent' })
  expect(codeOf(team.reply('cs_agent2', 'lin'))).toBe('conversation.takenBy')
})

it('[CNV-2] while collaboration is off the follower, admin, supervisor and cs_manager may reply', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  const answers = ['cs_agent', 'admin', 'supervisor', 'cs_manager', 'marketing_cs'].map((member) =>
    codeOf(team.reply(member, 'lin')),
  )
  expect(answers).toEqual(['ok', 'ok', 'ok', 'ok', 'conversation.notFollower'])
  expect(team.conversation('lin').followerId).toBe('cs_agent')
})

it('[CNV-5] closing straight from 待處理 puts it under 團隊已結束, after following under 我的已結束', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.customer('wang')
  team.close('cs_agent', 'lin')
  team.take('cs_agent', 'wang')
  team.close('cs_agent', 'wang')
  const lists = ['lin', 'wang'].map((who) => listOf(team.conversation(who), id('cs_agent')))
  expect(lists).toEqual(['closed_team', 'closed_mine'])
  expect(listOf(team.conversation('wang'), id('admin'))).toBe('closed_team')
})

it('[CNV-6] transfer makes the receiver the follower, who then alone has it in 我的處理中', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  expect(codeOf(team.transfer('cs_agent', 'lin', 'salesperson'))).toBe('ok')
  expect(team.conversation('lin')).toMatchObject({ status: 'open', followerId: 'salesperson' })
  expect(codeOf(team.transfer('cs_agent', 'lin', 'cs_agent'))).toBe('conversation.takenBy')
  expect(listOf(team.conversation('lin'), id('salesperson'))).toBe('open_mine')
})

it('[CNV-6] a conversation cannot be handed to a marketer, to somebody inactive, or to who has it', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  team.as('admin', 'member.update', { memberId: id('cs_agent2'), active: false })
  expect(
    ['marketer', 'cs_agent2', 'cs_agent', 'nobody'].map((to) => codeOf(team.transfer('admin', 'lin', to))),
  ).toEqual(['transfer.toRole', 'transfer.toInactive', 'transfer.already', 'request.notFound'])
})

it('[CNV-1] reopening gives it back to its follower, to the member when the follower has left', () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  team.close('cs_agent', 'lin')
  team.reopen('supervisor', 'lin')
  expect(team.conversation('lin').followerId).toBe('cs_agent')
  team.close('cs_agent', 'lin')
  team.as('admin', 'member.update', { memberId: id('cs_agent'), active: false })
  team.reopen('supervisor', 'lin')
  expect(team.conversation('lin').followerId).toBe('supervisor')
})

it('member.update is for admins, and not on themselves', () => {
  const team = new SampleTeam()
  const update = (by: string, memberId: string) =>
    codeOf(team.as(by, 'member.update', { memberId: id(memberId), role: 'cs_manager' }))
  expect([update('supervisor', 'cs_agent'), update('admin', 'admin'), update('admin', 'cs_agent')]).toEqual([
    'member.mayNot',
    'member.mayNot',
    'ok',
  ])
})
