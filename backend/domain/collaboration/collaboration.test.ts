import { describe, expect, it } from 'vitest'
import { SampleTeam, codeOf, memberOf } from '../../sync/sample-team.ts'
import { MemberId } from '../ids.ts'
import type { Conversation, Team } from '../rows.ts'

const ON = { collaboration: { from: 0, omoFrom: 0 } } as const
const id = (name: string) => MemberId.parse(name)

/** A team that collaborates, in which `cs_agent` follows the customer `lin`. */
function followed(more: Partial<Team> = ON): SampleTeam {
  const team = new SampleTeam({}, more)
  team.customer('lin')
  team.take('cs_agent', 'lin')
  return team
}
/** …and shares it with these. */
function shared(...others: string[]): SampleTeam {
  const team = followed()
  expect(codeOf(team.add('cs_agent', 'lin', ...others))).toBe('ok')
  return team
}
function people({ followerId, collaboratorIds }: Conversation): (string | null)[] {
  return [followerId, ...collaboratorIds]
}
const inIt = (team: SampleTeam) => people(team.conversation('lin'))
const lastLine = (team: SampleTeam) => team.messages('lin').at(-1)?.body

describe('[COL-1] while collaboration is off', () => {
  const commands = (team: SampleTeam): string[] => [
    codeOf(team.add('cs_agent', 'lin', 'cs_agent2')),
    codeOf(team.does('supervisor', 'collaboration.join', 'lin')),
    codeOf(team.as('marketing_cs', 'collaboration.ask', { conversationId: team.conversation('lin').id })),
    codeOf(team.as('cs_agent', 'collaboration.decline', asking(team, 'marketing_cs'))),
    codeOf(team.removeFrom('cs_agent', 'lin', 'cs_agent2')),
    codeOf(team.does('cs_agent', 'collaboration.leave', 'lin')),
    codeOf(team.does('supervisor', 'collaboration.takeOver', 'lin')),
  ]
  const asking = (team: SampleTeam, member: string) => ({
    conversationId: team.conversation('lin').id,
    memberId: id(member),
  })

  it('every command of it is refused', () => {
    const off = followed({ collaboration: { from: null, omoFrom: null } })
    expect(commands(off)).toEqual(Array(7).fill('collaboration.off'))
  })

  it('until its date, by the hub’s clock', () => {
    const team = followed({ modules: [], collaboration: { from: 60_000, omoFrom: null } })
    expect(codeOf(team.add('cs_agent', 'lin', 'cs_agent2'))).toBe('collaboration.off')
    team.now = 59_000
    expect(codeOf(team.add('cs_agent', 'lin', 'cs_agent2'))).toBe('ok')
  })

  it('a team with OMO goes by a flag of its own, any other by the general one', () => {
    const codes = [
      { modules: ['omo'], collaboration: { from: 0, omoFrom: null } },
      { modules: ['omo'], collaboration: { from: null, omoFrom: 0 } },
      { modules: ['crm'], collaboration: { from: 0, omoFrom: null } },
      { modules: ['crm'], collaboration: { from: null, omoFrom: 0 } },
    ] satisfies Partial<Team>[]
    expect(codes.map((set) => codeOf(followed(set).add('cs_agent', 'lin', 'cs_agent2')))).toEqual([
      'collaboration.off',
      'ok',
      'ok',
      'collaboration.off',
    ])
  })

  it('a conversation that was shared before is its follower’s and the managing roles’ again', () => {
    const team = shared('cs_agent2')
    team.set({ collaboration: { from: null, omoFrom: null } })
    expect(['cs_agent2', 'supervisor', 'cs_agent'].map((who) => codeOf(team.reply(who, 'lin')))).toEqual([
      'conversation.notFollower',
      'ok',
      'ok',
    ])
    expect(codeOf(team.close('supervisor', 'lin'))).toBe('ok')
  })
})

