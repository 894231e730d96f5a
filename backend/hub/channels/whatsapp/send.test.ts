import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AttachmentId } from '../../../domain/ids.ts'
import type { Body } from '../../../domain/rows.ts'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import { TryLater, Uncertain } from '../platform.ts'
import type { Connection } from '../platform.ts'
import { STATUS_WAIT } from './send.ts'
import { ACCOUNT, NUMBER, PLACE, attempt, fileBody, outgoing, startHub, text } from './test-hub.ts'
import type { TestHub, ToSend } from './test-hub.ts'
import { createWhatsAppPlatform } from './whatsapp.ts'

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47])
const SEND = /\/messages$/
const UPLOAD = /\/media$/

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

const SHORT = { call: 400, send: 400, bytes: 800 }

function connect({ graph = fake.origin, token = ACCOUNT.accessToken, timeouts = SHORT } = {}): Connection {
  const outside = { addresses: { graph }, clock: () => now }
  return createWhatsAppPlatform(timeouts).connect(PLACE, { ...ACCOUNT, accessToken: token }, outside)
}

const send = (given: Partial<ToSend> = {}) =>
  connection.send(outgoing({ to: to(), body: text('您好'), attempt: attempt(now), ...given }))
const got = () => account.messagesFor(to())
const sends = () => fake.calls.all().filter(({ path }) => SEND.test(path))

/** One at which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** What sending threw. */
async function thrown(sending: Promise<unknown>): Promise<unknown> {
  try {
    return { notThrown: await sending }
  } catch (error) {
    return error
  }
}

describe('a text', () => {
  it('[CNV-10] reaches the customer, and its states come back by our id', async () => {
    const tried = attempt(now)
    expect(await send({ id: 'message-7', attempt: tried })).toEqual({ ok: true })
    await fake.idle()
    const [message] = got()
    expect([message?.callbackData, message?.message]).toEqual([
      'message-7',
      expect.objectContaining({ type: 'text', text: { body: '您好' } }),
    ])
    account.read(message?.wamid ?? '')
    await fake.idle()
    expect(hub.events().flatMap((event) => (event.type === 'progress' ? [event] : []))).toEqual(
      ['sent', 'delivered', 'read'].map((state) => ({ type: 'progress', messageId: 'message-7', delivery: { state } })),
    )
    expect(tried.begun).toBe(1)
    expect(fake.calls.all()[0]?.path).toBe(`/v23.0/${NUMBER}/messages`)
  })

  it('reaches one who shows no phone number', async () => {
    user = account.addUser({ name: '匿名', withoutPhone: true })
    account.send(user, { type: 'text', text: '你好' })
    await fake.idle()
    const [event] = hub.events().filter((one) => one.type === 'message' && one.source.phone === null)
    const source = event?.type === 'message' ? event.source : null
    expect(source).toEqual({ kind: 'person', externalId: user.userId, name: '匿名', phone: null })
    expect(await send({ to: source?.externalId ?? '' })).toEqual({ ok: true })
    expect(got()).toHaveLength(1)
  })

  it('[CNV-9] outside 24 hours is refused, told later or at once', async () => {
    account.passTime(user, 25 * 60 * 60 * 1_000)
    expect(await send()).toEqual({ ok: true })
    await fake.idle()
    const failure = { code: 'channel.windowClosed', platformCode: '131047' }
    expect(hub.events()).toContainEqual({
      type: 'progress',
      messageId: 'message-1',
      delivery: { state: 'failed', ...failure },
    })
    account.settings.windowAtOnce = true
    expect(await send()).toEqual({ ok: false, ...failure })
  })
})

describe('a refusal', () => {
  it.each([
    [131026, 'channel.notReachable'],
    [131049, 'channel.heldBack'],
    [131050, 'channel.optedOut'],
    [132000, 'channel.templateParameters'],
    [131051, 'channel.kind'],
    [100, 'channel.rejected'],
  ] as const)('%i is the end of it', async (code, failure) => {
    account.failNext({ code, details: 'no' }, { atOnce: true })
    expect(await send()).toEqual({ ok: false, code: failure, platformCode: String(code) })
    expect(got()).toHaveLength(0)
  })

  it('of the token is the end of it', async () => {
    connection = connect({ token: 'EAAanother' })
    expect(await send()).toEqual({ ok: false, code: 'channel.token', platformCode: '190' })
  })

  it.each([
    [130429, 'channel.rateLimited', 10_000],
    [131056, 'channel.rateLimited', 0],
    [131000, 'channel.failed', 0],
    [131016, 'channel.failed', 0],
  ] as const)('%i may be tried again', async (code, failure, pause) => {
    account.failNext({ code, details: 'not now' }, { atOnce: true })
    const error = await thrown(send())
    expect(error).toBeInstanceOf(TryLater)
    expect(error).toMatchObject({ code: failure, platformCode: String(code), pause })
    expect(await send()).toEqual({ ok: true })
    expect(got()).toHaveLength(1)
  })

  it('that calls itself passing may be tried again, whatever its code', async () => {
    const body = { error: { message: 'x', code: 999, is_transient: true } }
    fake.faults.next({ path: SEND }, { type: 'answer', status: 400, body, effect: 'none' })
    expect(await thrown(send())).toBeInstanceOf(TryLater)
  })

  it('tells a log neither what was written, nor to whom, nor the token', async () => {
    const secret = '不要寫進紀錄'
    const body = { error: { message: `${secret} ${to()} ${ACCOUNT.accessToken}`, code: 131000 } }
    fake.faults.next({ path: SEND }, { type: 'answer', status: 500, body, effect: 'none' })
    fake.faults.next({ path: SEND }, { type: 'cut', effect: 'none' })
    const logged = []
    for (let n = 0; n < 2; n += 1) {
      let error = await thrown(send({ body: text(secret) }))
      while (error instanceof Error) {
        logged.push(`${error.message} ${error.stack} ${JSON.stringify(error)}`)
        error = error.cause
      }
    }
    expect(logged.length).toBeGreaterThan(2)
    expect(logged.join('\n')).not.toMatch(new RegExp([secret, to(), ACCOUNT.accessToken].join('|')))
  })
})

