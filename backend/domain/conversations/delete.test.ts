import { describe, expect, it } from 'vitest'
import { SampleTeam, codeOf } from '../../sync/sample-team.ts'
import type { Outcome } from '../../sync/run.ts'
import { ContactId } from '../ids.ts'
import { ROLES } from '../rows.ts'
import type { Channel, Contact } from '../rows.ts'

const DAY = 24 * 60 * 60 * 1000
const contactOf = (team: SampleTeam, who = 'lin'): Contact => team.row('contact', ContactId.parse(`contact-${who}`))

function waiting(channel: Partial<Channel> = {}): SampleTeam {
  const team = new SampleTeam(channel)
  team.customer('lin')
  return team
}
function remove(team: SampleTeam, member = 'supervisor', position?: number): Outcome {
  return team.as(member, 'conversation.delete', {
    conversationId: team.conversation('lin').id,
    ...(position && { batch: { position } }),
  })
}
function blacklist(team: SampleTeam, member = 'supervisor'): Outcome {
  return team.as(member, 'conversation.blacklist', { conversationId: team.conversation('lin').id })
}
const lift = (team: SampleTeam, member = 'supervisor') =>
  team.as(member, 'contact.lift', { contactId: ContactId.parse('contact-lin') })
const effects = (outcome: Outcome) => (outcome.ok ? outcome.effects.map(({ type }) => type) : outcome.refusal.code)
const settled = (team: SampleTeam, blocked: boolean, failed = false) =>
  team.store.run(
    'contact.blockSettled',
    {
      contactId: 'contact-lin',
      blocked,
      failure: failed ? { code: 'channel.rejected', platformCode: '139101' } : null,
    },
    { actor: { type: 'system' }, now: team.now },
  )

describe('[ROL-3] who deletes and blacklists', () => {
  it('admin and supervisor, unless an admin granted it to others', () => {
    const allowed = () =>
      ROLES.filter((role) => {
        const team = waiting()
        team.set(granted)
        return remove(team, role).ok
      })
    let granted = {}
    expect(allowed()).toEqual(['admin', 'supervisor'])
    granted = { permissions: { delete: ['cs_agent'], blacklist: [] } }
    expect(allowed()).toEqual(['admin', 'cs_agent'])
  })

  it('the two are granted one by one', () => {
    const team = waiting()
    team.set({ permissions: { delete: ['cs_agent'], blacklist: ['marketing_cs'] } })
    expect([codeOf(blacklist(team, 'cs_agent')), codeOf(remove(team, 'marketing_cs'))]).toEqual([
      'conversation.roleMayNot',
      'conversation.roleMayNot',
    ])
    expect(codeOf(blacklist(team, 'marketing_cs'))).toBe('ok')
  })

  it('only what they see: a permission gives no sight', () => {
    const team = waiting()
    team.set({ permissions: { delete: ['salesperson'], blacklist: [] } })
    expect(codeOf(remove(team, 'salesperson'))).toBe('conversation.notVisible')
  })

  it('is granted by an admin alone, for both', () => {
    const team = waiting()
    const permissions = { delete: ['cs_agent' as const, 'cs_agent' as const], blacklist: [] }
    expect(codeOf(team.as('supervisor', 'team.update', { permissions }))).toBe('member.mayNot')
    expect(codeOf(team.as('admin', 'team.update', { permissions }))).toBe('ok')
    expect(team.store.all('team')[0]?.permissions).toEqual({ delete: ['cs_agent'], blacklist: [] })
  })
})

describe('[DEL-1] deleting', () => {
  it('removes the conversation with every message and mark, and wants its bytes erased', () => {
    const team = waiting()
    team.customer('wang')
    team.reply('cs_agent', 'lin')
    team.as('cs_agent', 'conversation.pin', { conversationId: team.conversation('lin').id, pinned: true })
    expect(effects(remove(team))).toEqual(['conversation.erase'])
    expect(team.store.all('conversation').map(({ contactId }) => contactId)).toEqual(['contact-wang'])
    expect(team.store.all('message')).toHaveLength(1)
    expect(team.store.all('mark')).toEqual([])
  })

  it('leaves the contact, with whom the next conversation is another', () => {
    const team = waiting()
    remove(team)
    team.customer('lin', '我又來了')
    const [conversation] = team.store.all('conversation')
    expect([conversation?.id, conversation?.messageCount, contactOf(team).subscribed]).toEqual(['chat-lin~1', 1, true])
  })

  it('of what is gone already is refused as not there', () => {
    const team = waiting()
    const { id: conversationId } = team.conversation('lin')
    remove(team)
    expect(codeOf(team.as('supervisor', 'conversation.delete', { conversationId }))).toBe('conversation.notVisible')
  })
})

it('[DEL-3] any status may be deleted or blacklisted, shared or not; never a group', () => {
  const states: ((team: SampleTeam) => void)[] = [
    () => undefined,
    (team) => team.store.put('conversation', { ...team.conversation('lin'), status: 'pending_bot' }),
    (team) => team.take('cs_agent', 'lin'),
    (team) => {
      team.take('cs_agent', 'lin')
      team.close('cs_agent', 'lin')
    },
    (team) => {
      team.set({ collaboration: { from: 0, omoFrom: 0 } })
      team.take('cs_agent', 'lin')
      team.add('cs_agent', 'lin', 'cs_agent2')
    },
    (team) => team.store.put('conversation', { ...team.conversation('lin'), kind: 'group' }),
  ]
  const codes = states.map((make) =>
    [remove, blacklist].map((how) => {
      const team = waiting()
      make(team)
      return codeOf(how(team))
    }),
  )
  expect(codes).toEqual([
    ...Array.from({ length: 5 }, () => ['ok', 'ok']),
    ['conversation.group', 'conversation.group'],
  ])
})

