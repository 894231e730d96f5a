import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../world/until.ts'
import { incoming } from './broad-run.ts'
import { SECRET, startWorld } from './test-world.ts'
import type { World } from './test-world.ts'
import type { WebhookEvent } from './webhook-schemas.ts'

let world: World
afterEach(() => world.close())

async function start(options: Parameters<typeof startWorld>[0] = {}) {
  world = await startWorld(options)
  return { ...world, ann: world.account.addUser({ name: 'Ann', isFriend: true }) }
}

const hi = { type: 'text', text: 'hi' } as const

describe('an account’s webhook', () => {
  it('gets each event signed with the channel’s secret, for the account it is for', async () => {
    const { ann, account, events, hook } = await start()
    const sent = account.send(ann, hi)
    expect(await events()).toEqual([sent])
    const [got] = hook.got
    expect(got?.path).toBe('/line/1')
    expect(got?.headers['x-line-signature']).toBe(
      createHmac('sha256', SECRET)
        .update(got?.raw ?? '')
        .digest('base64'),
    )
    expect(got?.body).toEqual({ destination: account.userId, events: [sent] })
  })

  it('gets a message with who sent it, where, and a token to answer it', async () => {
    const { ann, account, clock, events } = await start()
    const group = account.addGroup({ name: 'Family', members: [ann] })
    const room = account.addRoom({ members: [ann] })
    account.send(ann, hi)
    account.send(ann.id, hi, { in: group.id })
    account.send(ann, hi, { in: room, anonymous: true, quotes: '123' })
    const got = await events()
    expect(got[0]).toEqual({
      type: 'message',
      timestamp: clock.now,
      mode: 'active',
      webhookEventId: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      deliveryContext: { isRedelivery: false },
      source: { type: 'user', userId: ann.id },
      replyToken: expect.stringMatching(/^[0-9a-f]{32}$/),
      message: {
        type: 'text',
        id: expect.stringMatching(/^\d{18}$/),
        text: 'hi',
        quoteToken: expect.any(String),
        markAsReadToken: expect.any(String),
      },
    })
    expect(got.slice(1).map((event) => 'source' in event && event.source)).toEqual([
      { type: 'group', groupId: group.id, userId: ann.id },
      { type: 'room', roomId: room.id },
    ])
    expect(got[2]).toMatchObject({ message: { quotedMessageId: '123' } })
    expect(new Set(got.map(({ webhookEventId }) => webhookEventId)).size).toBe(3)
  })

  it('gets every kind of message, and of event', async () => {
    const { ann, account, events } = await start()
    const group = account.addGroup({ name: 'Family', members: [] })
    for (const message of incoming(ann)) account.send(ann, message)
    account.unsend(ann, '1')
    account.unfollow(ann)
    account.follow(ann)
    account.follow(ann, { isUnblocked: true })
    account.memberJoined(group, ann)
    account.postback(ann, 'buy', { in: group })
    account.memberLeft(group, ann)
    account.leave(group)
    account.join(group)
    account.pnpDelivered('a tag')
    account.unknownEvent('membership', { membership: { type: 'joined' } })
    const got = await events()
    const kind = (event: WebhookEvent) => (event.type === 'message' ? messageKind(event) : event.type)
    expect(got.map(kind)).toEqual([
      'text',
      'image',
      'video',
      'audio',
      'file',
      'location',
      'location',
      'sticker',
      'unsend',
      'unfollow',
      'follow',
      'follow',
      'memberJoined',
      'postback',
      'memberLeft',
      'leave',
      'join',
      'delivery',
      'membership',
    ])
    expect(got.filter(({ type }) => type === 'follow')).toEqual([
      expect.objectContaining({ follow: { isUnblocked: true } }),
      expect.objectContaining({ follow: { isUnblocked: true } }),
    ])
    expect(got.find(({ type }) => type === 'delivery')).not.toHaveProperty('source')
  })

  const messageKind = (event: WebhookEvent) =>
    'message' in event && typeof event.message === 'object' && event.message !== null && 'type' in event.message
      ? event.message.type
      : null

  it('gets several events in one call', async () => {
    const { ann, account, events, hook } = await start()
    account.together(() => {
      account.send(ann, hi)
      account.postback(ann, 'x')
    })
    expect((await events()).map(({ type }) => type)).toEqual(['message', 'postback'])
    expect(hook.got).toHaveLength(1)
  })

  it('gets an event again, marked as redelivered, until it takes it', async () => {
    const { ann, account, events, line } = await start({ answers: [500, 503] })
    const sent = account.send(ann, hi)
    const redelivered = { ...sent, deliveryContext: { isRedelivery: true } }
    expect(await events()).toEqual([sent, redelivered, redelivered])
    expect(line.deliveries.log.map(({ status }) => status)).toEqual([500, 503, 200])
  })

  it('gets everything customers did while it was down', async () => {
    const { ann, account, hook, line, events } = await start()
    await hook.down()
    const sent = Array.from({ length: 20 }, () => account.send(ann, hi))
    await until('each was tried in vain', () => line.deliveries.log.length >= 20)
    expect(hook.got).toEqual([])
    await hook.up()
    const ids = (await events()).map(({ webhookEventId }) => webhookEventId)
    expect(ids.toSorted()).toEqual(sent.map(({ webhookEventId }) => webhookEventId).toSorted())
  })

  it('gets an event twice when LINE does so', async () => {
    const { ann, account, events } = await start({ deliveries: { duplicate: () => true } })
    account.send(ann, hi)
    expect((await events()).map(({ deliveryContext }) => deliveryContext.isRedelivery)).toEqual([false, true])
  })

  it('gets nothing while there is none, or it is switched off', async () => {
    const { ann, account, events, call } = await start()
    account.isWebhookActive = false
    account.send(ann, hi)
    expect((await call('GET', '/v2/bot/channel/webhook/endpoint')).body).toEqual({
      endpoint: 'https://hub.example/line/1',
      active: false,
    })
    account.isWebhookActive = true
    account.webhookUrl = null
    account.send(ann, hi)
    expect(await events()).toEqual([])
  })

  it('can be set by the account itself, and be tried', async () => {
    const { ann, account, call, hook, events, clock } = await start({ webhookUrl: null, answers: [200, 500] })
    const put = (endpoint: string) => call('PUT', '/v2/bot/channel/webhook/endpoint', { endpoint })
    const test = async (body: unknown = {}) => (await call('POST', '/v2/bot/channel/webhook/test', body)).body
    expect((await put('http://hub.example/line')).status).toBe(400)
    expect((await call('POST', '/v2/bot/channel/webhook/test')).status).toBe(404)
    expect((await put('https://hub.example/line/2')).status).toBe(200)
    expect(await test()).toEqual({
      success: true,
      timestamp: new Date(clock.now).toISOString(),
      statusCode: 200,
      reason: 'OK',
      detail: '200',
    })
    expect(hook.got[0]).toMatchObject({ path: '/line/2', body: { destination: account.userId, events: [] } })
    expect(await test()).toMatchObject({ success: false, statusCode: 500, reason: 'ERROR_STATUS_CODE' })
    account.send(ann, hi)
    expect((await events()).length).toBe(1)
    await hook.down()
    expect(await test({ endpoint: 'https://hub.example/line/3' })).toMatchObject({
      success: false,
      statusCode: 0,
      reason: 'COULD_NOT_CONNECT',
    })
  })

  it('is never sent what is no event of LINE’s', async () => {
    const { ann, account } = await start()
    const event = account.send(ann, hi)
    expect(() => account.webhook([{ ...event, replyToken: '' }])).toThrow('Too small')
    expect(() => account.unknownEvent('message')).toThrow()
  })

  it('hears nothing from who has blocked the account, or is not in that chat', async () => {
    const { ann, account } = await start()
    const group = account.addGroup({ name: 'Others', members: [] })
    expect(() => account.send(ann, hi, { in: group })).toThrow('Ann is not in that chat')
    account.unfollow(ann)
    expect(() => account.send(ann, hi)).toThrow('Ann has blocked the account')
  })
})