describe('[COL-2] adding', () => {
  it('the follower adds several at a time, in the order given, and the thread says so', () => {
    const team = shared('cs_agent2', 'salesperson')
    expect(inIt(team)).toEqual(['cs_agent', 'cs_agent2', 'salesperson'])
    expect(lastLine(team)).toEqual({
      kind: 'event',
      event: { type: 'added', by: 'cs_agent', members: ['cs_agent2', 'salesperson'] },
    })
  })

  it('at most five, all or none', () => {
    const team = shared('cs_agent2', 'salesperson', 'sales_manager', 'marketing_cs')
    expect(codeOf(team.add('cs_agent', 'lin', 'supervisor', 'admin'))).toBe('collaboration.full')
    expect(inIt(team)).toHaveLength(5)
    expect(codeOf(team.add('cs_agent', 'lin', 'supervisor'))).toBe('ok')
    expect(codeOf(team.add('cs_agent', 'lin', 'admin'))).toBe('collaboration.full')
    expect(codeOf(team.does('admin', 'collaboration.join', 'lin'))).toBe('collaboration.full')
    const six = ['admin', 'supervisor', 'cs_manager', 'cs_agent2', 'salesperson', 'sales_manager']
    expect(codeOf(followed().add('cs_agent', 'lin', ...six))).toBe('request.invalid')
  })

  it('a collaborator adds when they are admin, supervisor, cs_manager or marketing_cs, and no other', () => {
    const codes = [
      'admin',
      'supervisor',
      'cs_manager',
      'marketing_cs',
      'cs_agent2',
      'salesperson',
      'sales_manager',
    ].map((who) => [who, codeOf(shared(who).add(who, 'lin', who === 'cs_agent2' ? 'supervisor' : 'cs_agent2'))])
    expect(Object.fromEntries(codes)).toEqual({
      admin: 'ok',
      supervisor: 'ok',
      cs_manager: 'ok',
      marketing_cs: 'ok',
      cs_agent2: 'collaboration.mayNotAdd',
      salesperson: 'collaboration.mayNotAdd',
      sales_manager: 'collaboration.mayNotAdd',
    })
  })

  it('whoever is not in it does not add, whatever their role', () => {
    const codes = ['admin', 'supervisor', 'cs_manager', 'marketing_cs'].map((who) =>
      codeOf(followed().add(who, 'lin', 'cs_agent2')),
    )
    expect(codes).toEqual(Array(4).fill('collaboration.mayNotAdd'))
  })

  it('nobody who is inactive, sees nothing or is in it already; among several those are passed over', () => {
    const team = shared('cs_agent2')
    team.store.put('member', memberOf('cs_agent', { id: id('gone'), active: false }))
    expect(
      ['gone', 'marketer', 'cs_agent2', 'cs_agent', 'nobody'].map((who) => codeOf(team.add('cs_agent', 'lin', who))),
    ).toEqual([
      'transfer.toInactive',
      'transfer.toRole',
      'collaboration.isMember',
      'collaboration.isMember',
      'request.notFound',
    ])
    expect(codeOf(team.add('cs_agent', 'lin', 'cs_agent2', 'supervisor', 'supervisor'))).toBe('ok')
    expect(inIt(team)).toEqual(['cs_agent', 'cs_agent2', 'supervisor'])
    expect(codeOf(team.add('cs_agent', 'lin', 'cs_agent2', 'supervisor'))).toBe('collaboration.isMember')
  })
})

