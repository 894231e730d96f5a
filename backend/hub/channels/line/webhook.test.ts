import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { InboundContent } from '../../../domain/messages/content.ts'
import { startLine } from '../../../../tests/fakes/line/line.ts'
import { startHook } from '../../../../tests/fakes/platform/hook.ts'
import type { ChannelEvent, RawEvent } from '../platform.ts'
import { lineWebhook } from './webhook.ts'

const SECRET = 'a secret of the channel'
const USER = `U${'1'.repeat(32)}`
const GROUP = `C${'2'.repeat(32)}`
const ROOM = `R${'3'.repeat(32)}`
const AT = 1_790_000_000_000

const webhook = lineWebhook({ channelSecret: SECRET })

const sign = (raw: string, secret = SECRET) => createHmac('sha256', secret).update(raw).digest('base64')
const isGenuine = (raw: string, signature?: string) =>
  webhook.isGenuine(Buffer.from(raw), new Headers(signature === undefined ? {} : { 'x-line-signature': signature }))

const from = {
  user: { type: 'user', userId: USER },
  group: { type: 'group', groupId: GROUP, userId: USER },
  room: { type: 'room', roomId: ROOM, userId: USER },
}

const event = (type: string, more: object = {}): Record<string, unknown> => ({
  type,
  mode: 'active',
  timestamp: AT,
  source: from.user,
  webhookEventId: '01K00000000000000000000000',
  deliveryContext: { isRedelivery: false },
  ...more,
})
const message = (content: object, more: object = {}) =>
  event('message', { replyToken: 'token', message: { id: '500', quoteToken: 'q', ...content }, ...more })
const text = (more: object = {}) => message({ type: 'text', text: '請問還有貨嗎' }, more)

const parse = (one: unknown): ChannelEvent => {
  const [parsed, ...rest] = webhook.parse(one)
  expect(rest).toEqual([])
  if (!parsed) throw new Error('nothing was made of the event')
  return parsed
}
const idOf = (one: unknown) => webhook.events({ destination: USER, events: [one] })[0]?.id

describe('the signature', () => {
  it('lets in what LINE signed with the channel secret, over the raw bytes', () => {
    const raw = '{"destination":"U","events":[] }'
    expect(isGenuine(raw, sign(raw))).toBe(true)
    expect(isGenuine(raw.replace(' ', ''), sign(raw))).toBe(false)
  })

  it('keeps out what has none, another secret’s, another length’s, or no signature at all', () => {
    const raw = '{"events":[]}'
    const genuine = sign(raw)
    expect([
      isGenuine(raw),
      isGenuine(raw, ''),
      isGenuine(raw, sign(raw, 'another secret')),
      isGenuine(raw, genuine.slice(0, -8)),
      isGenuine(raw, `${genuine.slice(0, -2)}A=`),
      isGenuine(raw, 'not base64!'),
      isGenuine(raw, Buffer.from(genuine, 'base64').toString('hex')),
    ]).toEqual([false, false, false, false, false, false, false])
  })
})

describe('the events of a call', () => {
  it('come in their order, each by the id LINE gave it, and with nothing else of the call', () => {
    const events = ['a', 'b'].map((id) => text({ webhookEventId: id }))
    expect(webhook.events({ destination: USER, events })).toEqual([
      { id: 'a', event: events[0] },
      { id: 'b', event: events[1] },
    ])
  })

  it('may be none: LINE asks so whether anybody is there', () => {
    expect(webhook.events({ destination: USER, events: [] })).toEqual([])
  })

  it('are known when they are delivered again', () => {
    expect(idOf(text({ deliveryContext: { isRedelivery: true } }))).toBe(idOf(text()))
  })

  it('without an id of LINE’s are known by what never changes in them, whatever the order of their fields', () => {
    const { webhookEventId: _, ...nameless } = text()
    const again = { ...nameless, deliveryContext: { isRedelivery: true } }
    const turned = Object.fromEntries(Object.entries(nameless).reverse())
    expect(idOf(nameless)).toMatch(/^sha256-[0-9a-f]{64}$/)
    expect([idOf(again), idOf(turned)]).toEqual([idOf(nameless), idOf(nameless)])
    expect(idOf({ ...nameless, timestamp: AT + 1 })).not.toBe(idOf(nameless))
    expect(idOf({ ...nameless, webhookEventId: 'x'.repeat(201) })).toMatch(/^sha256-/)
  })

  it('are refused when the body is not a call of LINE’s', () => {
    for (const body of [null, 'text', [], {}, { events: {} }, { events: ['text'] }, { events: [null] }]) {
      expect(() => webhook.events(body)).toThrow()
    }
  })
})

