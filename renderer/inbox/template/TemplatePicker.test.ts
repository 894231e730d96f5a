import { DOMWrapper, enableAutoUnmount, mount } from '@vue/test-utils'
import { Hono } from 'hono'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { z } from 'zod'
import { refuse } from '../../../backend/domain/refusal.ts'
import { Channel, Template } from '../../../backend/domain/rows.ts'
import { TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import { i18n, setLocale } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { sampleContact, sampleConversation } from '../sample.ts'
import TemplatePicker from './TemplatePicker.vue'
import type { CommandAnswer } from '../../../backend/workstation/views.ts'

const channel = Channel.parse({
  id: sampleContact.channelId,
  kind: 'whatsapp',
  name: 'WhatsApp 海外客服',
  botOn: false,
  botKeywords: [],
  welcomeText: null,
  connected: true,
  problem: null,
})
function template(name: string, body: string, approved = true): Template {
  return Template.parse({
    id: name,
    channelId: channel.id,
    name,
    language: 'zh_TW',
    category: 'utility',
    approved,
    components: { header: null, body, footer: '', buttons: [] },
  })
}
const asking = template('a_pickup', '{{1}} 您好，請到 {{2}} 取貨')
const plain = template('b_reopen', '方便的話請回覆這則訊息')

const Command = z.object({ name: z.string(), args: z.object({ content: z.unknown() }) })
let sent: unknown[]
let answer: CommandAnswer

beforeEach(() => {
  setLocale('zh-Hant-TW')
  sent = []
  answer = { ok: true, queueId: 1 }
  const app = new Hono().post('/api/commands', async (c) => {
    const { name, args } = Command.parse(await c.req.json())
    sent.push([name, args.content])
    return c.json(answer)
  })
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => app.request(new URL(input).pathname, init))
})
enableAutoUnmount(afterEach)
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

function open(templates: Template[]) {
  setActivePinia(createPinia())
  useReference().reference = {
    team: newTeam({ id: TeamId.parse('team'), name: '隊' }),
    stores: [],
    members: [],
    channels: [channel],
    tags: [],
    templates,
    clockAhead: 0,
  }
  const picker = mount(TemplatePicker, {
    props: { conversationId: sampleConversation.id, channel },
    global: { plugins: [i18n] },
    attachTo: document.body,
  })
  // The dialog stands at the end of the page, not where it was asked for.
  const shown = new DOMWrapper(document.body)
  const find = () => shown.get('[role="combobox"]')
  const chosen = () => shown.get('[aria-selected="true"]').text()
  return { shown, find, chosen, told: (event: string) => picker.emitted(event) }
}

describe('the template picker', () => {
  it('says where templates are made when there is none that can be sent', () => {
    const { shown } = open([template('c_draft', '審核中', false)])
    expect(shown.text()).toContain('「WhatsApp 海外客服」還沒有通過審核的範本。')
    expect(shown.text()).toContain('WhatsApp 管理工具')
  })

  it('is moved through and searched with the keyboard', async () => {
    const { shown, find, chosen } = open([plain, asking])
    expect(chosen()).toContain('a_pickup')
    await find().trigger('keydown', { key: 'ArrowDown' })
    expect(chosen()).toContain('b_reopen')
    await find().trigger('keydown', { key: 'ArrowDown' })
    expect(chosen()).toContain('b_reopen')
    await find().setValue('取貨')
    expect(chosen()).toContain('a_pickup')
    await find().setValue('沒有這個')
    expect(shown.text()).toContain('找不到符合的範本')
  })

  it('[REP-5] sends one with nothing to fill in straight from the list', async () => {
    const { find, told } = open([plain])
    await find().trigger('keydown', { key: 'Enter' })
    await vi.waitFor(() => expect(told('close')).toHaveLength(1))
    expect(sent).toEqual([['message.send', { kind: 'template', templateId: 'b_reopen', values: {}, media: null }]])
    expect(told('sent')).toHaveLength(1)
  })

  it('shows what the customer will read while it is filled in, and sends nothing before all of it is right', async () => {
    const { shown, find, told } = open([asking])
    await find().trigger('keydown', { key: 'Enter' })
    await nextTick()
    const [first, second] = shown.findAll('input.value')
    expect(document.activeElement).toBe(first!.element)
    await first!.setValue('林小姐')
    await first!.trigger('keydown', { key: 'Enter' })
    await nextTick()
    expect([sent, second!.attributes('aria-invalid')]).toEqual([[], 'true'])
    expect(shown.text()).toContain('請填寫。')
    await second!.setValue('信義店')
    expect(shown.get('.preview').text()).toBe('林小姐 您好，請到 信義店 取貨')
    await second!.trigger('keydown', { key: 'Enter' })
    await vi.waitFor(() => expect(told('close')).toHaveLength(1))
    const values = { 'body.1': '林小姐', 'body.2': '信義店' }
    expect(sent).toEqual([['message.send', { kind: 'template', templateId: 'a_pickup', values, media: null }]])
  })

  it('keeps what was filled in when another was looked at, and when it was refused', async () => {
    answer = { ok: false, refusal: refuse('template.changed', { name: 'a_pickup' }) }
    const { shown, find, told } = open([asking, plain])
    for (const field of shown.findAll('input.value')) await field.setValue('甲')
    await find().trigger('keydown', { key: 'ArrowDown' })
    await find().trigger('keydown', { key: 'ArrowUp' })
    await find().trigger('keydown', { key: 'Enter' })
    await vi.waitFor(() => expect(shown.text()).toContain('範本「a_pickup」已經變更或不存在，請重新選擇。'))
    expect(shown.findAll<HTMLInputElement>('input.value').map(({ element }) => element.value)).toEqual(['甲', '甲'])
    expect(told('close')).toBeUndefined()
  })
})