describe('[COL-3] coming in', () => {
  it('admin, supervisor and cs_manager join by themselves; others who see it may ask', () => {
    const roles = ['admin', 'supervisor', 'cs_manager', 'marketing_cs', 'sales_manager'] as const
    const answers = roles.map((who) => {
      const team = new SampleTeam({}, ON)
      team.customer('lin')
      team.take('supervisor', 'lin')
      // A salesperson of 信義店 follows it, so that the store's manager sees it.
      team.transfer('supervisor', 'lin', 'salesperson')
      const joined = codeOf(team.does(who, 'collaboration.join', 'lin'))
      const asked = codeOf(team.as(who, 'collaboration.ask', { conversationId: team.conversation('lin').id }))
      return [joined, asked]
    })
    expect(answers).toEqual([
      ['ok', 'collaboration.isMember'],
      ['ok', 'collaboration.isMember'],
      ['ok', 'collaboration.isMember'],
      ['collaboration.notMember', 'ok'],
      ['collaboration.notMember', 'ok'],
    ])
  })

  it('whoever does not see it can neither join nor ask', () => {
    const team = followed()
    const { id: conversationId } = team.conversation('lin')
    expect(codeOf(team.as('salesperson', 'collaboration.ask', { conversationId }))).toBe('conversation.notVisible')
    expect(codeOf(team.does('salesperson', 'collaboration.join', 'lin'))).toBe('conversation.notVisible')
  })

  it('the follower admits who asked with one click, which answers the asking', () => {
    const team = followed()
    const { id: conversationId } = team.conversation('lin')
    expect(codeOf(team.as('marketing_cs', 'collaboration.ask', { conversationId }))).toBe('ok')
    expect(codeOf(team.as('marketing_cs', 'collaboration.ask', { conversationId }))).toBe('collaboration.asked')
    expect(team.conversation('lin').askingIds).toEqual(['marketing_cs'])
    expect(codeOf(team.add('cs_agent', 'lin', 'marketing_cs'))).toBe('ok')
    expect([inIt(team), team.conversation('lin').askingIds]).toEqual([['cs_agent', 'marketing_cs'], []])
  })

  it('the follower may say no; a stranger may not answer; closing forgets who asked', () => {
    const team = followed()
    const { id: conversationId } = team.conversation('lin')
    team.as('marketing_cs', 'collaboration.ask', { conversationId })
    const no = { conversationId, memberId: id('marketing_cs') }
    expect(codeOf(team.as('supervisor', 'collaboration.decline', no))).toBe('collaboration.mayNotAdd')
    expect(codeOf(team.as('cs_agent', 'collaboration.decline', no))).toBe('ok')
    expect(codeOf(team.as('cs_agent', 'collaboration.decline', no))).toBe('collaboration.notAsked')
    team.as('marketing_cs', 'collaboration.ask', { conversationId })
    team.close('cs_agent', 'lin')
    expect(team.conversation('lin').askingIds).toEqual([])
  })
})

describe('[COL-4] once the team collaborates', () => {
  it('only follower and collaborators reply, whatever the role; anyone else must join first', () => {
    const team = shared('salesperson')
    const replies = ['cs_agent', 'salesperson', 'admin', 'supervisor', 'cs_manager', 'marketing_cs'].map((who) =>
      codeOf(team.reply(who, 'lin')),
    )
    expect(replies).toEqual(['ok', 'ok', ...Array<string>(4).fill('collaboration.notMember')])
    team.does('supervisor', 'collaboration.join', 'lin')
    expect(codeOf(team.reply('supervisor', 'lin'))).toBe('ok')
  })

  it('the refusal says how to get in: by joining, or by asking', () => {
    const team = followed()
    const refusals = ['supervisor', 'marketing_cs'].map((who) => {
      const outcome = team.reply(who, 'lin')
      return outcome.ok ? null : [outcome.refusal.params['follower'], outcome.refusal.instead]
    })
    expect(refusals).toEqual([
      ['cs_agent', 'join'],
      ['cs_agent', 'ask-to-join'],
    ])
  })

  it('what waits is still taken by replying', () => {
    const team = new SampleTeam({}, ON)
    team.customer('lin')
    expect(codeOf(team.reply('supervisor', 'lin'))).toBe('ok')
    expect(inIt(team)).toEqual(['supervisor'])
  })

  it('a group, which nobody can join, stays with its follower and the managing roles', () => {
    const team = followed()
    team.store.put('conversation', { ...team.conversation('lin'), kind: 'group' })
    expect(['cs_agent', 'supervisor', 'marketing_cs'].map((who) => codeOf(team.reply(who, 'lin')))).toEqual([
      'ok',
      'ok',
      'conversation.notFollower',
    ])
  })
})

