import { expect, it } from 'vitest'
import { SampleTeam, codeOf } from '../../sync/sample-team.ts'
import { markId, MemberId } from '../ids.ts'
import { unreadCount } from '../unread.ts'

function unread(team: SampleTeam, member: string, who: string): number {
  const conversation = team.conversation(who)
  const id = markId(MemberId.parse(member), conversation.id)
  return unreadCount(
    conversation,
    team.store.all('mark').find((mark) => mark.id === id),
  )
}

function pinnedBy(team: SampleTeam): string[] {
  return team.store.all('mark').flatMap(({ memberId, pinnedAt }) => (pinnedAt === null ? [] : [memberId]))
}

it("[CNV-7] reading marks only the reader's", () => {
  const team = new SampleTeam()
  team.customer('lin')
  const { id } = team.customer('lin')
  team.as('cs_agent', 'conversation.markRead', { conversationId: id, readInbound: 2 })
  expect([unread(team, 'cs_agent', 'lin'), unread(team, 'cs_agent2', 'lin')]).toEqual([0, 2])
  team.customer('lin')
  expect([unread(team, 'cs_agent', 'lin'), unread(team, 'cs_agent2', 'lin')]).toEqual([1, 3])
})

it('[CNV-7] reading never goes back, nor ahead of what the customer wrote', () => {
  const team = new SampleTeam()
  const { id } = team.customer('lin')
  team.as('cs_agent', 'conversation.markRead', { conversationId: id, readInbound: 99 })
  team.as('cs_agent', 'conversation.markRead', { conversationId: id, readInbound: 0 })
  team.customer('lin')
  expect(unread(team, 'cs_agent', 'lin')).toBe(1)
})

it("[CNV-7] a supervisor who looks at what a colleague follows clears nobody's unread", () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.take('cs_agent', 'lin')
  const { id } = team.customer('lin')
  expect(codeOf(team.as('supervisor', 'conversation.markRead', { conversationId: id, readInbound: 2 }))).toBe(
    'conversation.readByOthers',
  )
  expect([unread(team, 'supervisor', 'lin'), unread(team, 'cs_agent', 'lin')]).toEqual([2, 2])
})

it("[CNV-7] in a 1-on-1 a team reply clears everyone's unread; a note does not", () => {
  const team = new SampleTeam()
  team.customer('lin')
  team.note('cs_agent', 'lin')
  expect(unread(team, 'cs_agent2', 'lin')).toBe(1)
  team.reply('cs_agent', 'lin')
  expect(['cs_agent', 'cs_agent2', 'admin'].map((member) => unread(team, member, 'lin'))).toEqual([0, 0, 0])
})

it('[CNV-7] pins are per member, and closing clears them all', () => {
  const team = new SampleTeam()
  const { id } = team.customer('lin')
  team.as('cs_agent', 'conversation.pin', { conversationId: id, pinned: true })
  team.as('admin', 'conversation.pin', { conversationId: id, pinned: true })
  expect(pinnedBy(team)).toEqual(['admin', 'cs_agent'])
  team.as('cs_agent', 'conversation.pin', { conversationId: id, pinned: false })
  expect(pinnedBy(team)).toEqual(['admin'])
  team.close('cs_agent', 'lin')
  expect(pinnedBy(team)).toEqual([])
  expect(codeOf(team.as('admin', 'conversation.pin', { conversationId: id, pinned: true }))).toBe('conversation.closed')
})
