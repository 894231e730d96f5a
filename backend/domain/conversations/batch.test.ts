import { describe, expect, it } from 'vitest'
import { SampleTeam, codeOf } from '../../sync/sample-team.ts'
import { MemberId } from '../ids.ts'
import { LIST_NAMES } from '../lists.ts'
import { ROLES } from '../rows.ts'
import { BATCH_MAX, batchActions } from './batch.ts'

const ON = { collaboration: { from: 0, omoFrom: 0 } } as const

/** Each of these in its place of one batch. */
function inBatch(
  team: SampleTeam,
  member: string,
  action: 'take' | 'close' | 'transfer' | 'delete' | 'blacklist',
  who: string[],
) {
  return who.map((one, index) => {
    const { id: conversationId } = team.conversation(one)
    const batch = { position: index + 1 }
    if (action === 'delete' || action === 'blacklist') {
      return codeOf(team.as(member, `conversation.${action}`, { conversationId, batch }))
    }
    const args = { conversationId, messageId: team.messageId(), batch }
    if (action !== 'transfer') return codeOf(team.as(member, `conversation.${action}`, args))
    return codeOf(team.as(member, 'conversation.transfer', { ...args, toMemberId: MemberId.parse('cs_agent2') }))
  })
}
function customers(team: SampleTeam, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    team.customer(`c${index}`)
    return `c${index}`
  })
}

describe('[CNV-6] transferring several', () => {
  it('takes at most 20; what is beyond is refused, the rest goes on', () => {
    const team = new SampleTeam()
    const codes = inBatch(team, 'supervisor', 'transfer', customers(team, 22))
    expect(codes).toEqual([...Array<string>(20).fill('ok'), 'batch.tooMany', 'batch.tooMany'])
  })

  it('refuses groups and collaborations, each with its reason, even to the follower', () => {
    const team = new SampleTeam({}, ON)
    const who = customers(team, 3)
    for (const one of who) team.take('cs_agent', one)
    team.add('cs_agent', 'c0', 'cs_agent2')
    team.store.put('conversation', { ...team.conversation('c1'), kind: 'group' })
    expect(inBatch(team, 'cs_agent', 'transfer', who)).toEqual(['batch.transferKind', 'batch.transferKind', 'ok'])
  })
})

it('[COL-8] closing several: a collaborator is refused where they do not follow', () => {
  const team = new SampleTeam({}, ON)
  const who = customers(team, 2)
  for (const one of who) team.take('cs_agent', one)
  team.add('cs_agent', 'c0', 'supervisor')
  expect(inBatch(team, 'supervisor', 'close', who)).toEqual(['collaboration.onlyFollowerCloses', 'ok'])
})

describe('[DEL-4] deleting several', () => {
  it('from every list but 團隊處理中', () => {
    const codes = (['delete', 'blacklist'] as const).map((action) => {
      const team = new SampleTeam()
      const who = customers(team, 6)
      team.store.put('conversation', { ...team.conversation('c1'), status: 'pending_bot' })
      team.take('supervisor', 'c2')
      team.take('cs_agent', 'c3')
      team.take('supervisor', 'c4')
      team.close('supervisor', 'c4')
      team.close('supervisor', 'c5')
      return inBatch(team, 'supervisor', action, who)
    })
    expect(codes).toEqual(Array.from({ length: 2 }, () => ['ok', 'ok', 'ok', 'batch.teamList', 'ok', 'ok']))
  })

  it('one of 團隊處理中 alone may be deleted', () => {
    const team = new SampleTeam()
    team.customer('lin')
    team.take('cs_agent', 'lin')
    expect(codeOf(team.as('supervisor', 'conversation.delete', { conversationId: team.conversation('lin').id }))).toBe(
      'ok',
    )
  })
})

it('[DEL-5] at most 40 are deleted in one batch; the 41st is refused', () => {
  const team = new SampleTeam()
  const codes = inBatch(team, 'admin', 'delete', customers(team, 41))
  expect(codes).toEqual([...Array<string>(40).fill('ok'), 'batch.tooMany'])
  expect(team.store.all('conversation')).toHaveLength(1)
})

it('taking several: what is taken already says by whom, and the rest goes on', () => {
  const team = new SampleTeam()
  const who = customers(team, 3)
  team.take('cs_agent2', 'c1')
  expect(inBatch(team, 'cs_agent', 'take', who)).toEqual(['ok', 'conversation.takenBy', 'ok'])
})

describe('what a batch offers', () => {
  it('[DEL-4] [ROL-3] only what the list and the role allow', () => {
    const team = new SampleTeam()
    const moment = { team: team.store.all('team')[0] ?? never(), now: team.now }
    const offered = (role: string) =>
      Object.fromEntries(LIST_NAMES.map((list) => [list, batchActions(list, team.member(role), moment).join(' ')]))
    expect(offered('supervisor')).toEqual({
      pending_person: 'take close transfer delete blacklist',
      pending_bot: 'take close transfer delete blacklist',
      open_mine: 'close transfer delete blacklist',
      open_team: 'close transfer',
      closed_mine: 'delete blacklist',
      closed_team: 'delete blacklist',
    })
    expect(offered('cs_agent')).toEqual({
      pending_person: 'take close transfer',
      pending_bot: 'take close transfer',
      open_mine: 'close transfer',
      open_team: '',
      closed_mine: '',
      closed_team: '',
    })
    expect(offered('salesperson')).toMatchObject({ pending_person: '', open_mine: 'close transfer', open_team: '' })
  })

  it('never what the rules refuse to that role in every case', () => {
    for (const role of ROLES) {
      const team = new SampleTeam()
      const moment = { team: team.store.all('team')[0] ?? never(), now: team.now }
      team.customer('lin')
      for (const action of batchActions('pending_person', team.member(role), moment)) {
        const fresh = new SampleTeam()
        fresh.customer('lin')
        expect([role, action, inBatch(fresh, role, action, ['lin'])]).toEqual([role, action, ['ok']])
      }
    }
  })

  it('has a limit for each action', () => {
    expect(BATCH_MAX).toEqual({ take: 40, close: 40, transfer: 20, delete: 40, blacklist: 40 })
  })
})

function never(): never {
  throw new Error('the team has no row')
}
