/** What customers write and send, all the way from their phone: the webhook, its events, and the bytes behind them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InboundContent } from '../../../domain/messages/content.ts'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import { TryLater } from '../platform.ts'
import type { ChannelEvent, Connection, FetchedMedia } from '../platform.ts'
import { ACCOUNT, PLACE, startHub } from './test-hub.ts'
import type { TestHub } from './test-hub.ts'
import { createWhatsAppPlatform } from './whatsapp.ts'

type Fake = Awaited<ReturnType<typeof startWhatsApp>>
type Account = ReturnType<Fake['addAccount']>
type CustomerMessage = Parameters<Account['send']>[1]

const bytes = Buffer.from('not really a picture')
const ATTACHMENT = /attachments$/
/** The path of a media id. */
const ID = /^\/v23\.0\/\d+$/

let fake: Fake
let account: Account
let connection: Connection
let hub: TestHub
let user: ReturnType<Account['addUser']>

beforeEach(async () => {
  fake = await startWhatsApp()
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
})

afterEach(async () => {
  expect(fake.calls.invalid()).toEqual([])
  await fake.close()
  await hub.close()
})

function connect(change: Record<string, string> = {}, timeout = 400): Connection {
  const outside = { addresses: { graph: `${fake.origin}/` }, clock: Date.now }
  return createWhatsAppPlatform({ call: timeout, send: timeout, bytes: timeout }).connect(
    PLACE,
    { ...ACCOUNT, ...change },
    outside,
  )
}

/** The events of a customer's message. */
async function events(message: CustomerMessage): Promise<ChannelEvent[]> {
  account.send(user, message)
  await fake.idle()
  return hub.events()
}

async function refOf(message: CustomerMessage): Promise<string> {
  const [event] = await events(message)
  if (event?.type !== 'message' || event.content.kind !== 'media') throw new Error('no media')
  return event.content.ref
}

const fetched = (ref: string): Promise<FetchedMedia> => connection.media?.(ref) ?? Promise.reject(new Error('no media'))
const PICTURE: CustomerMessage = { type: 'image', bytes, mimeType: 'image/jpeg' }

describe('whatever a customer sends', () => {
  const media = (kind: string, name = '') => ({ kind: 'media', media: kind, name, ref: expect.stringMatching(/^\d+$/) })

  it.each<[CustomerMessage, unknown[]]>([
    [{ type: 'text', text: '你好' }, [{ kind: 'text', text: '你好' }]],
    [{ ...PICTURE, caption: '這件' }, [media('image'), { kind: 'text', text: '這件' }]],
    [{ type: 'video', bytes, mimeType: 'video/mp4' }, [media('video')]],
    [{ type: 'audio', bytes, mimeType: 'audio/ogg; codecs=opus', isVoice: true }, [media('audio')]],
    [{ type: 'document', bytes, mimeType: 'application/pdf', filename: '型錄.pdf' }, [media('file', '型錄.pdf')]],
    [{ type: 'sticker', bytes }, [media('sticker')]],
    [
      { type: 'location', latitude: 25, longitude: 121, name: '門市' },
      [{ kind: 'location', title: '門市', address: '', latitude: 25, longitude: 121 }],
    ],
    [
      { type: 'contacts', contacts: [{ name: '李美', phone: '+886911222333' }, { name: '陳' }] },
      [{ kind: 'text', text: '李美 +886911222333\n陳' }],
    ],
    [{ type: 'buttonReply', to: 'wamid.x', id: '1', title: '好' }, [{ kind: 'text', text: '好' }]],
    [{ type: 'listReply', to: 'wamid.x', id: '1', title: '明天' }, [{ kind: 'text', text: '明天' }]],
    [{ type: 'flowReply', to: 'wamid.x', name: 'flow', fields: { a: 1 } }, [{ kind: 'text', text: 'Sent' }]],
    [{ type: 'quickReply', to: 'wamid.x', payload: 'P', text: '我要預約' }, [{ kind: 'text', text: '我要預約' }]],
    [
      { type: 'order', catalogId: '1', items: [{ id: 'a', quantity: 1, price: 10 }] },
      [{ kind: 'other', what: 'order' }],
    ],
    [{ type: 'unsupported' }, [{ kind: 'other', what: 'unsupported' }]],
  ])('is shown: $0.type', async (message, expected) => {
    const got = await events(message)
    const contents = got.map((event) => (event.type === 'message' ? InboundContent.parse(event.content) : event))
    expect(contents).toEqual(expected)
    const source = { kind: 'person', externalId: user.waId, name: '王小明', phone: `+${user.waId}` }
    expect(got).toEqual(got.map(() => expect.objectContaining({ source })))
  })

  it('is not shown when it only reacts', async () => {
    expect(await events({ type: 'reaction', to: 'wamid.x', emoji: '👍' })).toEqual([
      { type: 'nothing', why: 'reaction' },
    ])
  })

  it('comes out of one call with much in it, and repeats are known by their ids', async () => {
    const messages = ['一', '二', '三'].map((text) => account.prepare(user, { type: 'text', text }))
    const changes = messages.map(({ change }) => change)
    account.webhook([changes.slice(0, 2), changes.slice(2)])
    account.webhook([changes])
    await fake.idle()
    const ids = messages.map(({ wamid }) => wamid)
    expect(hub.raw.map(({ id }) => id)).toEqual([...ids, ...ids])
  })

  it('is heard of nowhere without the right secret', async () => {
    connection = connect({ appSecret: 'another' })
    fake.deliveries.settings.attempts = 1
    expect(await events({ type: 'text', text: '你好' })).toEqual([])
    expect(fake.deliveries.log.map(({ status }) => status)).toEqual([401])
  })
})