describe('[DEL-2] blacklisting', () => {
  it('blocks the contact, cancels its subscription and deletes the conversation in one step', () => {
    const team = waiting()
    expect(effects(blacklist(team))).toEqual(['conversation.erase'])
    expect(team.store.all('conversation')).toEqual([])
    expect(contactOf(team)).toMatchObject({
      subscribed: false,
      blocked: { by: 'supervisor', at: team.now, suppressed: 0, lifting: false, platform: { state: 'none' } },
    })
  })

  it('all or none: refused, it changes nothing', () => {
    const team = waiting()
    blacklist(team, 'cs_agent')
    expect([contactOf(team).blocked, contactOf(team).subscribed, team.messages('lin').length]).toEqual([null, true, 1])
  })
})

describe('[DEL-8] whoever is on the blacklist', () => {
  it('creates no conversation and reaches nobody; what they sent is counted', () => {
    const team = waiting()
    blacklist(team)
    for (const content of ['一', '二'] as const) {
      expect(() => team.customer('lin', content)).toThrow('no conversation chat-lin')
    }
    team.store.run(
      'message.receive',
      {
        channelId: 'webchat',
        externalId: 'lin',
        name: 'lin',
        contactId: 'contact-lin',
        conversationId: 'chat-lin',
        messageId: 'picture',
        content: { kind: 'media', media: 'image', name: '', ref: 'r' },
      },
      { actor: { type: 'system' }, now: team.now },
    )
    expect([team.store.all('conversation'), team.store.all('message')]).toEqual([[], []])
    expect(contactOf(team).blocked?.suppressed).toBe(3)
  })

  it('is not let in again by following the account', () => {
    const team = waiting({ kind: 'line', welcomeText: '歡迎' })
    blacklist(team)
    const outcome = team.store.run(
      'contact.follow',
      {
        channelId: 'webchat',
        externalId: 'lin',
        name: 'lin',
        kind: 'person',
        phone: null,
        contactId: 'contact-lin',
        messageId: 'f1',
      },
      { actor: { type: 'system' }, now: team.now },
    )
    expect([effects(outcome), contactOf(team).subscribed, contactOf(team).blocked === null]).toEqual([[], false, false])
  })

  it('WhatsApp is told too, when the customer wrote within a day', () => {
    const whatsapp = waiting({ kind: 'whatsapp' })
    expect(effects(blacklist(whatsapp))).toEqual(['conversation.erase', 'channel.block'])
    expect(contactOf(whatsapp).blocked?.platform).toEqual({ state: 'asked' })

    const late = waiting({ kind: 'whatsapp' })
    late.now += DAY
    expect(effects(blacklist(late))).toEqual(['conversation.erase'])
    expect(contactOf(late).blocked?.platform).toEqual({ state: 'late' })
  })

  it('LINE has no such call, nor has a channel without an account', () => {
    const states = [{ kind: 'line' }, { kind: 'whatsapp', connected: false }] satisfies Partial<Channel>[]
    expect(
      states.map((channel) => {
        const team = waiting(channel)
        blacklist(team)
        return contactOf(team).blocked?.platform.state
      }),
    ).toEqual(['none', 'none'])
  })

  it('the platform’s refusal is kept to be shown, and suppresses no less', () => {
    const team = waiting({ kind: 'whatsapp' })
    blacklist(team)
    settled(team, true, true)
    expect(contactOf(team).blocked?.platform).toEqual({
      state: 'failed',
      code: 'channel.rejected',
      platformCode: '139101',
    })
    expect(() => team.customer('lin')).toThrow('no conversation')
  })
})

describe('[DEL-9] lifting', () => {
  it('is for whoever may blacklist; messages and subscription stay gone', () => {
    const team = waiting()
    blacklist(team)
    expect(['cs_agent', 'marketer', 'supervisor', 'supervisor'].map((who) => codeOf(lift(team, who)))).toEqual([
      'conversation.roleMayNot',
      'conversation.roleMayNot',
      'ok',
      'blacklist.not',
    ])
    team.customer('lin', '還在嗎')
    expect([contactOf(team).blocked, contactOf(team).subscribed]).toEqual([null, false])
    expect(team.store.all('message')).toHaveLength(1)
  })

  it('lifts the platform’s block too; until that is done, and when it fails, the list shows it', () => {
    const team = waiting({ kind: 'whatsapp' })
    blacklist(team)
    settled(team, true)
    expect(effects(lift(team))).toEqual(['channel.block'])
    expect(contactOf(team).blocked).toMatchObject({ lifting: true, platform: { state: 'asked' } })
    settled(team, false, true)
    expect(contactOf(team).blocked).toMatchObject({ lifting: true, platform: { state: 'failed' } })
    expect(effects(lift(team))).toEqual(['channel.block'])
    settled(team, false)
    expect(contactOf(team).blocked).toBeNull()
  })

  it('an answer to what was wished before changes nothing', () => {
    const team = waiting({ kind: 'whatsapp' })
    blacklist(team)
    lift(team)
    settled(team, true)
    expect(contactOf(team).blocked).toMatchObject({ lifting: true, platform: { state: 'asked' } })
  })

  it('who writes while it is being lifted is heard', () => {
    const team = waiting({ kind: 'whatsapp' })
    blacklist(team)
    lift(team)
    team.customer('lin', '還在嗎')
    expect(team.store.all('message')).toHaveLength(1)
  })
})