describe('a message', () => {
  it('is from the customer who wrote it, in a 1-on-1', () => {
    expect(parse(text())).toEqual({
      type: 'message',
      source: { kind: 'person', externalId: USER, name: null, phone: null },
      from: null,
      externalMessageId: '500',
      sentAt: AT,
      content: { kind: 'text', text: '請問還有貨嗎' },
      replyToken: 'token',
    })
  })

  it('is from somebody of a group, who may not be named', () => {
    const anonymous = { type: 'group', groupId: GROUP }
    expect([from.group, from.room, anonymous].map((source) => parse(text({ source })))).toMatchObject([
      { type: 'message', source: { kind: 'group', externalId: GROUP }, from: USER },
      { type: 'message', source: { kind: 'group', externalId: ROOM }, from: USER },
      { type: 'message', source: { kind: 'group', externalId: GROUP }, from: null },
    ])
  })

  it('from nobody who can be known is taken, and nothing comes of it', () => {
    const sources = [
      { type: 'user' },
      undefined,
      { type: 'group' },
      { type: 'constructor' },
      { type: 'room', userId: USER },
    ]
    expect(sources.map((source) => parse(text({ source })).type)).toEqual(sources.map(() => 'nothing'))
  })

  it('has no reply token, and no time, when LINE gives none', () => {
    const without = { ...text(), replyToken: undefined, timestamp: undefined }
    expect(parse(without)).toMatchObject({ type: 'message', replyToken: null, sentAt: null })
  })

  it.each<[string, object, InboundContent]>([
    [
      'a sticker, by what is written on it',
      { type: 'sticker', keywords: ['a', 'b'], text: '好的' },
      { kind: 'sticker', label: '好的' },
    ],
    [
      'a sticker, by a few of its keywords',
      { type: 'sticker', keywords: ['ok', 'yes', 'fine', 'sure'] },
      { kind: 'sticker', label: 'ok, yes, fine' },
    ],
    ['a sticker LINE says nothing of', { type: 'sticker', packageId: '1' }, { kind: 'sticker', label: '' }],
    [
      'a place',
      { type: 'location', title: '信義店', address: '台北市', latitude: 25.03, longitude: 121.5 },
      { kind: 'location', title: '信義店', address: '台北市', latitude: 25.03, longitude: 121.5 },
    ],
    [
      'a place without a name',
      { type: 'location', latitude: 0, longitude: 0 },
      { kind: 'location', title: '', address: '', latitude: 0, longitude: 0 },
    ],
    [
      'a place that is not on earth',
      { type: 'location', latitude: 91, longitude: 0 },
      { kind: 'other', what: 'location' },
    ],
    [
      'a picture',
      { type: 'image', contentProvider: { type: 'line' } },
      { kind: 'media', media: 'image', name: '', ref: '500' },
    ],
    [
      'a video',
      { type: 'video', contentProvider: { type: 'line' }, duration: 5 },
      { kind: 'media', media: 'video', name: '', ref: '500' },
    ],
    [
      'a sound',
      { type: 'audio', contentProvider: { type: 'line' } },
      { kind: 'media', media: 'audio', name: '', ref: '500' },
    ],
    [
      'a file',
      { type: 'file', fileName: '報價.pdf', fileSize: 9 },
      { kind: 'media', media: 'file', name: '報價.pdf', ref: '500' },
    ],
    [
      'a picture that is somewhere else',
      { type: 'image', contentProvider: { type: 'external', originalContentUrl: 'https://elsewhere.example/' } },
      { kind: 'other', what: 'image' },
    ],
    ['a kind nobody knows yet', { type: 'hologram' }, { kind: 'other', what: 'hologram' }],
    [
      'words that are too long for what they are',
      { type: 'file', fileName: '長'.repeat(2_000) },
      { kind: 'media', media: 'file', name: '長'.repeat(1_000), ref: '500' },
    ],
  ])('shows %s', (_, content, expected) => {
    const parsed = parse(message(content))
    expect(parsed).toMatchObject({ type: 'message', content: expected })
    expect(InboundContent.safeParse(parsed.type === 'message' ? parsed.content : null).success).toBe(true)
  })

  it('that is taken back is told of by its id', () => {
    expect(parse(event('unsend', { unsend: { messageId: '500' } }))).toEqual({
      type: 'unsend',
      externalMessageId: '500',
    })
  })

  it('is made of a button’s words, if it has any', () => {
    const postback = (fields: object) =>
      parse(event('postback', { replyToken: 'token', postback: { data: 'x', ...fields } }))
    expect(postback({ displayText: '我要預約' })).toMatchObject({
      type: 'message',
      externalMessageId: '01K00000000000000000000000',
      content: { kind: 'text', text: '我要預約' },
      replyToken: 'token',
    })
    expect([postback({}).type, postback({ displayText: '' }).type]).toEqual(['nothing', 'nothing'])
  })
})

