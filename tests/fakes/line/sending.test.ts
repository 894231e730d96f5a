import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { User } from './people.ts'
import { phoneHash } from './people.ts'
import { startWorld, text } from './test-world.ts'
import type { World } from './test-world.ts'

const PUSH = '/v2/bot/message/push'
const REPLY = '/v2/bot/message/reply'
const MULTICAST = '/v2/bot/message/multicast'
const PNP = '/bot/pnp/push'
const HOUR = 3_600_000

let world: World
afterEach(() => world.close())

async function start(options: Parameters<typeof startWorld>[0] = {}) {
  world = await startWorld(options)
  const ann = world.account.addUser({ name: 'Ann', isFriend: true, phone: '+886912345678' })
  const push = (to: string, messages: unknown[] = [text('hi')], retryKey?: string) =>
    world.call('POST', PUSH, { to, messages }, retryKey === undefined ? {} : { 'x-line-retry-key': retryKey })
  return { ...world, ann, push }
}

const seenBy = (user: User | string) =>
  world.account.messagesFor(user).map(({ via, message }) => [via, 'text' in message ? message.text : message.type])

describe('push', () => {
  it('shows its messages to a friend, and says which ids they have', async () => {
    const { ann, push, account, clock } = await start()
    const shown: string[] = []
    world.line.on('shown', ({ id, account: of }) => shown.push(`${of.name} ${id}`))
    const key = randomUUID()
    const answer = await push(
      ann.id,
      [text('one'), { type: 'location', title: 'a', address: 'b', latitude: 1, longitude: 2 }],
      key,
    )
    const seen = account.messagesFor(ann)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      sentMessages: [{ id: seen[0]?.id, quoteToken: seen[0]?.quoteToken }, { id: seen[1]?.id }],
    })
    expect(seen[0]).toEqual({
      id: expect.stringMatching(/^\d{18}$/),
      chatId: ann.id,
      at: clock.now,
      via: 'push',
      retryKey: key,
      quoteToken: expect.any(String),
      notificationDisabled: false,
      message: { type: 'text', text: 'one' },
    })
    expect(shown).toEqual(seen.map(({ id }) => `Shop ${id}`))
    expect(answer.headers.get('x-line-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('answers a known retry key with 409 and what was sent at first, whatever the body, and sends nothing more', async () => {
    const { ann, push } = await start()
    const key = randomUUID()
    const first = await push(ann.id, [text('one')], key)
    for (const again of [
      await push(ann.id, [text('one')], key.toUpperCase()),
      await push(ann.id, [text('two')], key),
    ]) {
      expect(again.status).toBe(409)
      expect(again.body).toEqual({ message: 'The retry key is already accepted', ...(first.body as object) })
      expect(again.headers.get('x-line-accepted-request-id')).toBe(first.headers.get('x-line-request-id'))
    }
    expect(seenBy(ann)).toEqual([['push', 'one']])
  })

  it('remembers a retry key for 24 hours, and none of a request it refused', async () => {
    const { ann, push, clock, account } = await start({ monthlyQuota: 1 })
    const [key, refusedKey] = [randomUUID(), randomUUID()]
    await push(ann.id, [text('one')], key)
    expect((await push(ann.id, [text('two')], refusedKey)).status).toBe(429)
    clock.now += 24 * HOUR - 1
    expect((await push(ann.id, [text('one')], key)).status).toBe(409)
    account.sending.monthlyQuota = null
    clock.now += 1
    expect((await push(ann.id, [text('one')], key)).status).toBe(200)
    expect((await push(ann.id, [text('two')], refusedKey)).status).toBe(200)
    expect(seenBy(ann)).toHaveLength(3)
  })

  it('carries one message out once although its answer was lost', async () => {
    const { ann, push, line } = await start()
    const key = randomUUID()
    line.faults.next({ path: /push$/ }, { type: 'cut', effect: 'done' })
    line.faults.next({ path: /push$/ }, { type: 'answer', status: 500, body: { message: 'oops' }, effect: 'none' })
    await expect(push(ann.id, [text('one')], key)).rejects.toThrow('fetch failed')
    expect((await push(ann.id, [text('one')], key)).status).toBe(500)
    expect((await push(ann.id, [text('one')], key)).status).toBe(409)
    expect(seenBy(ann)).toEqual([['push', 'one']])
    expect(line.calls.all().map(({ status, headers }) => [status, headers['x-line-retry-key']])).toEqual([
      [null, key],
      [500, key],
      [409, key],
    ])
  })

  it('answers as usual about a customer who has blocked the account or never was a friend, and shows them nothing', async () => {
    const { ann, push, account } = await start()
    const stranger = account.addUser({ name: 'Stranger' })
    account.unfollow(ann)
    for (const { id } of [ann, stranger]) {
      expect((await push(id)).body).toEqual({
        sentMessages: [{ id: expect.any(String), quoteToken: expect.any(String) }],
      })
      expect(account.messagesFor(id)).toEqual([])
    }
    expect(account.sending.consumption()).toBe(0)
    account.follow(ann)
    await push(ann.id, [text('again')])
    expect(seenBy(ann)).toEqual([['push', 'again']])
  })

  it('fails for somebody who is not there, and for a group the account has left', async () => {
    const { ann, push, account } = await start()
    const group = account.addGroup({ name: 'Family', members: [ann] })
    await push(group.id, [text('hello all')])
    expect(seenBy(group.id)).toEqual([['push', 'hello all']])
    expect(seenBy(ann)).toEqual([])
    account.leave(group)
    for (const id of [group.id, `U${'0'.repeat(32)}`]) {
      const answer = await push(id)
      expect([answer.status, answer.body]).toEqual([400, { message: 'Failed to send messages' }])
    }
  })

  it('counts receivers against the monthly quota, until the month ends in Japan', async () => {
    const { ann, push, account, clock } = await start({ monthlyQuota: 4 })
    const ben = account.addUser({ isFriend: true })
    const group = account.addGroup({ name: 'Two', members: [ann, ben] })
    expect((await push(group.id)).status).toBe(200)
    expect((await push(ann.id, [text('1'), text('2')])).status).toBe(200)
    expect((await push(group.id)).body).toEqual({ message: 'You have reached your monthly limit.' })
    expect((await push(ann.id)).status).toBe(200)
    const over = await push(ann.id)
    expect([over.status, over.body]).toEqual([429, { message: 'You have reached your monthly limit.' }])
    expect((await world.call('GET', '/v2/bot/message/quota')).body).toEqual({ type: 'limited', value: 4 })
    expect((await world.call('GET', '/v2/bot/message/quota/consumption')).body).toEqual({ totalUsage: 4 })
    clock.now = Date.UTC(2026, 2, 31, 14, 59)
    expect((await push(ann.id)).status).toBe(429)
    clock.now = Date.UTC(2026, 2, 31, 15)
    expect((await push(ann.id)).status).toBe(200)
    account.sending.monthlyQuota = null
    expect((await world.call('GET', '/v2/bot/message/quota')).body).toEqual({ type: 'none' })
  })

  it('quotes only messages of this account', async () => {
    const { ann, push, account } = await start()
    const { message } = account.send(ann, { type: 'text', text: 'how much?' })
    const quoteToken = 'quoteToken' in message ? message.quoteToken : ''
    expect((await push(ann.id, [{ ...text('ten'), quoteToken }])).status).toBe(200)
    expect((await push(ann.id, [text('a'), { ...text('b'), quoteToken: 'made-up' }])).body).toEqual({
      message: 'The request body has 1 error(s)',
      details: [{ message: 'invalid quote token', property: 'messages[1].quoteToken' }],
    })
    expect(seenBy(ann)).toEqual([['push', 'ten']])
  })
})

