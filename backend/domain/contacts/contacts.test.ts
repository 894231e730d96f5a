import { describe, expect, it } from 'vitest'
import { MessageId } from '../ids.ts'
import { ChannelTeam } from '../../sync/sample-channel.ts'
import { WEBCHAT } from '../../sync/sample-team.ts'

const line = (n: number) => MessageId.parse(`line-${n}`)

describe('a customer who adds the account', () => {
  it('[NTF-4] is a contact from then on, without a conversation, and greeted once', () => {
    const team = new ChannelTeam('line', { welcomeText: '歡迎光臨' })
    const follow = { ...team.source('lin'), name: null, messageId: line(1) }
    const outcome = team.hub('contact.follow', follow)
    expect(outcome).toMatchObject({ ok: true })
    expect(outcome.ok && outcome.effects).toEqual([
      { type: 'channel.profile', channelId: WEBCHAT, contactId: 'contact-lin', of: null },
      { type: 'channel.welcome', channelId: WEBCHAT, contactId: 'contact-lin', messageId: 'line-1' },
    ])
    expect(team.contact('lin')).toMatchObject({ subscribed: true, platformBlockedAt: null, name: '' })
    expect(team.store.all('conversation')).toEqual([])
  })

  it('and blocks it later is shown as blocked, also in the thread; writing or following ends that', () => {
    const team = new ChannelTeam('line')
    team.hears('lin')
    team.hub('contact.unfollow', { ...team.source('lin'), messageId: line(1) })
    expect(team.contact('lin')).toMatchObject({ subscribed: false, platformBlockedAt: team.now })
    expect(team.lastMessage('lin').body).toEqual({ kind: 'event', event: { type: 'unfollowed' } })
    team.hub('contact.follow', { ...team.source('lin'), messageId: line(2) })
    expect(team.contact('lin')).toMatchObject({ subscribed: true, platformBlockedAt: null })
    expect(team.lastMessage('lin').body).toEqual({ kind: 'event', event: { type: 'followed' } })
    // Told again, each changes nothing.
    const again = team.hub('contact.unfollow', { ...team.source('lin'), messageId: line(1) })
    expect([again, team.contact('lin').subscribed]).toEqual([{ ok: true, changes: [], effects: [] }, true])
  })

  it('and whom nobody knows leaves nothing behind by leaving', () => {
    const team = new ChannelTeam('line')
    expect(team.hub('contact.unfollow', { ...team.source('lin'), messageId: line(1) })).toMatchObject({ changes: [] })
  })
})

describe('a group', () => {
  const group = { kind: 'group', name: null } as const

  it('is one conversation of many people, whose names are asked for once each', () => {
    const team = new ChannelTeam('line')
    const first = team.hears('family', { ...group, from: 'U1' })
    const second = team.hears('family', { ...group, from: 'U1' })
    team.hears('family', { ...group, from: null })
    expect(team.conversation('family')).toMatchObject({ kind: 'group', messageCount: 3 })
    const asked = (outcome: typeof first) => (outcome.ok ? outcome.effects : [])
    expect(asked(first).map((effect) => ('of' in effect ? effect.of : effect.type))).toEqual([null, 'U1'])
    expect(asked(second)).toEqual([])
    team.hub('contact.describe', { contactId: 'contact-family', person: { externalId: 'U1', name: '王小明' } })
    team.hub('contact.describe', { contactId: 'contact-family', name: '王家' })
    expect(team.contact('family')).toMatchObject({
      kind: 'group',
      name: '王家',
      people: [{ externalId: 'U1', name: '王小明' }],
    })
    expect(team.messages('family').map(({ author }) => author.type === 'customer' && author.from)).toEqual([
      'U1',
      'U1',
      null,
    ])
  })
})

describe('「LINE UID <> 手機」', () => {
  it('[NTF-5] is kept with the contact, and fills an empty phone number only', () => {
    const team = new ChannelTeam('line')
    team.hears('lin')
    team.hub('contact.describe', { contactId: 'contact-lin', matchedPhone: '+886912345678' })
    expect(team.contact('lin')).toMatchObject({ matchedPhone: '+886912345678', phone: '+886912345678' })
    team.store.put('contact', { ...team.contact('lin'), phone: '02-2720-8889' })
    team.hub('contact.describe', { contactId: 'contact-lin', matchedPhone: '+886987654321' })
    expect(team.contact('lin')).toMatchObject({ matchedPhone: '+886987654321', phone: '02-2720-8889' })
  })
})
