import { describe, expect, it } from 'vitest'
import { AttachmentId, ChannelId, TemplateId } from '../ids.ts'
import type { Outcome } from '../../sync/run.ts'
import { ChannelTeam } from '../../sync/sample-channel.ts'
import { WEBCHAT } from '../../sync/sample-team.ts'
import type { Content } from '../messages/content.ts'
import type { Template } from '../rows.ts'
import { replyWindow } from './window.ts'

const HOUR = 60 * 60 * 1000
const codeOf = (outcome: Outcome) => (outcome.ok ? 'ok' : outcome.refusal.code)
const text = (words: string) => ({ kind: 'text', text: words }) as const

const template: Template = {
  id: TemplateId.parse('order-ready'),
  channelId: WEBCHAT,
  name: 'order_ready',
  language: 'zh_TW',
  category: 'utility',
  approved: true,
  components: { header: null, body: '{{1}} 您好，您訂的 {{2}} 到店了。', footer: '好日子', buttons: [] },
}
const filled: Extract<Content, { kind: 'template' }> = {
  kind: 'template',
  templateId: template.id,
  values: { 'body.1': '林小姐', 'body.2': '杯子' },
  media: null,
}

describe('the reply window', () => {
  it('[CNV-9] counts from the last inbound message, by the platform’s clock and never from the future', () => {
    const team = new ChannelTeam('whatsapp')
    team.hears('lin', { sentAt: team.now - 5 * HOUR })
    const late = team.conversation('lin')
    expect(replyWindow('whatsapp', late, team.now)).toEqual({ state: 'open', until: late.lastInboundAt! + 24 * HOUR })
    expect(late.lastInboundAt).toBe(team.now - 1_000 - 5 * HOUR)
    // An older one that is told later, and one from a clock that is ahead.
    team.hears('lin', { sentAt: team.now - 9 * HOUR })
    expect(team.conversation('lin').lastInboundAt).toBe(late.lastInboundAt)
    team.hears('lin', { sentAt: team.now + 9 * HOUR })
    expect(team.conversation('lin').lastInboundAt).toBe(team.now)
  })

  it('[CNV-9] WhatsApp takes only templates after 24 hours, Facebook nothing after 7 days, LINE everything always', () => {
    const after = (kind: 'whatsapp' | 'facebook' | 'line', hours: number) => {
      const team = new ChannelTeam(kind)
      team.store.put('template', template)
      team.hears('lin')
      team.now += hours * HOUR - 1_001
      return [codeOf(team.sends('cs_agent', 'lin', text('您好'))), codeOf(team.sends('cs_agent', 'lin', filled))]
    }
    expect(after('whatsapp', 24)).toEqual(['ok', 'ok'])
    expect(after('whatsapp', 25)).toEqual(['window.closed', 'ok'])
    expect(after('facebook', 7 * 24 - 1)).toEqual(['ok', 'ok'])
    expect(after('facebook', 7 * 24 + 1)).toEqual(['window.closed', 'window.closed'])
    expect(after('line', 400 * 24)).toEqual(['ok', 'ok'])
  })

  it('[CNV-9] [ROL-4] the refusal says what can be done instead, and the text is not stored', () => {
    const team = new ChannelTeam('whatsapp')
    team.hears('lin')
    team.now += 25 * HOUR
    expect(team.sends('cs_agent', 'lin', text('您好'))).toMatchObject({
      ok: false,
      refusal: { code: 'window.closed', params: { channel: 'whatsapp' }, instead: 'send-template' },
    })
    expect(team.messages('lin')).toHaveLength(1)
  })

  it('[CNV-9] [CNV-10] a failed message cannot be sent again once the window has closed', () => {
    const team = new ChannelTeam('whatsapp')
    team.hears('lin')
    team.sends('cs_agent', 'lin', text('您好'))
    const { id, conversationId } = team.lastMessage('lin')
    const delivery = { state: 'failed', code: 'channel.failed', platformCode: null } as const
    team.hub('message.progress', { messageIds: [id], delivery })
    const again = () => codeOf(team.as('cs_agent', 'message.retry', { conversationId, messageId: id }))
    team.now += 25 * HOUR
    expect(again()).toBe('window.closed')
    team.now -= 24 * HOUR
    expect(again()).toBe('ok')
  })
})

describe('what a channel takes', () => {
  const file = (mime: 'application/pdf' | 'image/png' | 'image/webp', size = 1_000) =>
    mime === 'application/pdf'
      ? ({ kind: 'file', attachmentId: 'a', name: '報價.pdf', size, mime } as const)
      : ({ kind: 'image', attachmentId: 'a', name: '照片', size, mime, width: 4, height: 3 } as const)

  it('is refused beforehand, with the reason, where the channel has no such kind or size', () => {
    const team = new ChannelTeam('line')
    team.hears('lin')
    const whatsapp = new ChannelTeam('whatsapp')
    whatsapp.hears('lin')
    expect([
      codeOf(team.sends('cs_agent', 'lin', file('image/png'))),
      codeOf(team.sends('cs_agent', 'lin', file('application/pdf'))),
      codeOf(team.sends('cs_agent', 'lin', file('image/webp'))),
      codeOf(team.sends('cs_agent', 'lin', file('image/png', 11 * 1024 * 1024))),
      codeOf(whatsapp.sends('cs_agent', 'lin', file('application/pdf'))),
      codeOf(whatsapp.sends('cs_agent', 'lin', file('image/png', 6 * 1024 * 1024))),
      codeOf(whatsapp.sends('cs_agent', 'lin', text('長'.repeat(4_097)))),
    ]).toEqual([
      'ok',
      'channel.fileKind',
      'channel.fileKind',
      'attachment.tooLarge',
      'ok',
      'attachment.tooLarge',
      'text.tooLong',
    ])
  })
})