describe('reply', () => {
  const reply = (replyToken: string, words = 'answer', headers = {}) =>
    world.call('POST', REPLY, { replyToken, messages: [text(words)] }, headers)

  it('answers an event once, within a minute', async () => {
    const { ann, account, clock } = await start()
    const first = account.send(ann, { type: 'text', text: 'one' })
    const second = account.send(ann, { type: 'text', text: 'two' })
    expect((await reply(first.replyToken)).body).toEqual({
      sentMessages: [{ id: account.messagesFor(ann)[0]?.id, quoteToken: expect.any(String) }],
    })
    const used = await reply(first.replyToken)
    expect([used.status, used.body]).toEqual([400, { message: 'Invalid reply token' }])
    clock.now += 60_001
    expect((await reply(second.replyToken)).status).toBe(400)
    expect((await reply('made-up')).status).toBe(400)
    expect(seenBy(ann)).toEqual([['reply', 'answer']])
  })

  it('goes where the event came from, also to who is no friend, but not to who has blocked', async () => {
    const { ann, account } = await start()
    const stranger = account.addUser()
    const group = account.addGroup({ name: 'Family', members: [ann] })
    await reply(account.send(stranger, { type: 'text', text: 'hi' }).replyToken, 'to the stranger')
    await reply(account.send(ann, { type: 'text', text: 'hi' }, { in: group }).replyToken, 'to the group')
    const last = account.send(ann, { type: 'text', text: 'bye' })
    account.unfollow(ann)
    expect((await reply(last.replyToken)).status).toBe(200)
    expect([seenBy(stranger), seenBy(group.id), seenBy(ann)]).toEqual([
      [['reply', 'to the stranger']],
      [['reply', 'to the group']],
      [],
    ])
  })

  it('takes no retry key and costs no quota', async () => {
    const { ann, account } = await start({ monthlyQuota: 0 })
    const { replyToken } = account.send(ann, { type: 'text', text: 'hi' })
    expect((await reply(replyToken, 'a', { 'x-line-retry-key': randomUUID() })).status).toBe(400)
    expect((await reply(replyToken)).status).toBe(200)
    expect(account.sending.consumption()).toBe(0)
  })
})

