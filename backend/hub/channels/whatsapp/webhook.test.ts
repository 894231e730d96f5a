import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createWebhook } from './webhook.ts'

const account = {
  phoneNumberId: '106540352242922',
  businessAccountId: '102290129340398',
  appSecret: 'app secret',
  verifyToken: 'verify token',
}
let now = Date.UTC(2026, 6, 1)
const webhook = createWebhook(account, () => now)

describe('the question whether the address is ours', () => {
  const ask = (change: Record<string, string> = {}) =>
    webhook.challenge?.(
      new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.verify_token': 'verify token',
        'hub.challenge': '1158201444',
        ...change,
      }),
    )

  it('is answered with its challenge to who knows the verify token', () => {
    expect(ask()).toBe('1158201444')
  })

  it.each([
    { 'hub.verify_token': 'verify toke' },
    { 'hub.verify_token': '' },
    { 'hub.mode': 'unsubscribe' },
    { 'hub.challenge': '' },
    { 'hub.challenge': '<script>alert(1)</script>' },
    { 'hub.challenge': 'x'.repeat(201) },
  ])('is not answered with %o', (change) => {
    expect(ask(change)).toBeNull()
  })
})

describe('a call’s signature', () => {
  const raw = Buffer.from('{"object":"whatsapp_business_account","text":"\\u00e4"}')
  const sign = (bytes: Uint8Array, secret = account.appSecret) =>
    createHmac('sha256', secret).update(bytes).digest('hex')
  const isGenuine = (header: string | null, bytes: Uint8Array = raw) =>
    webhook.isGenuine(bytes, new Headers(header === null ? {} : { 'X-Hub-Signature-256': header }))

  it('is over the raw body with the app’s secret', () => {
    expect(isGenuine(`sha256=${sign(raw)}`)).toBe(true)
  })

  it.each([
    ['of another secret', `sha256=${sign(raw, 'another')}`],
    ['of another body', `sha256=${sign(Buffer.from('{}'))}`],
    ['without its algorithm', sign(raw)],
    ['by another algorithm', `sha1=${createHmac('sha1', account.appSecret).update(raw).digest('hex')}`],
    ['cut short', `sha256=${sign(raw).slice(0, 62)}`],
    ['too long', `sha256=${sign(raw)}00`],
    ['that is no hex', `sha256=${'z'.repeat(64)}`],
    ['empty', ''],
    ['missing', null],
  ])('%s is refused', (_, header) => {
    expect(isGenuine(header)).toBe(false)
  })
})

describe('the events of a call', () => {
  const metadata = { display_phone_number: '886227001234', phone_number_id: account.phoneNumberId }
  const contacts = [{ profile: { name: '王小明' }, wa_id: '886912345678' }]
  const change = (value: object, field = 'messages') => ({ field, value })
  const about = (more: object) => change({ messaging_product: 'whatsapp', metadata, ...more })
  const call = (...entries: object[][]) => ({
    object: 'whatsapp_business_account',
    entry: entries.map((changes) => ({ id: account.businessAccountId, changes })),
  })
  const message = (id: string) => ({
    from: '886912345678',
    id,
    timestamp: '1782864000',
    type: 'text',
    text: { body: 'x' },
  })
  const status = (id: string, state: string) => ({
    id,
    status: state,
    timestamp: '1782864000',
    recipient_id: '886912345678',
  })
  const ids = (body: unknown) => webhook.events(body).map(({ id }) => id)

  it('are each message, status and fault, from every entry and change, in their order', () => {
    const events = webhook.events(
      call(
        [about({ contacts, messages: [message('wamid.1'), message('wamid.2')] })],
        [about({ statuses: [status('wamid.3', 'sent')] }), about({ errors: [{ code: 131042 }] })],
      ),
    )
    expect(events).toEqual([
      { id: 'wamid.1', event: { type: 'message', message: message('wamid.1'), contacts } },
      { id: 'wamid.2', event: { type: 'message', message: message('wamid.2'), contacts } },
      { id: 'wamid.3 sent', event: { type: 'status', status: status('wamid.3', 'sent') } },
      { id: expect.stringMatching(/^errors /), event: { type: 'errors', errors: [{ code: 131042 }] } },
    ])
    expect(JSON.parse(JSON.stringify(events))).toEqual(events)
  })

  it('of another number of the same business account are none of ours', () => {
    const other = { ...metadata, phone_number_id: '999' }
    expect(ids(call([change({ metadata: other, contacts, messages: [message('wamid.1')] })]))).toEqual([])
    expect(ids(call([change({ metadata: other, errors: [{ code: 1 }] })]))).toEqual([])
  })

  it('of another business account are none of ours', () => {
    const body = {
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [change({ event: 'X' }, 'account_update')] }],
    }
    expect(ids(body)).toEqual([])
  })

  it('have the same id when a call is repeated, and each state of a message its own', () => {
    const read = call([about({ statuses: [status('wamid.3', 'read')] })])
    expect(ids(read)).toEqual(ids(structuredClone(read)))
    expect(ids(read)).not.toEqual(ids(call([about({ statuses: [status('wamid.3', 'delivered')] })])))
  })

  it('of the account are known again when repeated, and new when they happen again another day', () => {
    const ban = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }
    const update = (time?: number) => ({
      object: 'whatsapp_business_account',
      entry: [{ id: account.businessAccountId, time, changes: [change(ban, 'account_update')] }],
    })
    expect(ids(update(1))).toEqual(ids(update(1)))
    expect(ids(update(1))).not.toEqual(ids(update(2)))
    const fault = call([about({ errors: [{ code: 131042 }] })])
    const before = ids(fault)
    expect(ids(fault)).toEqual(before)
    now += 24 * 60 * 60 * 1_000
    expect(ids(fault)).not.toEqual(before)
  })

  it('never have an id that is too long, or none', () => {
    const long = `wamid.${'x'.repeat(300)}`
    const { id: _, ...nameless } = message('')
    const all = ids(
      call([about({ contacts, messages: [message(long), nameless] }), about({ statuses: [status(long, 'sent')] })]),
    )
    expect(new Set(all).size).toBe(3)
    expect(all.filter((id) => id.length === 0 || id.length > 200)).toEqual([])
  })

  it.each([
    null,
    [],
    'text',
    {},
    { object: 'page', entry: [] },
    { object: 'whatsapp_business_account' },
    { object: 'whatsapp_business_account', entry: [{ id: 1, changes: [] }] },
    { object: 'whatsapp_business_account', entry: [{ id: account.businessAccountId }] },
    call([about({ messages: 'wamid.1' })]),
  ])('are not looked for in %j', (body) => {
    expect(() => webhook.events(body)).toThrow()
  })

  it('that are kept can be read again', () => {
    const events = webhook.events(call([about({ contacts, messages: [message('wamid.1')] })]))
    expect(events.flatMap(({ event }) => webhook.parse(event))).toHaveLength(1)
  })
})
