/** What the hub asks and tells of an account besides its messages and templates: blocked customers, and whether it works. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import { TryLater } from '../platform.ts'
import type { Connection } from '../platform.ts'
import { ACCOUNT, NUMBER, PLACE, startHub } from './test-hub.ts'
import type { TestHub } from './test-hub.ts'
import { createWhatsAppPlatform, whatsappPlatform } from './whatsapp.ts'

type Fake = Awaited<ReturnType<typeof startWhatsApp>>

let now: number
let fake: Fake
let account: ReturnType<Fake['addAccount']>
let connection: Connection
let hub: TestHub

beforeEach(async () => {
  now = Date.UTC(2026, 6, 1, 2)
  fake = await startWhatsApp({ now: () => now })
  connection = connect()
  hub = await startHub(() => connection)
  account = fake.addAccount({
    ...ACCOUNT,
    wabaId: ACCOUNT.businessAccountId,
    displayPhoneNumber: '+886 2 2700 1234',
    verifiedName: '好日子百貨',
    webhookUrl: hub.url,
  })
})

afterEach(async () => {
  expect(fake.calls.invalid()).toEqual([])
  await fake.close()
  await hub.close()
})

function connect(change: Record<string, string> = {}, graph = fake.origin): Connection {
  const platform = createWhatsAppPlatform({ call: 400, send: 400, bytes: 800 })
  return platform.connect(PLACE, { ...ACCOUNT, ...change }, { addresses: { graph }, clock: () => now })
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

describe('what an admin gives', () => {
  const { graphVersion: _, ...given } = ACCOUNT

  it('is complete without a version', () => {
    expect(whatsappPlatform.account.parse(given)).toEqual({ ...given, graphVersion: 'v23.0' })
  })

  it.each([
    { phoneNumberId: '+886 2 2700 1234' },
    { phoneNumberId: '1/../2' },
    { businessAccountId: '' },
    { appSecret: ' ' },
    { verifyToken: '' },
    { accessToken: '' },
    { graphVersion: '23' },
    { graphVersion: 'v23.0/..' },
    { more: 'x' },
  ])('is refused with %j', (change) => {
    expect(whatsappPlatform.account.safeParse({ ...given, ...change }).success).toBe(false)
  })

  it('has secrets among its fields', () => {
    expect(Object.keys(ACCOUNT)).toEqual(expect.arrayContaining([...whatsappPlatform.secrets]))
  })
})

describe('the webhook', () => {
  it('proves to the platform that it is ours, to it alone', async () => {
    expect(await account.challenge()).toBe(true)
    expect(await account.challenge('another token')).toBe(false)
  })
})

describe('[DEL-8] blocking', () => {
  const block = async (ids: readonly string[], blocked = true) => (await connection.setBlocked?.(ids, blocked)) ?? []
  const done = (externalId: string) => ({ externalId, ok: true, platformCode: null })
  const writes = (user: ReturnType<typeof account.addUser>) => account.send(user, { type: 'text', text: '你好' })

  it('is told of each customer: done, or why not', async () => {
    const [recent, silent, nameOnly] = [
      account.addUser({ name: 'A' }),
      account.addUser({ name: 'B' }),
      account.addUser({ name: 'C', withoutPhone: true }),
    ]
    for (const user of [recent, silent, nameOnly]) writes(user)
    account.passTime(silent, 25 * 60 * 60 * 1_000)
    const ids = [recent.waId ?? '', silent.waId ?? '', nameOnly.userId, '886900000000']
    expect(await block(ids)).toEqual([
      done(ids[0] ?? ''),
      { externalId: ids[1], ok: false, platformCode: '131047' },
      done(ids[2] ?? ''),
      { externalId: ids[3], ok: false, platformCode: '131047' },
    ])
    expect([recent, silent, nameOnly].map(({ isBlocked }) => isBlocked)).toEqual([true, false, true])
    expect(await block([ids[0] ?? '', ids[2] ?? ''], false)).toEqual([done(ids[0] ?? ''), done(ids[2] ?? '')])
    expect([recent.isBlocked, nameOnly.isBlocked]).toEqual([false, false])
  })

  it('of many goes in lots', async () => {
    const ids = Array.from({ length: 250 }, (_, n) => {
      const user = account.addUser({ name: `${n}`, waId: `8869${String(10_000_000 + n)}` })
      writes(user)
      return user.waId ?? ''
    })
    expect(await block(ids)).toEqual(ids.map(done))
    expect(fake.calls.all().filter(({ path }) => path === `/v23.0/${NUMBER}/block_users`)).toHaveLength(3)
    await fake.idle()
  })

  it('of nobody asks nothing', async () => {
    expect([await block([]), fake.calls.all()]).toEqual([[], []])
  })

  it('that is refused as a whole is refused for each', async () => {
    connection = connect({ accessToken: 'EAAanother' })
    expect(await block(['886900000000', '886900000001'])).toEqual([
      { externalId: '886900000000', ok: false, platformCode: '190' },
      { externalId: '886900000001', ok: false, platformCode: '190' },
    ])
  })

  it('leaves nobody out whom the answer forgot', async () => {
    const body = { messaging_product: 'whatsapp', block_users: { added_users: [{ wa_id: '886900000000' }] } }
    fake.faults.next({ path: /block_users/ }, { type: 'answer', status: 200, body, effect: 'none' })
    expect(await block(['886900000000', '886900000001'])).toEqual([
      done('886900000000'),
      { externalId: '886900000001', ok: false, platformCode: null },
    ])
  })

  it('is asked for again when no answer comes', async () => {
    for (const fault of broken) {
      fake.faults.next({ path: /block_users/ }, fault)
      await expect(block(['886900000000'])).rejects.toThrow(TryLater)
    }
  })
})

describe('the check', () => {
  const check = () => connection.check(hub.url)
  const token = { step: 'token', ok: true, code: null, detail: '好日子百貨 +886 2 2700 1234' }

  it('names the account and the apps that hear of it', async () => {
    expect(await check()).toEqual([token, { step: 'subscription', ok: true, code: null, detail: 'Countertop' }])
  })

  it('ends with a token that is not taken, in the platform’s words', async () => {
    connection = connect({ accessToken: 'EAAanother' })
    expect(await check()).toEqual([
      { step: 'token', ok: false, code: 'channel.token', detail: expect.stringContaining('(#190)') },
    ])
  })

  it('ends with a number that is not there', async () => {
    connection = connect({ phoneNumberId: '1' })
    expect(await check()).toEqual([expect.objectContaining({ step: 'token', ok: false, code: 'channel.rejected' })])
  })

  it('ends where nobody hears of what customers write', async () => {
    account.isSubscribed = false
    expect(await check()).toEqual([
      token,
      { step: 'subscription', ok: false, code: 'channel.unconnected', detail: ACCOUNT.businessAccountId },
    ])
  })

  it('never shows the token that an error repeats', async () => {
    const body = { error: { message: `Malformed access token ${ACCOUNT.accessToken}`, code: 190 } }
    fake.faults.next({ path: /./ }, { type: 'answer', status: 401, body, effect: 'none' })
    expect(await check()).toEqual([
      { step: 'token', ok: false, code: 'channel.token', detail: 'Malformed access token …' },
    ])
  })

  it('finds webhooks that go elsewhere', async () => {
    const apps = (uri: string) => ({
      data: [{ whatsapp_business_api_data: { id: '1', name: 'Ours' }, override_callback_uri: uri }],
    })
    const play = (uri: string) => {
      fake.faults.next({ path: /subscribed/ }, { type: 'answer', status: 200, body: apps(uri), effect: 'none' })
      return check()
    }
    expect((await play('https://elsewhere.example')).at(-1)).toEqual({
      step: 'webhook',
      ok: false,
      code: 'channel.unconnected',
      detail: 'https://elsewhere.example',
    })
    expect((await play(hub.url)).at(-1)).toEqual({ step: 'webhook', ok: true, code: null, detail: hub.url })
  })

  it('says that there was no answer', async () => {
    for (const path of [new RegExp(`${NUMBER}$`), /subscribed_apps$/]) {
      for (const fault of broken) {
        fake.faults.next({ path }, fault)
        const code = expect.stringMatching(/failed|rate/)
        expect([fault.type, (await check()).at(-1)]).toEqual([fault.type, expect.objectContaining({ ok: false, code })])
      }
    }
    connection = connect({}, 'http://no-such-host.invalid')
    expect(await check()).toEqual([{ step: 'token', ok: false, code: 'channel.failed', detail: '' }])
  })
})
