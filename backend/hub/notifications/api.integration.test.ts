import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PHONE, TEXT, endWorlds, startNotifyWorld } from '../../../tests/notifications/world.ts'
import type { NotifyWorld } from '../../../tests/notifications/world.ts'
import { ChannelId } from '../../domain/ids.ts'
import { SHOP, lineChannel } from './sample-notifications.ts'

let world: NotifyWorld
beforeEach(async () => {
  world = await startNotifyWorld()
})
afterEach(() => world.close())
afterAll(endWorlds)

const BODY = { phone: PHONE, text: TEXT }

/** Status, and the refusal's code with its parameters. */
async function refusal(answer: Response | Promise<Response>): Promise<unknown[]> {
  const response = await answer
  const { error }: { error: { code: string; params: Record<string, unknown> } } = await response.json()
  return [response.status, error.code, ...Object.values(error.params)]
}

describe('who may ask', () => {
  it('[NTF-1] only whoever has an API key, which is kept nowhere', async () => {
    expect(world.key).toMatch(/^ct_[\w-]{43}$/)
    for (const as of ['', 'ct_', 'admin', `ct_${'x'.repeat(43)}`, world.key.slice(0, -1), `${world.key}x`]) {
      expect(await refusal(world.post(BODY, { as }))).toEqual([401, 'request.unauthorised'])
    }
    const { rows } = await world.database.executeSql(`select *, encode(hash, 'escape') from notification_key`)
    expect(JSON.stringify(rows)).not.toContain(world.key)
    expect(JSON.stringify(rows)).not.toContain(world.key.slice(3))
    expect((await world.post(BODY)).status).toBe(202)
  })

  it('[NTF-1] a key that was revoked opens nothing, not even what was asked with it', async () => {
    const { key, view } = await world.makeKey()
    const { id } = await (await world.post(BODY, { as: key })).json()
    expect((await world.hub.as('admin', `/notifications/keys/${view.id}/revoke`, { method: 'POST' })).status).toBe(200)
    expect(await refusal(world.post(BODY, { as: key }))).toEqual([401, 'request.unauthorised'])
    expect(await refusal(world.hub.call(key, `/v1/notifications/${id}`))).toEqual([401, 'request.unauthorised'])
    expect((await world.course(id)).id).toBe(id)
  })

  it('[NTF-1] another team’s key sees and repeats nothing of ours', async () => {
    const { key } = await world.makeKey('rival/admin')
    const id = await world.send()
    expect(await refusal(world.hub.call(key, `/v1/notifications/${id}`))).toEqual([404, 'request.notFound'])
    const theirs = await (await world.post(BODY, { as: key })).json()
    expect(theirs.id).not.toBe(id)
  })

  it('each key has so many requests a minute, and wrong ones make an address wait', async () => {
    await world.close()
    world = await startNotifyWorld({ limits: { key: 3, wrong: 2 } })
    const { key: other } = await world.makeKey()
    for (const idempotencyKey of ['a', 'b', 'c']) expect((await world.post(BODY, { idempotencyKey })).status).toBe(202)
    const slowed = await world.post(BODY, { idempotencyKey: 'd' })
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refusal(slowed)).toEqual([429, 'request.tooMany', expect.any(Number)])
    expect((await world.post(BODY, { idempotencyKey: 'd', as: other })).status).toBe(202)
    const guess = () => world.post(BODY, { as: `ct_${'x'.repeat(43)}` })
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429])
  })
})

describe('asking again', () => {
  it('[NTF-1] the same key and body get the same answer, and nothing is sent twice', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    const first = await world.post(BODY)
    const answer = await first.text()
    await world.sweep()
    // Written otherwise, and with what is usual named: the same.
    const same = { text: TEXT, phone: '0912-345-678', sms: TEXT, addFriendLink: false }
    const again = await world.post(same)
    expect([again.status, await again.text()]).toEqual([202, answer])
    expect(first.status).toBe(202)
    await world.sweep()
    expect(world.shown(ann)).toEqual([`pnp: ${TEXT}`])
  })

  it('[NTF-1] the same key with another body is refused, whatever it is', async () => {
    await world.send()
    for (const other of [
      { ...BODY, text: '別的' },
      { ...BODY, phone: '+886987654321' },
      { ...BODY, sms: null },
      { ...BODY, sms: '短' },
      { ...BODY, channelId: 'line' },
      { ...BODY, addFriendLink: true },
    ]) {
      expect(await refusal(world.post(other))).toEqual([409, 'notification.repeat'])
    }
  })

  it('[NTF-1] many at the same moment are one', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.post(BODY)))
    const ids = await Promise.all(answers.map(async (one) => JSON.stringify(await one.json())))
    expect(new Set(ids).size).toBe(1)
    await world.sweep()
    expect(world.shown(ann)).toEqual([`pnp: ${TEXT}`])
  })

  it('[NTF-1] a repeat is answered as before when the channel has gone meanwhile', async () => {
    const id = await world.send()
    await world.hub.core.system(SHOP, 'channel.health', {
      channelId: ChannelId.parse('line'),
      connected: false,
      problem: null,
    })
    expect(await world.send()).toBe(id)
    expect(await refusal(world.post(BODY, { idempotencyKey: 'order-2' }))).toEqual([400, 'notification.channel'])
  })
})