describe('the platform without a word', () => {
  it.each(['none', 'done'] as const)('may have taken a message (%s)', async (effect) => {
    const faults = [
      { type: 'hang', ms: 60_000, effect },
      { type: 'cut', effect },
      { type: 'garbage', effect },
      { type: 'answer', status: 500, body: 'oops', effect },
      { type: 'answer', status: 502, body: '<html>Bad gateway</html>', effect },
      { type: 'answer', status: 408, body: '', effect },
      { type: 'answer', status: 200, body: { messages: [] }, effect },
      { type: 'answer', status: 200, body: null, effect },
    ] as const
    for (const fault of faults) {
      fake.faults.next({ path: SEND }, fault)
      const tried = attempt(now)
      expect([fault.type, await thrown(send({ attempt: tried })), tried.begun]).toEqual([
        fault.type,
        expect.any(Uncertain),
        1,
      ])
    }
    expect(got()).toHaveLength(effect === 'done' ? faults.length : 0)
  })

  it('tells by its status of a message that it took', async () => {
    fake.faults.next({ path: SEND }, { type: 'cut', effect: 'done' })
    await thrown(send({ id: 'message-9' }))
    await fake.idle()
    expect(hub.events()).toContainEqual({ type: 'progress', messageId: 'message-9', delivery: { state: 'sent' } })
  })

  it.each([
    [429, 'channel.rateLimited', 10_000],
    [404, 'channel.failed', 0],
    [301, 'channel.failed', 0],
  ] as const)('was not reached when who stands before it answers %i', async (status, code, pause) => {
    // Where the message is not to be followed to.
    const headers = { location: `/v23.0/${NUMBER}` }
    fake.faults.next({ path: SEND }, { type: 'answer', status, body: 'no', headers, effect: 'none' })
    const error = await thrown(send())
    expect(error).toBeInstanceOf(TryLater)
    expect(error).toMatchObject({ code, pause })
    expect(fake.calls.all()).toHaveLength(1)
  })

  it('is left alone for as long as an answer asks', async () => {
    const slow = { type: 'answer', status: 429, body: '', effect: 'none' } as const
    fake.faults.next({ path: SEND }, { ...slow, headers: { 'retry-after': '30' } })
    expect(await thrown(send())).toMatchObject({ pause: 30_000 })
    fake.faults.next({ path: SEND }, { ...slow, headers: { 'retry-after': '999999' } })
    expect(await thrown(send())).toMatchObject({ pause: 3_600_000 })
  })

  it.each(['127.0.0.1', 'localhost', 'no-such-host.invalid'])('was not reached at %s', async (host) => {
    connection = connect({ graph: `http://${host}:${await closedPort()}` })
    const tried = attempt(now)
    const error = await thrown(send({ attempt: tried }))
    expect(error).toBeInstanceOf(TryLater)
    expect([error, tried.begun]).toEqual([expect.objectContaining({ code: 'channel.failed', pause: 0 }), 1])
  })
})

describe('an earlier attempt without an end', () => {
  const earlier = (ago: number) => attempt(now, { begunAt: now - ago, reply: null })

  it('is waited for while its status may still come', async () => {
    for (const ago of [0, STATUS_WAIT - 1])
      expect(await thrown(send({ attempt: earlier(ago) }))).toBeInstanceOf(Uncertain)
  })

  it('is given up after that', async () => {
    const over = { ok: false, code: 'channel.uncertain', platformCode: null }
    expect(await send({ attempt: earlier(STATUS_WAIT) })).toEqual(over)
  })

  it('never leads to another one', async () => {
    const files = { 'file-1': { name: 'a.png', mime: 'image/png', bytes: PNG } }
    const tried = [earlier(0), earlier(STATUS_WAIT)]
    for (const one of tried) await thrown(send({ attempt: one, body: fileBody('image/png', 'a.png'), files }))
    expect(fake.calls.all()).toEqual([])
    expect(tried.map(({ begun }) => begun)).toEqual([0, 0])
  })
})

