import { describe, expect, it } from 'vitest'
import type { InboundContent } from './content.ts'
import { ChannelTeam } from '../../sync/sample-channel.ts'

const picture = { kind: 'media', media: 'image', name: '', ref: 'line-1' } as const
const stored = {
  kind: 'image',
  attachmentId: 'a',
  name: '照片.jpg',
  size: 9,
  mime: 'image/jpeg',
  width: 4,
  height: 3,
} as const

describe('what a customer sends', () => {
  it('[CNV-3] [CNV-4] media and stickers go to a person, also where the bot is on', () => {
    const contents: InboundContent[] = [
      picture,
      { kind: 'sticker', label: '謝謝' },
      { kind: 'location', title: '', address: '台北市信義區', latitude: 25.03, longitude: 121.56 },
      { kind: 'other', what: 'contacts' },
    ]
    for (const content of contents) {
      const team = new ChannelTeam('line', { botOn: true, botKeywords: ['營業時間'] })
      team.hears('lin', { content: { kind: 'text', text: '營業時間' } })
      expect(team.conversation('lin').status).toBe('pending_bot')
      team.hears('lin', { content })
      expect(team.conversation('lin').status).toBe('pending_person')
    }
  })

  it('[CNV-3] on a closed conversation reopens it, to the bot where it is on and has the keyword', () => {
    const statusAfter = (content: InboundContent, botOn: boolean) => {
      const team = new ChannelTeam('whatsapp', { botOn, botKeywords: ['營業時間'] })
      team.hears('lin')
      team.close('cs_agent', 'lin')
      team.hears('lin', { content })
      const { status, followerId, closedAt } = team.conversation('lin')
      return [status, followerId, closedAt]
    }
    expect(statusAfter({ kind: 'text', text: '營業時間' }, true)).toEqual(['pending_bot', null, null])
    expect(statusAfter({ kind: 'text', text: '營業時間' }, false)).toEqual(['pending_person', null, null])
    expect(statusAfter(picture, true)).toEqual(['pending_person', null, null])
  })

  it('as a picture is shown at once, and in its place when its bytes have come', () => {
    const team = new ChannelTeam('line')
    const outcome = team.hears('lin', { content: picture })
    const { id } = team.lastMessage('lin')
    expect(outcome).toMatchObject({ effects: [{ type: 'channel.media', messageId: id, ref: 'line-1' }] })
    // What the platform calls it stays with the hub.
    expect(team.lastMessage('lin').body).toEqual({ kind: 'media', media: 'image', name: '', state: 'fetching' })
    team.hub('message.media', { messageId: id, content: stored })
    expect(team.lastMessage('lin').body).toEqual(stored)
    expect(team.conversation('lin').lastMessage).toMatchObject({ messageId: id, kind: 'image', preview: '照片.jpg' })
  })

  it('as a picture that cannot be had says so, and a late repeat of that changes nothing', () => {
    const team = new ChannelTeam('line')
    team.hears('lin', { content: picture })
    const { id } = team.lastMessage('lin')
    team.hub('message.media', { messageId: id, content: null })
    expect(team.lastMessage('lin').body).toMatchObject({ kind: 'media', state: 'lost' })
    team.hub('message.media', { messageId: id, content: stored })
    team.hub('message.media', { messageId: id, content: null })
    expect(team.lastMessage('lin').body).toEqual(stored)
  })

  it('and takes back leaves nothing of what it said, in the list neither, and its file goes', () => {
    const team = new ChannelTeam('line')
    team.hears('lin', { content: picture })
    const { id } = team.lastMessage('lin')
    team.hub('message.media', { messageId: id, content: stored })
    const outcome = team.hub('message.unsend', { messageId: id })
    expect(outcome).toMatchObject({ effects: [{ type: 'attachment.remove', attachmentId: 'a' }] })
    expect(JSON.stringify([team.messages('lin'), team.conversation('lin')])).not.toContain('照片')
    // Bytes that come after that are not shown.
    team.hub('message.media', { messageId: id, content: stored })
    expect(team.lastMessage('lin').body).toEqual({ kind: 'unsent' })
  })

  it('of what members wrote nothing can be taken back by a customer', () => {
    const team = new ChannelTeam('line')
    team.hears('lin')
    team.reply('cs_agent', 'lin')
    const before = team.lastMessage('lin')
    expect(team.hub('message.unsend', { messageId: before.id })).toMatchObject({ changes: [] })
  })

  it('is kept whatever the platform let through: too long is cut, nothing visible is said to be something else', () => {
    const team = new ChannelTeam('line')
    team.hears('lin', { content: { kind: 'text', text: '長'.repeat(30_000) } })
    expect(team.lastMessage('lin').body).toEqual({ kind: 'text', text: '長'.repeat(20_000) })
    team.hears('lin', { content: { kind: 'text', text: '\u0000\u0007 ' } })
    expect(team.lastMessage('lin').body).toEqual({ kind: 'other', what: 'text' })
  })
})

describe('the greeting', () => {
  it('answers the first message on WhatsApp, once, and leaves what the customer asked on top of the list', () => {
    const team = new ChannelTeam('whatsapp', { welcomeText: '您好，馬上為您服務' })
    const outcome = team.hears('lin')
    expect(team.messages('lin').map(({ author }) => author.type)).toEqual(['customer', 'bot'])
    expect(outcome).toMatchObject({ effects: [{ type: 'channel.send', messageId: team.lastId('lin') }] })
    expect(team.conversation('lin')).toMatchObject({
      status: 'pending_person',
      messageCount: 2,
      inboundCount: 1,
      lastMessage: { author: { type: 'customer' } },
    })
    expect(team.conversation('lin').waitingSince).not.toBeNull()
    team.hears('lin')
    expect(team.messages('lin')).toHaveLength(3)
  })

  it('on LINE comes with adding the account instead', () => {
    const team = new ChannelTeam('line', { welcomeText: '歡迎' })
    team.hears('lin')
    expect(team.messages('lin')).toHaveLength(1)
  })
})