describe('a template', () => {
  const sent = (change: Partial<Template>, content: Partial<typeof filled> = {}) => {
    const team = new ChannelTeam('whatsapp')
    team.store.put('template', { ...template, ...change })
    team.hears('lin')
    const outcome = team.sends('cs_agent', 'lin', { ...filled, ...content })
    return outcome.ok ? team.lastMessage('lin').body : outcome.refusal.code
  }

  it('is stored as the customer reads it, with what it was filled with', () => {
    expect(sent({})).toEqual({
      kind: 'template',
      templateId: template.id,
      name: 'order_ready',
      language: 'zh_TW',
      text: '林小姐 您好，您訂的 杯子 到店了。\n好日子',
      values: filled.values,
      media: null,
    })
  })

  it('that is another by now, of another channel, or not approved is refused', () => {
    const components = { ...template.components, body: '{{1}} 您好，{{2}} 於 {{3}} 到店。' }
    expect(sent({ components })).toBe('template.changed')
    expect(sent({ approved: false })).toBe('template.notApproved')
    expect(sent({ channelId: ChannelId.parse('another') })).toBe('template.changed')
    expect(sent({}, { values: { ...filled.values, 'button.0': '一' } })).toBe('template.changed')
    expect(sent({}, { values: { 'body.1': '林', 'body.2': ' ' } })).toBe('template.value')
    expect(sent({}, { values: { 'body.1': '林', 'body.2': '杯\n子' } })).toBe('template.value')
  })

  it('with a header takes a file of the header’s kind', () => {
    const file = (mime: 'image/png' | 'video/mp4' | 'application/pdf' | 'audio/mpeg') =>
      ({ attachmentId: AttachmentId.parse('a'), name: '檔案', size: 9, mime }) as const
    const outcome = (media: 'image' | 'video' | 'document', mime: Parameters<typeof file>[0]) => {
      const body = sent(
        { components: { ...template.components, header: { kind: 'media', media } } },
        { media: file(mime) },
      )
      return typeof body === 'string' ? body : 'ok'
    }
    expect([
      outcome('image', 'image/png'),
      outcome('video', 'video/mp4'),
      outcome('document', 'application/pdf'),
    ]).toEqual(['ok', 'ok', 'ok'])
    expect([
      outcome('image', 'application/pdf'),
      outcome('document', 'image/png'),
      outcome('document', 'audio/mpeg'),
    ]).toEqual(Array(3).fill('template.changed'))
    expect(sent({}, { media: file('image/png') })).toBe('template.changed')
  })

  it('list is made exactly what the platform lists', () => {
    const team = new ChannelTeam('whatsapp')
    const other = { ...template, id: TemplateId.parse('other'), name: 'other' }
    team.hub('template.sync', { channelId: WEBCHAT, templates: [template, other] })
    const changed = { ...template, approved: false }
    const outcome = team.hub('template.sync', { channelId: WEBCHAT, templates: [changed] })
    expect([outcome.ok && outcome.changes.length, team.store.all('template')]).toEqual([2, [changed]])
    expect(team.hub('template.sync', { channelId: WEBCHAT, templates: [changed] })).toMatchObject({ changes: [] })
  })
})

describe('channel settings', () => {
  const settings = {
    channelId: WEBCHAT,
    name: ' 官網 ',
    botOn: true,
    botKeywords: ['營業時間', ' 營業時間 ', ''],
    welcomeText: '',
  }

  it('[ROL-4] are an admin’s', () => {
    const team = new ChannelTeam('line')
    expect(team.as('supervisor', 'channel.configure', settings)).toMatchObject({
      ok: false,
      refusal: { code: 'member.mayNot', whoCould: ['admin'] },
    })
    expect(codeOf(team.as('supervisor', 'channel.add', { ...settings, kind: 'line' }))).toBe('member.mayNot')
  })

  it('[CNV-4] keep each keyword once, and none that says nothing', () => {
    const team = new ChannelTeam('line', { welcomeText: '歡迎' })
    expect(codeOf(team.as('admin', 'channel.configure', settings))).toBe('ok')
    expect(team.row('channel', WEBCHAT)).toMatchObject({
      name: '官網',
      botOn: true,
      botKeywords: ['營業時間'],
      welcomeText: null,
    })
    const many = Array.from({ length: 101 }, (_, n) => `字${n}`)
    expect(codeOf(team.as('admin', 'channel.configure', { ...settings, botKeywords: many }))).toBe('channel.keywords')
  })

  it('a new channel is not connected; a kind that is not spoken to cannot be added', () => {
    const team = new ChannelTeam('line')
    const channelId = ChannelId.parse('new')
    expect(codeOf(team.as('admin', 'channel.add', { ...settings, channelId, kind: 'wechat' }))).toBe('channel.notBuilt')
    expect(codeOf(team.as('admin', 'channel.add', { ...settings, channelId, kind: 'whatsapp' }))).toBe('ok')
    expect(team.row('channel', channelId)).toMatchObject({ kind: 'whatsapp', connected: false, problem: null })
  })

  it('a problem is shown since when it is known, until it is over', () => {
    const team = new ChannelTeam('line')
    team.hub('channel.health', { channelId: WEBCHAT, problem: 'channel.token' })
    const since = team.now
    expect(team.hub('channel.health', { channelId: WEBCHAT, problem: 'channel.token' })).toMatchObject({ changes: [] })
    expect(team.row('channel', WEBCHAT).problem).toEqual({ code: 'channel.token', since })
    team.hub('channel.health', { channelId: WEBCHAT, problem: null })
    expect(team.row('channel', WEBCHAT).problem).toBeNull()
  })
})
