import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AttachmentId } from '../../../domain/ids.ts'
import type { Body } from '../../../domain/rows.ts'
import { sampleTemplates } from '../../../../tests/fakes/whatsapp/sample-templates.ts'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import type { Connection } from '../platform.ts'
import { ACCOUNT, PLACE, attempt, outgoing, startHub, text } from './test-hub.ts'
import type { TestHub, ToSend } from './test-hub.ts'
import { createWhatsAppPlatform } from './whatsapp.ts'

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47])
const SEND = /\/messages$/

type Fake = Awaited<ReturnType<typeof startWhatsApp>>
type User = ReturnType<ReturnType<Fake['addAccount']>['addUser']>

let now: number
let fake: Fake
let account: ReturnType<Fake['addAccount']>
let connection: Connection
let hub: TestHub
let user: User
const to = () => user.waId ?? user.userId

beforeEach(async () => {
  now = Date.UTC(2026, 6, 1, 2)
  fake = await startWhatsApp({ now: () => now })
  fake.deliveries.settings.retryAfterMs = 10
  connection = connect()
  hub = await startHub(() => connection)
  account = fake.addAccount({
    ...ACCOUNT,
    wabaId: ACCOUNT.businessAccountId,
    displayPhoneNumber: '+886 2 2700 1234',
    verifiedName: '好日子百貨',
    webhookUrl: hub.url,
  })
  user = account.addUser({ name: '王小明' })
  account.send(user, { type: 'text', text: '你好' })
  await fake.idle()
})

afterEach(async () => {
  // What we sent never breaks the platform's contract, but where a test plays a platform of another mind.
  expect(fake.calls.invalid()).toEqual([])
  await fake.close()
  await hub.close()
})

function connect(): Connection {
  const outside = { addresses: { graph: fake.origin }, clock: () => now }
  const short = createWhatsAppPlatform({ call: 400, send: 400, bytes: 800 })
  return short.connect(PLACE, ACCOUNT, outside)
}

const send = (given: Partial<ToSend> = {}) =>
  connection.send(outgoing({ to: to(), body: text('您好'), attempt: attempt(now), ...given }))
const got = () => account.messagesFor(to())
const sends = () => fake.calls.all().filter(({ path }) => SEND.test(path))

describe('a template', () => {
  const names = sampleTemplates.map(({ name }) => name)
  const filled: Record<string, { values: Record<string, string>; shown: object }> = {
    store_hours_notice: { values: {}, shown: { header: { kind: 'text', text: '門市營業時間' } } },
    pickup_ready: {
      values: { 'body.1': '王小姐', 'body.2': '信義門市', 'body.3': '7/31' },
      shown: { body: '王小姐 您好,您訂購的商品已到 信義門市,請於 7/31 前攜帶證件來店取貨。' },
    },
    appointment_reminder: {
      values: { 'header.store_name': '信義', 'body.customer_name': '王小姐', 'body.visit_time': '週六' },
      shown: {
        header: { kind: 'text', text: '信義 預約提醒' },
        body: '王小姐 您好,提醒您 週六 與我們有約。若需改期,直接回覆這則訊息即可。',
      },
    },
    new_arrival: { values: {}, shown: { header: { kind: 'media' } } },
    order_shipped: {
      values: { 'body.1': 'A1', 'button.0': 'A1?x=1' },
      shown: { buttons: [{ type: 'URL', text: '查詢進度', url: 'https://shop.example/orders/A1?x=1' }] },
    },
    birthday_coupon: {
      values: { 'button.0': 'BDAY100' },
      shown: { buttons: [{ type: 'COPY_CODE', text: '複製代碼', code: 'BDAY100' }] },
    },
    visit_survey: { values: {}, shown: { buttons: [{ type: 'FLOW', text: '填寫問卷' }] } },
  }

  async function prepared(name: string, change: Record<string, string> = filled[name]?.values ?? {}) {
    const listed = (await connection.templates?.()) ?? []
    const template = listed.find((one) => one.name === name)
    if (!template) throw new Error(`no template ${name}`)
    const file = { attachmentId: AttachmentId.parse('file-1'), name: '新品.png', mime: 'image/png', size: 4 }
    const body: Body = {
      kind: 'template',
      templateId: template.id,
      name,
      language: 'zh_TW',
      text: '',
      values: change,
      media: name === 'new_arrival' ? file : null,
    }
    return { template, body, files: { 'file-1': { name: '新品.png', mime: 'image/png', bytes: PNG } } }
  }

  beforeEach(() => {
    for (const template of sampleTemplates) account.addTemplate(template)
  })

  it.each(names)('[REP-5] %s is sent with all that it asks for', async (name) => {
    const { values: _, shown } = filled[name] ?? {}
    account.passTime(user, 48 * 60 * 60 * 1_000)
    expect(await send(await prepared(name))).toEqual({ ok: true })
    await fake.idle()
    const [sent] = got()
    expect([sent?.failure, sent?.template]).toEqual([null, expect.objectContaining(shown)])
    if (name === 'new_arrival') expect(sent?.media?.bytes).toEqual(Buffer.from(PNG))
  })

  it.each([
    ['pickup_ready', { 'body.1': 'a', 'body.2': 'b' }],
    ['pickup_ready', { 'body.1': 'a', 'body.2': 'b', 'body.3': 'c', 'body.4': 'd' }],
    ['order_shipped', { 'body.1': 'A1' }],
    ['birthday_coupon', {}],
    ['store_hours_notice', { 'header.1': 'x' }],
  ])('%s with values %j, which are not those it asks for now, is not sent', async (name, values) => {
    expect(await send(await prepared(name, values))).toEqual({
      ok: false,
      code: 'channel.templateParameters',
      platformCode: null,
    })
    expect(sends()).toEqual([])
  })

  it('whose header lost its file, or has one too many, is not sent', async () => {
    const { body, ...rest } = await prepared('new_arrival')
    const { body: plain, ...without } = await prepared('store_hours_notice')
    if (body.kind !== 'template' || plain.kind !== 'template') throw new Error('no template')
    const refused = { ok: false, code: 'channel.templateParameters', platformCode: null }
    expect(await send({ ...rest, body: { ...body, media: null } })).toEqual(refused)
    expect(await send({ ...without, body: { ...plain, media: body.media } })).toEqual(refused)
  })

  it('that is gone, here or there, is not sent', async () => {
    const { template, ...rest } = await prepared('pickup_ready')
    expect(await send({ ...rest, template: null })).toMatchObject({
      code: 'channel.templateMissing',
      platformCode: null,
    })
    const renamed = { ...template, name: 'another' }
    expect(await send({ ...rest, template: renamed })).toMatchObject({
      code: 'channel.templateMissing',
      platformCode: '132001',
    })
  })

  it('that is not approved any more is not sent', async () => {
    const { template, ...rest } = await prepared('pickup_ready')
    const before = sends().length
    expect(await send({ ...rest, template: { ...template, approved: false } })).toEqual({
      ok: false,
      code: 'channel.templatePaused',
      platformCode: null,
    })
    expect(sends()).toHaveLength(before)
    account.addTemplate({ ...(sampleTemplates[1] ?? sampleTemplates[0]!), name: 'resting', status: 'PAUSED' })
    expect(await send({ ...rest, template: { ...template, name: 'resting' } })).toEqual({
      ok: false,
      code: 'channel.templatePaused',
      platformCode: '132015',
    })
  })
})