describe('multicast', () => {
  it('reaches each friend once, and is known again by its retry key', async () => {
    const { ann, account } = await start()
    const ben = account.addUser({ isFriend: true })
    const blocker = account.addUser({ isFriend: true })
    account.unfollow(blocker)
    const body = { to: [ann.id, ben.id, ben.id, blocker.id, `U${'1'.repeat(32)}`], messages: [text('news')] }
    const headers = { 'x-line-retry-key': randomUUID() }
    const first = await world.call('POST', MULTICAST, body, headers)
    expect([first.status, first.body]).toEqual([200, {}])
    const again = await world.call('POST', MULTICAST, body, headers)
    expect([again.status, again.body]).toEqual([409, { message: 'The retry key is already accepted' }])
    expect([seenBy(ann), seenBy(ben), seenBy(blocker)]).toEqual([[['multicast', 'news']], [['multicast', 'news']], []])
    expect(account.sending.consumption()).toBe(2)
  })
})

describe('notification messages', () => {
  const notify = (phone: string, headers: Record<string, string> = {}) =>
    world.call('POST', PNP, { to: phoneHash(phone), messages: [text('your parcel')] }, headers)

  it('reach a phone number, and are told of by their tag without a user id', async () => {
    const { account, events } = await start()
    const stranger = account.addUser({ phone: '+886900000001' })
    const tag = 'parcel-0000000000001'
    const answer = await notify('+886900000001', { 'x-line-delivery-tag': tag })
    expect([answer.status, answer.body]).toEqual([200, {}])
    expect(seenBy(stranger)).toEqual([['pnp', 'your parcel']])
    const told = await events()
    expect(told).toEqual([expect.objectContaining({ type: 'delivery', delivery: { data: tag } })])
    expect(JSON.stringify(told)).not.toContain(stranger.id)
  })

  it('are told of by the hashed number when they have no tag, or not at all when told so', async () => {
    const { account, events } = await start()
    await notify('+886912345678')
    account.tellsPnpDelivered = false
    await notify('+886912345678')
    expect(await events()).toEqual([expect.objectContaining({ delivery: { data: phoneHash('+886912345678') } })])
  })

  it('are refused with 422 for a number nobody has, or whose owner takes none or has blocked the account', async () => {
    const { ann, account, events } = await start()
    account.addUser({ phone: '+886900000002', takesNotifications: false })
    account.unfollow(ann)
    for (const phone of ['+886900000009', '+886900000002', '+886912345678']) {
      const answer = await notify(phone)
      expect([answer.status, answer.body]).toEqual([422, { message: 'Failed to send messages' }])
    }
    expect((await events()).map(({ type }) => type)).toEqual(['unfollow'])
  })

  it('carry a tag of 16 to 100 characters and no retry key', async () => {
    await start()
    expect((await notify('+886912345678', { 'x-line-delivery-tag': 'x'.repeat(15) })).status).toBe(400)
    expect((await notify('+886912345678', { 'x-line-delivery-tag': 'x'.repeat(101) })).status).toBe(400)
    expect((await notify('+886912345678', { 'x-line-retry-key': randomUUID() })).status).toBe(400)
    expect((await notify('+886912345678', { 'x-line-delivery-tag': 'x'.repeat(100) })).status).toBe(200)
  })
})