describe('[COL-5] going', () => {
  it('the follower, admin, supervisor, cs_manager and marketing_cs remove, in it or not; others do not', () => {
    const codes = ['cs_agent', 'admin', 'supervisor', 'cs_manager', 'marketing_cs', 'salesperson', 'cs_agent2'].map(
      (who) => codeOf(shared('salesperson', 'cs_agent2', 'sales_manager').removeFrom(who, 'lin', 'sales_manager')),
    )
    expect(codes).toEqual([...Array<string>(5).fill('ok'), 'collaboration.mayNotRemove', 'collaboration.mayNotRemove'])
  })

  it('only a collaborator is removed, not the follower, and the thread says whom', () => {
    const team = shared('cs_agent2')
    expect(codeOf(team.removeFrom('supervisor', 'lin', 'cs_agent'))).toBe('collaboration.noMember')
    expect(codeOf(team.removeFrom('supervisor', 'lin', 'cs_agent2'))).toBe('ok')
    expect(lastLine(team)).toEqual({
      kind: 'event',
      event: { type: 'removed', by: 'supervisor', member: 'cs_agent2' },
    })
    expect(codeOf(team.reply('cs_agent2', 'lin'))).toBe('conversation.takenBy')
  })

  it('anyone in it leaves; when the follower does, who joined first follows', () => {
    const team = shared('cs_agent2', 'salesperson')
    expect(codeOf(team.does('salesperson', 'collaboration.leave', 'lin'))).toBe('ok')
    team.add('cs_agent', 'lin', 'supervisor')
    expect(codeOf(team.does('cs_agent', 'collaboration.leave', 'lin'))).toBe('ok')
    expect(inIt(team)).toEqual(['cs_agent2', 'supervisor'])
    expect(codeOf(team.does('admin', 'collaboration.leave', 'lin'))).toBe('collaboration.notMine')
  })

  it('who follows alone cannot leave', () => {
    expect(codeOf(followed().does('cs_agent', 'collaboration.leave', 'lin'))).toBe('collaboration.notMine')
  })
})

describe('[COL-6] taking over', () => {
  it('a collaborator with a managing role becomes follower, the former follower a collaborator', () => {
    const team = shared('cs_agent2', 'marketing_cs')
    expect(codeOf(team.does('marketing_cs', 'collaboration.takeOver', 'lin'))).toBe('ok')
    expect(inIt(team)).toEqual(['marketing_cs', 'cs_agent2', 'cs_agent'])
  })

  it('by no other role, and by nobody who is not in it', () => {
    const team = shared('cs_agent2', 'salesperson')
    const codes = ['cs_agent2', 'salesperson', 'supervisor', 'cs_agent'].map((who) =>
      codeOf(team.does(who, 'collaboration.takeOver', 'lin')),
    )
    expect(codes).toEqual([
      'collaboration.mayNotTakeOver',
      'collaboration.mayNotTakeOver',
      'collaboration.notMember',
      'conversation.alreadyYours',
    ])
  })
})

describe('[COL-7] transferring within a collaboration', () => {
  it('goes only from the follower to a collaborator; the two change places', () => {
    const team = shared('cs_agent2', 'supervisor')
    const codes = [
      codeOf(team.transfer('supervisor', 'lin', 'cs_agent2')),
      codeOf(team.transfer('cs_agent', 'lin', 'salesperson')),
      codeOf(team.transfer('cs_agent', 'lin', 'cs_agent2')),
    ]
    expect(codes).toEqual(['collaboration.onlyFollowerTransfers', 'transfer.notCollaborator', 'ok'])
    expect(inIt(team)).toEqual(['cs_agent2', 'supervisor', 'cs_agent'])
  })

  it('a 1-on-1 is handed over whole', () => {
    const team = followed()
    team.transfer('cs_agent', 'lin', 'cs_agent2')
    expect(inIt(team)).toEqual(['cs_agent2'])
  })
})

describe('[COL-8] closing and reopening', () => {
  it('only the follower closes it, even against an admin', () => {
    const team = shared('cs_agent2', 'supervisor')
    const codes = ['cs_agent2', 'supervisor', 'admin', 'cs_agent'].map((who) => codeOf(team.close(who, 'lin')))
    expect(codes).toEqual([...Array<string>(3).fill('collaboration.onlyFollowerCloses'), 'ok'])
  })

  it('who is in it reopens it without changing who follows; admin and supervisor do, and must join to reply', () => {
    const reopened = ['cs_agent', 'cs_agent2', 'admin', 'supervisor', 'cs_manager', 'marketing_cs'].map((who) => {
      const team = shared('cs_agent2')
      team.close('cs_agent', 'lin')
      const code = codeOf(team.reopen(who, 'lin'))
      return [code, ...(code === 'ok' ? [inIt(team).join(), codeOf(team.reply(who, 'lin'))] : [])]
    })
    expect(reopened).toEqual([
      ['ok', 'cs_agent,cs_agent2', 'ok'],
      ['ok', 'cs_agent,cs_agent2', 'ok'],
      ['ok', 'cs_agent,cs_agent2', 'collaboration.notMember'],
      ['ok', 'cs_agent,cs_agent2', 'collaboration.notMember'],
      ['conversation.roleMayNot'],
      ['conversation.roleMayNot'],
    ])
  })
})