describe('a file', () => {
  it.each([
    ['image/png', 'image', '圖.png'],
    ['application/pdf', 'document', '型錄.pdf'],
    ['audio/mpeg', 'audio', '語音.mp3'],
    ['video/mp4', 'video', '影片.mp4'],
  ] as const)('of the type %s arrives as %s', async (mime, type, name) => {
    const files = { 'file-1': { name, mime, bytes: PNG } }
    expect(await send({ body: fileBody(mime, name), files })).toEqual({ ok: true })
    const [sent] = got()
    const id = expect.stringMatching(/^\d+$/)
    expect(sent?.message).toMatchObject({ type, [type]: type === 'document' ? { id, filename: name } : { id } })
    expect([sent?.media?.mimeType, sent?.media?.bytes]).toEqual([mime, Buffer.from(PNG)])
  })

  it('of a picture arrives as one', async () => {
    const body: Body = {
      kind: 'image',
      attachmentId: AttachmentId.parse('file-1'),
      name: 'a.jpg',
      mime: 'image/jpeg',
      size: 4,
      width: 1,
      height: 1,
    }
    const files = { 'file-1': { name: 'a.jpg', mime: 'image/jpeg', bytes: PNG } }
    expect(await send({ body, files })).toEqual({ ok: true })
    expect(got()[0]?.message.type).toBe('image')
  })

  it('that the platform will not take is the end of it, before anything was begun', async () => {
    const tried = attempt(now)
    const files = { 'file-1': { name: 'a.pdf', mime: 'application/pdf', bytes: new Uint8Array() } }
    const body = fileBody('application/pdf', 'a.pdf')
    expect(await send({ body, files, attempt: tried })).toEqual({
      ok: false,
      code: 'channel.media',
      platformCode: '131053',
    })
    const refusal = { error: { message: 'type', code: 100 } }
    fake.faults.next({ path: UPLOAD }, { type: 'answer', status: 400, body: refusal, effect: 'none' })
    expect(await send({ body, files, attempt: tried })).toEqual({
      ok: false,
      code: 'channel.media',
      platformCode: '100',
    })
    expect([tried.begun, sends()]).toEqual([0, []])
  })

  it('whose upload goes wrong is tried again: nobody saw anything of it', async () => {
    const files = { 'file-1': { name: 'a.pdf', mime: 'application/pdf', bytes: PNG } }
    const faults = [
      { type: 'hang', ms: 60_000, effect: 'done' },
      { type: 'cut', effect: 'done' },
      { type: 'garbage', effect: 'done' },
      { type: 'answer', status: 500, body: '', effect: 'none' },
      { type: 'answer', status: 429, body: '', effect: 'none' },
      { type: 'answer', status: 200, body: {}, effect: 'none' },
      { type: 'answer', status: 500, body: { error: { message: '', code: 131000 } }, effect: 'none' },
    ] as const
    for (const fault of faults) {
      fake.faults.next({ path: UPLOAD }, fault)
      const tried = attempt(now)
      const error = await thrown(send({ body: fileBody('application/pdf', 'a.pdf'), files, attempt: tried }))
      expect([fault.type, error, tried.begun]).toEqual([fault.type, expect.any(TryLater), 0])
    }
    expect(sends()).toEqual([])
  })

  it('has longer than a call that only asks, and so has its message', async () => {
    connection = connect({ timeouts: { call: 1, send: 30_000, bytes: 30_000 } })
    for (const path of [UPLOAD, SEND]) fake.faults.next({ path }, { type: 'slow', ms: 50, effect: 'done' })
    const files = { 'file-1': { name: 'a.pdf', mime: 'application/pdf', bytes: PNG } }
    expect(await send({ body: fileBody('application/pdf', 'a.pdf'), files })).toEqual({ ok: true })
  })

  it('whose bytes are gone never leaves, and says why', async () => {
    const error = await thrown(send({ body: fileBody('application/pdf', 'a.pdf') }))
    expect(error).toBeInstanceOf(TryLater)
    expect(error).toMatchObject({ code: 'channel.media', cause: new Error('gone') })
  })
})

it.each<Body>([
  fileBody('text/csv', 'a.csv'),
  { kind: 'sticker', label: '' },
  { kind: 'location', title: '', address: '', latitude: 0, longitude: 0 },
  { kind: 'note', text: '內部' },
  { kind: 'unsent' },
])('what WhatsApp has no message for is not sent: $kind', async (body) => {
  const files = { 'file-1': { name: 'a.csv', mime: 'text/csv', bytes: PNG } }
  expect(await send({ body, files })).toEqual({ ok: false, code: 'channel.kind', platformCode: null })
  expect(fake.calls.all()).toEqual([])
})