describe('the bytes of what a customer sent', () => {
  it('are fetched by the id', async () => {
    const got = await fetched(await refOf(PICTURE))
    if (got.state !== 'here') throw new Error('gone')
    expect([got.name, got.type]).toEqual([null, 'image/jpeg'])
    expect(Buffer.from(await new Response(got.bytes).arrayBuffer())).toEqual(bytes)
  })

  it('are gone when the platform has them no more, or never had', async () => {
    const ref = await refOf(PICTURE)
    account.forget(ref)
    expect([await fetched(ref), await fetched('1'), await fetched('../1/messages')]).toEqual(
      Array.from({ length: 3 }, () => ({ state: 'gone' })),
    )
    // An id is one piece of the path, whatever is in it.
    expect(fake.calls.all().at(-1)?.path).toBe('/v23.0/..%2F1%2Fmessages')
    fake.calls.all().at(-1)?.problems.splice(0)
  })

  it('are gone when their address leads nowhere any more', async () => {
    const ref = await refOf(PICTURE)
    for (const status of [404, 410]) {
      fake.faults.next({ path: ATTACHMENT }, { type: 'answer', status, body: '', effect: 'none' })
      expect(await fetched(ref)).toEqual({ state: 'gone' })
    }
  })

  it('are asked for again when something else goes wrong', async () => {
    const ref = await refOf(PICTURE)
    const faults = [
      { type: 'hang', ms: 60_000, effect: 'none' },
      { type: 'cut', effect: 'none' },
      { type: 'answer', status: 500, body: '', effect: 'none' },
      { type: 'answer', status: 429, body: '', effect: 'none' },
    ] as const
    const answers = [
      { type: 'garbage', effect: 'none' },
      { type: 'answer', status: 200, body: { id: '1' }, effect: 'none' },
      { type: 'answer', status: 500, body: { error: { message: '', code: 131000 } }, effect: 'none' },
    ] as const
    for (const [path, fault] of [
      ...faults.flatMap((one) => [[ID, one] as const, [ATTACHMENT, one] as const]),
      ...answers.map((one) => [ID, one] as const),
    ]) {
      fake.faults.next({ path }, fault)
      await expect(fetched(ref)).rejects.toThrow(TryLater)
    }
    expect(await fetched(ref)).toMatchObject({ state: 'here' })
  })

  it('are not fetched with a token that is not taken', async () => {
    const ref = await refOf(PICTURE)
    connection = connect({ accessToken: 'EAAanother' })
    await expect(fetched(ref)).rejects.toMatchObject({ code: 'channel.token' })
  })

  it('are not fetched over a line that others can read', async () => {
    const body = { url: 'http://elsewhere.example/a', mime_type: 'image/jpeg' }
    fake.faults.next({ path: ID }, { type: 'answer', status: 200, body, effect: 'none' })
    await expect(fetched('1')).rejects.toThrow('a media address without TLS')
  })
})