describe('[COL-9] a collaboration is never in 待處理', () => {
  it('a customer who writes again brings it back to 處理中, to those who had it', () => {
    const team = shared('cs_agent2')
    team.close('cs_agent', 'lin')
    expect(team.customer('lin').status).toBe('open')
    expect(inIt(team)).toEqual(['cs_agent', 'cs_agent2'])
  })

  it('what waits cannot become one before somebody follows it', () => {
    const team = new SampleTeam({}, ON)
    team.customer('lin')
    expect(codeOf(team.add('supervisor', 'lin', 'cs_agent'))).toBe('conversation.pending')
    expect(codeOf(team.does('supervisor', 'collaboration.join', 'lin'))).toBe('conversation.pending')
    team.take('cs_agent', 'lin')
    team.close('cs_agent', 'lin')
    expect(codeOf(team.add('cs_agent', 'lin', 'cs_agent2'))).toBe('conversation.closed')
  })
})

describe('[COL-10] a member who is deactivated', () => {
  const deactivate = (team: SampleTeam, who: string) =>
    team.as('admin', 'member.update', { memberId: id(who), active: false })

  it('leaves every collaboration, open and closed; one person left makes it 1-on-1', () => {
    const team = shared('cs_agent2')
    team.customer('wang')
    team.take('supervisor', 'wang')
    team.add('supervisor', 'wang', 'cs_agent2', 'salesperson')
    team.close('supervisor', 'wang')
    expect(codeOf(deactivate(team, 'cs_agent2'))).toBe('ok')
    expect([inIt(team), people(team.conversation('wang'))]).toEqual([['cs_agent'], ['supervisor', 'salesperson']])
    expect(lastLine(team)).toEqual({ kind: 'event', event: { type: 'left', by: 'cs_agent2' } })
    expect(codeOf(team.close('supervisor', 'lin'))).toBe('ok')
  })

  it('when they followed it, who joined first follows, and the thread says so', () => {
    const team = shared('cs_agent2', 'salesperson')
    deactivate(team, 'cs_agent')
    expect(inIt(team)).toEqual(['cs_agent2', 'salesperson'])
    expect(
      team
        .messages('lin')
        .slice(-2)
        .map(({ body }) => body),
    ).toEqual([
      { kind: 'event', event: { type: 'left', by: 'cs_agent' } },
      { kind: 'event', event: { type: 'tookOver', by: 'cs_agent2' } },
    ])
  })

  it('no longer asks to join, and keeps what they follow alone', () => {
    const team = followed()
    team.as('marketing_cs', 'collaboration.ask', { conversationId: team.conversation('lin').id })
    deactivate(team, 'marketing_cs')
    expect(team.conversation('lin').askingIds).toEqual([])
    deactivate(team, 'cs_agent')
    expect(inIt(team)).toEqual(['cs_agent'])
  })
})

it('[COL-12] groups cannot become collaborations', () => {
  const team = followed()
  team.store.put('conversation', { ...team.conversation('lin'), kind: 'group' })
  const conversationId = team.conversation('lin').id
  expect([
    codeOf(team.add('cs_agent', 'lin', 'cs_agent2')),
    codeOf(team.does('supervisor', 'collaboration.join', 'lin')),
    codeOf(team.as('marketing_cs', 'collaboration.ask', { conversationId })),
  ]).toEqual(Array(3).fill('conversation.group'))
})

it('[CNV-7] in a collaboration a reply clears nobody’s unread but by reading', () => {
  const team = shared('cs_agent2')
  team.reply('cs_agent', 'lin')
  expect(team.conversation('lin').clearedInbound).toBe(0)
})

it('[ROL-1] a sales manager who was added sees it, whichever store it is of', () => {
  const team = shared('sales_manager')
  expect(codeOf(team.reply('sales_manager', 'lin'))).toBe('ok')
})
