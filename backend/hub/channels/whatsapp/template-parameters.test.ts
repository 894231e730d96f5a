import { describe, expect, it } from 'vitest'
import { ChannelId, TemplateId } from '../../../domain/ids.ts'
import type { Template } from '../../../domain/rows.ts'
import { templateObject } from './template-parameters.ts'

function template(components: Partial<Template['components']>): Template {
  return {
    id: TemplateId.parse('t'),
    channelId: ChannelId.parse('c'),
    name: 'hello',
    language: 'zh_TW',
    category: 'utility',
    approved: true,
    components: { header: null, body: '您好', footer: '', buttons: [], ...components },
  }
}

const fill = (components: Partial<Template['components']>, values: Record<string, string>) =>
  templateObject(template(components), { values }, null, 'message-1')

describe('a template as it is sent', () => {
  it('[REP-5] has no components when there is nothing to give', () => {
    expect(
      fill({ header: { kind: 'text', text: '公告' }, footer: '謝謝', buttons: [{ kind: 'phone', text: '打' }] }, {}),
    ).toEqual({
      name: 'hello',
      language: { code: 'zh_TW' },
    })
  })

  it('gives numbered values in the order of their numbers, each once', () => {
    const text = Array.from({ length: 11 }, (_, n) => `{{${11 - n}}}`).join(' ')
    const values = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`body.${n + 1}`, `value ${n + 1}`]))
    expect(fill({ body: `${text} {{1}}` }, values)).toMatchObject({
      components: [
        {
          type: 'body',
          parameters: Array.from({ length: 11 }, (_, n) => ({ type: 'text', text: `value ${n + 1}` })),
        },
      ],
    })
  })

  it('names the named ones', () => {
    const header = { kind: 'text', text: '{{store}} 通知' } as const
    expect(fill({ header, body: '{{name}} 您好' }, { 'header.store': '信義', 'body.name': '王' })).toMatchObject({
      components: [
        { type: 'header', parameters: [{ type: 'text', parameter_name: 'store', text: '信義' }] },
        { type: 'body', parameters: [{ type: 'text', parameter_name: 'name', text: '王' }] },
      ],
    })
  })

  it('[REP-5] gives each open button its value at its own place', () => {
    const buttons: Template['components']['buttons'] = [
      { kind: 'quickReply', text: '好' },
      { kind: 'url', text: '看', url: 'https://shop.example' },
      { kind: 'url', text: '查', url: 'https://shop.example/{{1}}' },
      { kind: 'copyCode', text: '碼' },
      { kind: 'flow', text: '填' },
    ]
    expect(fill({ buttons }, { 'button.2': 'A1', 'button.3': 'CODE' })).toMatchObject({
      components: [
        { type: 'button', index: '2', sub_type: 'url', parameters: [{ type: 'text', text: 'A1' }] },
        {
          type: 'button',
          index: '3',
          sub_type: 'copy_code',
          parameters: [{ type: 'coupon_code', coupon_code: 'CODE' }],
        },
        {
          type: 'button',
          index: '4',
          sub_type: 'flow',
          parameters: [{ type: 'action', action: { flow_token: 'message-1' } }],
        },
      ],
    })
  })

  it.each(['image', 'video', 'document'] as const)('shows its %s by the id of the upload', (media) => {
    const header = { kind: 'media', media } as const
    const made = templateObject(template({ header }), { values: {} }, { id: '42', name: 'a.pdf' }, 'message-1')
    const file = media === 'document' ? { id: '42', filename: 'a.pdf' } : { id: '42' }
    expect(made).toMatchObject({ components: [{ type: 'header', parameters: [{ type: media, [media]: file }] }] })
  })

  it('is none when a value is missing, or one is too many', () => {
    const components = { body: '{{1}} {{2}}' }
    expect(fill(components, { 'body.1': 'a' })).toBeNull()
    expect(fill(components, { 'body.1': 'a', 'body.3': 'b' })).toBeNull()
    expect(fill(components, { 'body.1': 'a', 'body.2': 'b', 'body.3': 'c' })).toBeNull()
    expect(fill({ body: '{{constructor}}' }, {})).toBeNull()
  })
})
