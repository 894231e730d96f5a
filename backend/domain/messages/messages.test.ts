import { describe, expect, it } from 'vitest'
import { SampleTeam, codeOf } from '../../sync/sample-team.ts'
import { AttachmentId } from '../ids.ts'
import type { Delivery } from '../rows.ts'
import { MESSAGE_TEXT_MAX } from '../text.ts'

const bot = { botOn: true, botKeywords: ['營業時間', 'Menu'] }
const picture = {
  kind: 'image',
  attachmentId: AttachmentId.parse('picture'),
  name: '照片.png',
  mime: 'image/png',
  size: 10,
  width: 1,
  height: 1,
} as const

describe('a customer writes', () => {
  it('[CNV-3] a new message on a closed conversation reopens it to 待處理真人, without a follower', () => {
    const team = new SampleTeam()
    team.customer('lin')
    team.take('cs_agent', 'lin')
    team.close('cs_agent', 'lin')
    expect(team.customer('lin')).toMatchObject({
      status: 'pending_person',
      followerId: null,
      closedAt: null,
      closedBy: null,
    })
  })

  it("[CNV-3] it goes to 待處理機器人 when the channel's bot is on", () => {
    const team = new SampleTeam(bot)
    team.customer('lin')
    team.take('cs_agent', 'lin')
    team.close('cs_agent', 'lin')
    expect(team.customer('lin', ' menu ')).toMatchObject({ status: 'pending_bot', followerId: null })
  })

  it('[CNV-3] a closed 協作對話 returns to 處理中 with the people it had', () => {
    const team = new SampleTeam()
    team.customer('lin')
    team.take('cs_agent', 'lin')
    const shared = { ...team.conversation('lin'), collaboratorIds: [team.member('cs_agent2').id] }
    team.store.put('conversation', shared)
    team.close('cs_agent', 'lin')
    expect(team.customer('lin')).toMatchObject({
      status: 'open',
      followerId: 'cs_agent',
      collaboratorIds: ['cs_agent2'],
    })
  })

  it('[CNV-4] the bot keeps what it has a keyword for; other text and media go to a person', () => {
    const team = new SampleTeam(bot)
    expect([
      team.customer('a', '營業時間').status,
      team.customer('b', '營業時間是幾點').status,
      team.customer('c', picture).status,
    ]).toEqual(['pending_bot', 'pending_person', 'pending_person'])
  })

  it('[CNV-4] from the bot to a person and never back', () => {
    const team = new SampleTeam(bot)
    const statuses = ['營業時間', '我要退貨', '營業時間'].map((text) => team.customer('lin', text).status)
    expect(statuses).toEqual(['pending_bot', 'pending_person', 'pending_person'])
    team.take('cs_agent', 'lin')
    expect(team.customer('lin', '營業時間')).toMatchObject({ status: 'open', followerId: 'cs_agent' })
  })

  it('[SYN-3] the same message told twice is there once', () => {
    const team = new SampleTeam()
    const { id, contactId, channelId } = team.customer('lin')
    const again = {
      channelId,
      externalId: 'lin',
      name: 'lin',
      contactId,
      conversationId: id,
      messageId: team.messages('lin')[0]!.id,
      content: { kind: 'text', text: '請問還有貨嗎' },
    }
    const outcome = team.store.run('message.receive', again, { actor: { type: 'system' }, now: team.now })
    expect([outcome, team.messages('lin').length, team.conversation('lin').inboundCount]).toEqual([
      { ok: true, changes: [], effects: [] },
      1,
      1,
    ])
  })

  it('how long the customer waits counts from the first message that nobody answered', () => {
    const team = new SampleTeam()
    const first = team.customer('lin').lastInboundAt
    team.customer('lin')
    expect(team.conversation('lin').waitingSince).toBe(first)
    team.reply('cs_agent', 'lin')
    expect(team.conversation('lin').waitingSince).toBeNull()
  })
})