describe('an event', () => {
  it('tells who follows, also again after a block, and who does not any more', () => {
    const source = { kind: 'person', externalId: USER, name: null, phone: null }
    const eventId = '01K00000000000000000000000'
    expect([
      parse(event('follow', { replyToken: 'token', follow: { isUnblocked: false } })),
      parse(event('follow', { replyToken: 'token', follow: { isUnblocked: true } })),
      parse(event('unfollow')),
    ]).toEqual([
      { type: 'follow', source, eventId, at: AT, replyToken: 'token' },
      { type: 'follow', source, eventId, at: AT, replyToken: 'token' },
      { type: 'unfollow', source, eventId },
    ])
  })

  it('tells into which groups the account comes, and out of which', () => {
    const source = (externalId: string) => ({ kind: 'group', externalId, name: null, phone: null })
    const eventId = '01K00000000000000000000000'
    expect([
      parse(event('join', { source: { type: 'group', groupId: GROUP }, replyToken: 'token' })),
      parse(event('leave', { source: { type: 'room', roomId: ROOM } })),
    ]).toEqual([
      { type: 'follow', source: source(GROUP), eventId, at: AT, replyToken: 'token' },
      { type: 'unfollow', source: source(ROOM), eventId },
    ])
  })

  it('tells that the account is suspended, and that it is back', () => {
    expect([parse(event('botSuspended', { source: undefined })), parse(event('botResumed'))]).toEqual([
      { type: 'health', problem: 'channel.restricted' },
      { type: 'health', problem: null },
    ])
  })

  it('of a delivered notification message names its tag, and nobody even if LINE did', () => {
    expect(parse(event('delivery', { delivery: { data: 'tag-of-16-letters' } }))).toEqual({
      type: 'notified',
      tag: 'tag-of-16-letters',
    })
  })

  it('is nothing to us when another system has the conversation', () => {
    expect(parse(text({ mode: 'standby' })).type).toBe('nothing')
  })

  it('of another kind is nothing to us, and is told by its name', () => {
    const kinds = ['memberJoined', 'memberLeft', 'accountLink', 'beacon', 'things', 'videoPlayComplete', 'membership']
    const more = ['module', 'activated', 'deactivated', 'somethingNew']
    expect([...kinds, ...more].map((type) => parse(event(type)))).toEqual(
      [...kinds, ...more].map((type) => ({ type: 'nothing', why: `an event of the kind ${type}` })),
    )
  })

  it('of a known kind without what it is about is refused', () => {
    const broken = [
      event('message'),
      message({ type: 'text', id: '' }),
      message({ type: 'text', text: 7 }),
      text({ timestamp: 'yesterday' }),
      event('unsend'),
      event('postback'),
      event('delivery', { delivery: {} }),
      { timestamp: AT },
      'text',
      null,
    ]
    for (const one of broken) expect(() => webhook.parse(one)).toThrow()
  })
})

describe('what the fake of LINE tells', () => {
  const open: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  it('is genuine, of a known form, and means what happened', async () => {
    const line = await startLine()
    open.push(() => line.close())
    const hook = await startHook()
    open.push(() => hook.close())
    const account = line.addAccount({
      channelId: '1',
      channelSecret: SECRET,
      accessToken: 'access',
      webhookUrl: `http://127.0.0.1:${hook.port}/`,
      name: 'Shop',
      basicId: '@shop',
    })
    const ann = account.addUser({ name: 'Ann' })
    const group = account.addGroup({ name: 'Family', members: [ann] })
    const followed = account.follow(ann)
    const said = account.send(ann, { type: 'text', text: 'hello' })
    const whispered = account.send(ann, { type: 'text', text: 'psst' }, { in: group, anonymous: true })
    account.unsend(ann, said.message.id)
    account.pnpDelivered('tag-of-16-letters')
    account.unknownEvent('hologram')
    await line.deliveries.idle()

    expect(hook.got.map(({ raw, headers }) => isGenuine(raw, String(headers['x-line-signature'])))).toEqual(
      hook.got.map(() => true),
    )
    const raws: RawEvent[] = hook.got.flatMap(({ raw }) => webhook.events(JSON.parse(raw)))
    expect(raws[0]?.id).toBe(followed.webhookEventId)
    expect(raws.flatMap((one) => webhook.parse(one.event))).toMatchObject([
      { type: 'follow', source: { kind: 'person', externalId: ann.id } },
      {
        type: 'message',
        source: { externalId: ann.id },
        externalMessageId: said.message.id,
        replyToken: said.replyToken,
      },
      {
        type: 'message',
        source: { kind: 'group', externalId: group.id },
        from: null,
        externalMessageId: whispered.message.id,
      },
      { type: 'unsend', externalMessageId: said.message.id },
      { type: 'notified', tag: 'tag-of-16-letters' },
      { type: 'nothing' },
    ])
  })
})