describe('the content of a message', () => {
  const content = async (id: string, rest = '') => {
    const answer = await world.data(`/v2/bot/message/${id}/content${rest}`)
    return [answer.status, answer.headers.get('content-type'), await answer.text()]
  }

  it('can be had until it is forgotten, or the message is taken back', async () => {
    const { ann, account } = await start()
    const picture = account.send(ann, { type: 'image', bytes: Buffer.from('picture'), mime: 'image/png' }).message.id
    const file = account.send(ann, { type: 'file', name: 'a.txt', bytes: Buffer.from('file') }).message.id
    expect(await content(picture)).toEqual([200, 'image/png', 'picture'])
    expect(await content(picture, '/preview')).toEqual([200, 'image/png', 'picture'])
    expect(await content(file)).toEqual([200, 'application/octet-stream', 'file'])
    account.forget(picture)
    account.unsend(ann, file)
    for (const id of [picture, file]) expect((await content(id))[0]).toBe(404)
  })

  it('is not there yet while LINE makes another format of it', async () => {
    const { ann, account } = await start()
    const message = { type: 'video', bytes: Buffer.from('video'), transcoding: 'processing' } as const
    const [good, bad] = [account.send(ann, message).message.id, account.send(ann, message).message.id]
    const state = async (id: string) => (await content(id, '/transcoding'))[2]
    expect((await content(good))[0]).toBe(202)
    expect(await state(good)).toBe('{"status":"processing"}')
    account.transcoded(good)
    account.transcoded(bad, 'failed')
    expect(await content(good)).toEqual([200, 'video/mp4', 'video'])
    expect((await content(bad))[0]).toBe(404)
    expect([await state(good), await state(bad)]).toEqual(['{"status":"succeeded"}', '{"status":"failed"}'])
    expect((await content('1', '/transcoding'))[0]).toBe(404)
  })
})