describe('a member writes', () => {
  it('[CNV-8] a note has no effect outside and no delivery', () => {
    const team = new SampleTeam()
    team.customer('lin')
    const outcome = team.note('admin', 'lin', '這位客人上次退過貨')
    expect(outcome).toMatchObject({ ok: true, effects: [] })
    expect(team.messages('lin').at(-1)).toMatchObject({ body: { kind: 'note' }, delivery: null })
  })

  it('[CNV-10] a reply starts as 傳送中 and is handed to the channel', () => {
    const team = new SampleTeam()
    team.customer('lin')
    const outcome = team.reply('cs_agent', 'lin')
    const message = team.messages('lin').at(-1)!
    expect(message.delivery).toEqual({ state: 'sending' })
    expect(outcome).toMatchObject({ effects: [{ type: 'channel.send', messageId: message.id }] })
  })

  it('[CNV-10] a later state never regresses and a state may be skipped', () => {
    const after = (...reports: Delivery[]) => {
      const team = new SampleTeam()
      team.customer('lin')
      team.reply('cs_agent', 'lin')
      const { id } = team.messages('lin').at(-1)!
      for (const delivery of reports) {
        team.store.run('message.progress', { messageIds: [id], delivery }, { actor: { type: 'system' }, now: team.now })
      }
      return team.messages('lin').at(-1)!.delivery
    }
    const failed = { state: 'failed', code: 'channel.failed', platformCode: null } as const
    expect([
      after({ state: 'sent' }, { state: 'delivered' }, { state: 'read' }),
      after({ state: 'read' }, { state: 'sent' }, { state: 'delivered' }, failed),
      after({ state: 'sent' }, failed),
      after(failed, { state: 'sending' }),
      after(failed, { state: 'delivered' }),
    ]).toEqual([{ state: 'read' }, { state: 'read' }, failed, failed, { state: 'delivered' }])
  })

  it('[CNV-10] a failed message can be sent again, one that did not fail cannot', () => {
    const team = new SampleTeam()
    team.customer('lin')
    team.reply('cs_agent', 'lin')
    const { id, conversationId } = team.messages('lin').at(-1)!
    const retry = () => team.as('cs_agent', 'message.retry', { conversationId, messageId: id })
    expect(codeOf(retry())).toBe('request.notFound')
    const delivery = { state: 'failed', code: 'channel.failed', platformCode: null } as const
    team.store.run('message.progress', { messageIds: [id], delivery }, { actor: { type: 'system' }, now: team.now })
    expect(retry()).toMatchObject({ ok: true, effects: [{ type: 'channel.send', messageId: id }] })
    expect(team.messages('lin').at(-1)!.delivery).toEqual({ state: 'sending' })
  })

  it('[ROL-4] empty and overlong texts are refused with the figures; nothing is stored', () => {
    const team = new SampleTeam()
    team.customer('lin')
    expect(codeOf(team.reply('cs_agent', 'lin', ' \n\u0000 '))).toBe('text.empty')
    expect(team.reply('cs_agent', 'lin', '長'.repeat(100_000))).toMatchObject({
      ok: false,
      refusal: { code: 'text.tooLong', params: { length: 100_000, max: MESSAGE_TEXT_MAX }, instead: 'shorten' },
    })
    expect(codeOf(team.note('cs_agent', 'lin', '長'.repeat(5_001)))).toBe('text.tooLong')
    expect(team.messages('lin')).toHaveLength(1)
  })

  it('what is written is kept as it was, without control characters', () => {
    const team = new SampleTeam()
    team.customer('lin', '<script>alert(1)</script>\r\n\u0007مرحبا 👩‍👩‍👧 \ud800')
    expect(team.messages('lin')[0]!.body).toEqual({
      kind: 'text',
      text: '<script>alert(1)</script>\nمرحبا 👩‍👩‍👧 \ufffd',
    })
  })

  it('[SYN-3] an id that is taken cannot be used again, in this conversation or another', () => {
    const team = new SampleTeam()
    team.customer('lin')
    const { id } = team.customer('wang')
    const stolen = team.messages('lin')[0]!.id
    const content = { kind: 'text', text: '覆蓋' } as const
    const outcome = team.as('admin', 'message.send', { conversationId: id, messageId: stolen, content })
    expect(codeOf(outcome)).toBe('request.invalid')
    expect(team.messages('lin')[0]!.body).toEqual({ kind: 'text', text: '請問還有貨嗎' })
  })
})
