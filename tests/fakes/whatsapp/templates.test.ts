import { describe, expect, it } from 'vitest'
import { sampleTemplates } from './sample-templates.ts'
import { TemplateSend } from './schemas/requests.ts'
import { fillTemplate } from './templates.ts'
import type { Template } from './templates.ts'

const paused: Template = {
  ...{ id: '1', name: 'paused', language: 'zh_TW', category: 'MARKETING', status: 'PAUSED' },
  ...{ parameter_format: 'POSITIONAL', components: [{ type: 'BODY', text: '停' }] },
}

function fill(name: string, components?: unknown[], code = 'zh_TW') {
  return fillTemplate([...sampleTemplates, paused], TemplateSend.parse({ name, language: { code }, components }))
}

const text = (...texts: string[]) => ({ type: 'body', parameters: texts.map((one) => ({ type: 'text', text: one })) })
const named = (type: string, values: Record<string, string>) => ({
  type,
  parameters: Object.entries(values).map(([parameter_name, one]) => ({ type: 'text', parameter_name, text: one })),
})
const button = (sub_type: string, index: string, parameter: object) => ({
  type: 'button',
  sub_type,
  index,
  parameters: [parameter],
})
const picture = (type: string) => ({ type: 'header', parameters: [{ type, [type]: { link: 'https://a.example/a' } }] })

describe('a template', () => {
  it('with nothing to fill in is sent as it is', () => {
    expect(fill('store_hours_notice')).toMatchObject({
      header: { kind: 'text', text: '門市營業時間' },
      footer: '不需要通知請回覆「停止」',
      buttons: [{ type: 'QUICK_REPLY', text: '我要預約', payload: '我要預約' }, { type: 'PHONE_NUMBER' }],
    })
  })

  it('is filled by position, by name, with a picture, an ending of an address, a code, and the data of a flow', () => {
    expect(fill('pickup_ready', [text('王小姐', '信義門市', '週日')])).toMatchObject({
      body: '王小姐 您好,您訂購的商品已到 信義門市,請於 週日 前攜帶證件來店取貨。',
    })
    expect(
      fill('appointment_reminder', [
        named('header', { store_name: '信義門市' }),
        named('body', { visit_time: '週六', customer_name: '王小姐' }),
        button('quick_reply', '1', { type: 'payload', payload: 'later' }),
      ]),
    ).toMatchObject({
      header: { text: '信義門市 預約提醒' },
      body: '王小姐 您好,提醒您 週六 與我們有約。若需改期,直接回覆這則訊息即可。',
      buttons: [{ payload: '我會準時到' }, { payload: 'later' }],
    })
    expect(fill('new_arrival', [picture('image')])).toMatchObject({ header: { kind: 'media' } })
    expect(fill('order_shipped', [text('A1'), button('url', '0', { type: 'text', text: 'A1' })])).toMatchObject({
      buttons: [{ url: 'https://shop.example/orders/A1' }],
    })
    expect(
      fill('birthday_coupon', [button('copy_code', '0', { type: 'coupon_code', coupon_code: 'BDAY7' })]),
    ).toMatchObject({ buttons: [{ code: 'BDAY7' }] })
    expect(fill('visit_survey', [button('flow', '0', { type: 'action', action: { flow_token: 't' } })])).toMatchObject({
      buttons: [{ type: 'FLOW' }],
    })
  })

  it.each([
    ['an unknown name', 132001, 'nothing', undefined, undefined],
    ['a language it lacks', 132001, 'store_hours_notice', undefined, 'en_US'],
    ['a pause', 132015, 'paused', undefined, undefined],
    ['too few values', 132000, 'pickup_ready', [text('王小姐', '信義門市')], undefined],
    ['too many values', 132000, 'pickup_ready', [text('1', '2', '3', '4')], undefined],
    ['values it has no place for', 132000, 'store_hours_notice', [text('1')], undefined],
    [
      'a value of another name',
      132000,
      'appointment_reminder',
      [named('header', { store_name: 's' }), named('body', { visit_time: 't', customer: 'c' })],
      undefined,
    ],
    [
      'values without names',
      132000,
      'appointment_reminder',
      [named('header', { store_name: 's' }), text('1', '2')],
      undefined,
    ],
    ['no picture', 132012, 'new_arrival', undefined, undefined],
    ['a film for a picture', 132012, 'new_arrival', [picture('video')], undefined],
    ['no ending for its address', 131008, 'order_shipped', [text('A1')], undefined],
    ['no code to copy', 131008, 'birthday_coupon', undefined, undefined],
    ['no data for its flow', 131008, 'visit_survey', undefined, undefined],
    [
      'a code for an address',
      132012,
      'order_shipped',
      [text('A1'), button('copy_code', '0', { type: 'coupon_code', coupon_code: 'x' })],
      undefined,
    ],
    ['the same component twice', 100, 'pickup_ready', [text('1', '2', '3'), text('1', '2', '3')], undefined],
  ])('with %s is refused with %i', (_, code, name, components, language) => {
    expect(fill(name, components, language)).toMatchObject({ code })
  })
})
