import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Template } from '../../../domain/rows.ts'
import { sampleTemplates } from '../../../../tests/fakes/whatsapp/sample-templates.ts'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import { TryLater } from '../platform.ts'
import type { Connection } from '../platform.ts'
import { ACCOUNT, PLACE } from './test-hub.ts'
import { createWhatsAppPlatform, whatsappPlatform } from './whatsapp.ts'

type Fake = Awaited<ReturnType<typeof startWhatsApp>>

let fake: Fake
let account: ReturnType<Fake['addAccount']>
let connection: Connection

beforeEach(async () => {
  fake = await startWhatsApp()
  connection = connect()
  account = fake.addAccount({
    ...ACCOUNT,
    wabaId: ACCOUNT.businessAccountId,
    displayPhoneNumber: '+886 2 2700 1234',
    verifiedName: '好日子百貨',
    webhookUrl: 'http://hub.invalid',
  })
})

afterEach(async () => {
  expect(fake.calls.invalid()).toEqual([])
  await fake.close()
})

function connect(change: Record<string, string> = {}): Connection {
  const platform = createWhatsAppPlatform({ call: 400, send: 400, bytes: 800 })
  return platform.connect(PLACE, { ...ACCOUNT, ...change }, { addresses: { graph: fake.origin }, clock: Date.now })
}

const broken = [
  { type: 'hang', ms: 60_000, effect: 'none' },
  { type: 'cut', effect: 'none' },
  { type: 'garbage', effect: 'none' },
  { type: 'answer', status: 200, body: {}, effect: 'none' },
  { type: 'answer', status: 500, body: '', effect: 'none' },
  { type: 'answer', status: 429, body: '', effect: 'none' },
  { type: 'answer', status: 400, body: { error: { message: '', code: 80007 } }, effect: 'none' },
] as const

describe('templates', () => {
  const list = async () => (await connection.templates?.()) ?? []

  it('[REP-5] are read with everything that can be given with them', async () => {
    for (const template of sampleTemplates) account.addTemplate(template)
    const listed = await list()
    for (const row of listed) Template.parse(row)
    expect(listed.map(({ name, category, approved }) => [name, category, approved])).toEqual(
      sampleTemplates.map(({ name, category }) => [name, category.toLowerCase(), true]),
    )
    const components = new Map(listed.map((row) => [row.name, row.components]))
    expect(components.get('store_hours_notice')).toEqual({
      header: { kind: 'text', text: '門市營業時間' },
      body: '您好,各門市週一至週日 11:00–21:30 營業,國定假日照常。歡迎隨時來店或在此留言。',
      footer: '不需要通知請回覆「停止」',
      buttons: [
        { kind: 'quickReply', text: '我要預約' },
        { kind: 'phone', text: '撥打門市' },
      ],
    })
    expect(components.get('new_arrival')?.header).toEqual({ kind: 'media', media: 'image' })
    expect(['order_shipped', 'birthday_coupon', 'visit_survey'].map((name) => components.get(name)?.buttons)).toEqual([
      [{ kind: 'url', text: '查詢進度', url: 'https://shop.example/orders/{{1}}' }],
      [{ kind: 'copyCode', text: '複製代碼' }],
      [{ kind: 'flow', text: '填寫問卷' }],
    ])
  })

  it('are read to the last page, without the token in an address', async () => {
    const body = { type: 'BODY', text: '您好' } as const
    for (let n = 0; n < 250; n += 1) {
      account.addTemplate({
        name: `t${n}`,
        language: n % 2 ? 'en' : 'zh_TW',
        category: 'UTILITY',
        status: n < 200 ? 'PENDING' : 'APPROVED',
        parameter_format: 'POSITIONAL',
        components: [body],
      })
    }
    const listed = await list()
    expect(new Set(listed.map(({ name }) => name)).size).toBe(250)
    expect(listed.filter(({ approved }) => approved)).toHaveLength(50)
    expect(fake.calls.all().map(({ query }) => Object.keys(query))).toEqual([
      ['fields', 'limit'],
      ['fields', 'limit', 'after'],
      ['fields', 'limit', 'after'],
    ])
  })

  it('keep their ids, each its own by channel, account, name and language', async () => {
    const [sample] = sampleTemplates
    if (!sample) throw new Error('no sample')
    account.addTemplate(sample)
    account.addTemplate({ ...sample, id: '1', language: 'en' })
    account.addTemplate({ ...sample, id: '2', name: 'another' })
    const ids = (await list()).map(({ id }) => id)
    expect((await list()).map(({ id }) => id)).toEqual(ids)
    const place = { ...PLACE, channelId: Template.shape.channelId.parse('whatsapp-2') }
    const outside = { addresses: { graph: fake.origin }, clock: Date.now }
    const second = (await whatsappPlatform.connect(place, ACCOUNT, outside).templates?.()) ?? []
    expect(new Set([...ids, ...second.map(({ id }) => id)]).size).toBe(6)
  })

  it('that say more than can be filled in here are not offered', async () => {
    const body = { type: 'BODY', text: '您好' }
    const listed = (name: string, components: unknown[], more: object = {}) => {
      return { id: name, name, language: 'zh_TW', status: 'APPROVED', category: 'MARKETING', components, ...more }
    }
    const data = [
      listed('whole', [body]),
      listed('carousel', [body, { type: 'CAROUSEL', cards: [] }]),
      listed('offer', [{ type: 'LIMITED_TIME_OFFER', limited_time_offer: {} }, body]),
      listed('catalog', [
        body,
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'CATALOG', text: '看' },
            { type: 'FLOW', text: '填' },
          ],
        },
      ]),
      listed('gif', [{ type: 'HEADER', format: 'GIF' }, body]),
      listed('empty', []),
      listed('place', [{ type: 'HEADER', format: 'LOCATION' }, body]),
      listed('paused', [body], { status: 'PAUSED' }),
      listed('odd', [body], { category: 'NEW_ONE' }),
      { id: 'nameless' },
      7,
    ]
    fake.faults.next({ path: /message_templates/ }, { type: 'answer', status: 200, body: { data }, effect: 'none' })
    const rows = await list()
    expect(Object.fromEntries(rows.map(({ name, approved, category }) => [name, [approved, category]]))).toEqual({
      whole: [true, 'marketing'],
      carousel: [false, 'marketing'],
      offer: [false, 'marketing'],
      catalog: [false, 'marketing'],
      gif: [false, 'marketing'],
      empty: [false, 'marketing'],
      place: [true, 'marketing'],
      paused: [false, 'marketing'],
      odd: [true, 'other'],
    })
    expect(rows.find(({ name }) => name === 'place')?.components.header).toEqual({ kind: 'location' })
    expect(rows.find(({ name }) => name === 'carousel')?.components.body).toBe('您好')
  })

  it('are asked for again when they do not come', async () => {
    for (const fault of broken) {
      fake.faults.next({ path: /message_templates/ }, fault)
      await expect(list()).rejects.toThrow(TryLater)
    }
    connection = connect({ accessToken: 'EAAanother' })
    await expect(list()).rejects.toMatchObject({ code: 'channel.token', platformCode: '190' })
  })

  it('do not lead in circles', async () => {
    const body = { data: [], paging: { cursors: { after: 'x' }, next: 'https://graph.example/next' } }
    fake.faults.next({ path: /message_templates/, times: 1_000 }, { type: 'answer', status: 200, body, effect: 'none' })
    expect(await list()).toEqual([])
  })
})