describe('what is asked', () => {
  it.each([
    [[], 'json'],
    ['text', 'json'],
    [null, 'json'],
    [{}, 'phone'],
    [{ phone: PHONE }, 'text'],
    [{ phone: 912345678, text: TEXT }, 'phone'],
    [{ ...BODY, phone: '9'.repeat(101) }, 'phone'],
    [{ ...BODY, sms: 1 }, 'sms'],
    [{ ...BODY, channelId: '../x' }, 'channelId'],
    [{ ...BODY, addFriendLink: 'yes' }, 'addFriendLink'],
    [{ ...BODY, sms: null, addFriendLink: true }, 'addFriendLink'],
    [{ ...BODY, more: 1 }, 'json'],
    [{ ...BODY, __proto__: { polluted: 1 } }, null],
  ])('%j: the field that is wrong is named', async (body, field) => {
    const answer = await world.post(body)
    if (field === null) expect(answer.status).toBe(202)
    else expect(await refusal(answer)).toEqual([400, 'request.invalid', field])
  })

  it('a body that is no JSON, or too large, is refused', async () => {
    const post = (body: string, headers: Record<string, string> = {}) =>
      world.hub.call(world.key, '/v1/notifications', {
        method: 'POST',
        headers: { 'idempotency-key': 'a', ...headers },
        body,
      })
    expect(await refusal(post('{"phone":'))).toEqual([400, 'request.invalid', 'body'])
    expect(await refusal(post('x'.repeat(70_000)))).toEqual([413, 'request.tooLarge', 65_536])
    expect((await post(JSON.stringify(BODY), { 'content-type': 'text/plain' })).status).toBe(400)
  })

  it.each([undefined, '', ' ', 'a b', '訂單', 'x'.repeat(201)])('idempotency key %j is none', async (given) => {
    const headers: Record<string, string> = given === undefined ? {} : { 'idempotency-key': encodeURI(given) }
    if (given === '訂單') headers['idempotency-key'] = Buffer.from(given).toString('latin1')
    if (given === 'a b') headers['idempotency-key'] = given
    const answer = world.hub.call(world.key, '/v1/notifications', {
      method: 'POST',
      headers,
      body: JSON.stringify(BODY),
    })
    if (given === ' ') return expect((await answer).status).toBe(202)
    expect(await refusal(answer)).toEqual([400, 'request.invalid', 'idempotency-key'])
  })

  it('[NTF-1] texts are measured, each by its own limit', async () => {
    const sms = { sms: '短' }
    expect((await world.post({ ...BODY, ...sms, text: '字'.repeat(5_000) })).status).toBe(202)
    const post = (more: object) => world.post({ ...BODY, ...more }, { idempotencyKey: 'b' })
    expect(await refusal(post({ ...sms, text: '字'.repeat(5_001) }))).toEqual([400, 'text.tooLong', 5_001, 5_000])
    expect(await refusal(post({ text: '字'.repeat(336) }))).toEqual([400, 'text.tooLong', 336, 335])
    expect(await refusal(post({ sms: '字'.repeat(336) }))).toEqual([400, 'text.tooLong', 336, 335])
    expect(await refusal(post({ sms: '字'.repeat(330), addFriendLink: true }))).toEqual([
      400,
      'text.tooLong',
      expect.any(Number),
      402,
    ])
    expect(await refusal(post({ text: ' \u0000 ' }))).toEqual([400, 'text.empty'])
    expect(await refusal(post({ sms: '' }))).toEqual([400, 'text.empty'])
    expect((await post({ text: '字'.repeat(336), sms: null })).status).toBe(202)
  })

  it('[NTF-1] a number that is none is refused with a code', async () => {
    for (const phone of ['', '123', 'Ann', '+8869123456789012', "0912345678' or 1=1"]) {
      expect(await refusal(world.post({ ...BODY, phone }))).toEqual([400, 'notification.phone'])
    }
  })

  it('[NTF-1] goes through the channel that is named, the team’s choice, or its only one', async () => {
    const second = ChannelId.parse('second')
    expect(await refusal(world.post({ ...BODY, channelId: 'theirs' }))).toEqual([400, 'notification.channel'])
    const only = await world.send({}, 'a')
    await world.hub.core.importRows(SHOP, [['channel', lineChannel(second, '分店')]])
    expect(await refusal(world.post(BODY, { idempotencyKey: 'b' }))).toEqual([400, 'notification.channel'])
    const named = await world.send({ channelId: 'line' }, 'b')
    const choose = (channelId: string | null) =>
      world.hub.as('admin', '/notifications/channel', { method: 'PUT', body: JSON.stringify({ channelId }) })
    expect((await choose(second)).status).toBe(200)
    expect(await refusal(choose('theirs'))).toEqual([400, 'notification.channel'])
    const chosen = await world.send({}, 'c')
    const channels = [only, named, chosen].map(async (id) => (await world.course(id)).channelId)
    expect(await Promise.all(channels)).toEqual(['line', 'line', second])
  })

  it('an id that is none of ours is not found', async () => {
    expect(await refusal(world.hub.call(world.key, '/v1/notifications/x'))).toEqual([400, 'request.invalid', 'id'])
    const none = 'x'.repeat(22)
    expect(await refusal(world.hub.call(world.key, `/v1/notifications/${none}`))).toEqual([404, 'request.notFound'])
  })
})

describe('the course', () => {
  it('[NTF-1] has each means, with times by the hub’s clock', async () => {
    const at = world.clock.now
    const id = await world.send()
    await world.sweep()
    expect(await world.course(id)).toEqual({
      id,
      channelId: 'line',
      state: 'sent',
      createdAt: at,
      endedAt: at,
      tries: [
        {
          means: 'pnp',
          state: 'refused',
          code: 'channel.notReachable',
          platformCode: 'Failed to send messages',
          attempts: 1,
          begunAt: at,
          acceptedAt: null,
          deliveredAt: null,
          endedAt: at,
        },
        {
          means: 'sms',
          state: 'accepted',
          code: null,
          platformCode: null,
          attempts: 1,
          begunAt: at,
          acceptedAt: at,
          deliveredAt: null,
          endedAt: at,
        },
      ],
    })
  })
})
