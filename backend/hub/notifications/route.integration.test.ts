import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOURS, PHONE, TEXT, endWorlds, startNotifyWorld } from '../../../tests/notifications/world.ts'
import type { NotifyWorld } from '../../../tests/notifications/world.ts'
import { ChannelId } from '../../domain/ids.ts'
import { SHOP } from './sample-notifications.ts'

const PUSH = { path: /^\/v2\/bot\/message\/push$/ }
const PNP = { path: /^\/bot\/pnp\/push$/ }
const SMS = { path: /^\/sms$/ }
const FAILS = { type: 'answer', effect: 'none', status: 500, body: { message: 'Internal' } } as const

let world: NotifyWorld
beforeEach(async () => {
  world = await startNotifyWorld()
})
afterEach(() => world.close())
afterAll(endWorlds)

/** How often each of the three was called. */
const calls = () =>
  [...world.line.calls.all(), ...world.sms.calls.all()]
    .map(({ path }) => path)
    .filter((path) => [PUSH, PNP, SMS].some((one) => one.path.test(path)))

describe('the order of means', () => {
  it('[NTF-1] a phone that is matched to a LINE user gets a push, and nothing else', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(ann)
    const id = await world.send()
    await world.finish(id)
    expect(world.shown(ann)).toEqual([`push: ${TEXT}`])
    expect(await world.short(id)).toEqual(['sent', 'push accepted'])
    expect(calls()).toEqual(['/v2/bot/message/push'])
  })

  it('[NTF-1] [NTF-2] any other phone gets a notification message, whose delivery LINE tells by its tag', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    const id = await world.send({ phone: '0912 345 678' })
    await world.sweep()
    await world.settled()
    await world.sweep()
    expect(world.shown(ann)).toEqual([`pnp: ${TEXT}`])
    expect(await world.short(id)).toEqual(['delivered', 'pnp delivered'])
    const { headers } = world.line.calls.all().find(({ path }) => PNP.path.test(path)) ?? {}
    expect(headers?.['x-line-delivery-tag']).toMatch(/^[\w-]{32}$/)
    await world.after(48 * HOURS)
    expect(world.smsTo()).toEqual([])
  })

  it('[NTF-1] a phone that nobody on LINE has gets a SMS at once', async () => {
    const id = await world.send({ sms: '簡訊：訂單已到店' })
    await world.sweep()
    expect(world.smsTo()).toEqual(['簡訊：訂單已到店'])
    expect(await world.short(id)).toEqual(['sent', 'pnp refused channel.notReachable', 'sms accepted'])
  })

  it('[NTF-1] whoever blocked the account is not pushed to', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(ann)
    world.shop.unfollow(ann)
    await world.settled()
    const id = await world.send()
    await world.sweep()
    expect(await world.short(id)).toEqual(['sent', 'pnp refused channel.notReachable', 'sms accepted'])
  })

  it('[NTF-1] a push that LINE refuses for good is followed by the next means', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(ann)
    world.shop.sending.monthlyQuota = 0
    const id = await world.send()
    await world.sweep()
    await world.settled()
    await world.sweep()
    expect(world.shown(ann)).toEqual([`pnp: ${TEXT}`])
    expect(await world.short(id)).toEqual(['delivered', 'push refused channel.quota', 'pnp delivered'])
  })

  it('[NTF-1] another team’s match is not used', async () => {
    const ann = world.rival.addUser({ phone: PHONE })
    world.rival.follow(ann)
    await world.settled()
    await world.database.executeSql(
      `update contact set data = jsonb_set(data::jsonb, '{matchedPhone}', to_jsonb($1::text))::json where team_id = 'rival'`,
      [PHONE],
    )
    const id = await world.send()
    await world.sweep()
    expect(await world.short(id)).toEqual(['sent', 'pnp refused channel.notReachable', 'sms accepted'])
  })

  it('[NTF-1] what may not go by SMS ends where LINE cannot reach', async () => {
    const id = await world.send({ sms: null })
    await world.finish(id)
    expect(await world.short(id)).toEqual(['failed', 'pnp refused channel.notReachable'])
    expect(world.smsTo()).toEqual([])
  })
})

describe('24 hours', () => {
  it('[NTF-1] [NTF-2] a notification message of which LINE says nothing for 24 hours is followed by a SMS, once', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    world.shop.tellsPnpDelivered = false
    const id = await world.send()
    await world.sweep()
    expect(world.shown(ann)).toHaveLength(1)
    await world.after(24 * HOURS - 1)
    expect(await world.short(id)).toEqual(['waiting', 'pnp accepted'])
    expect(world.smsTo()).toEqual([])
    await world.after(1)
    expect(await world.short(id)).toEqual(['sent', 'pnp expired notification.undelivered', 'sms accepted'])
    await world.after(72 * HOURS)
    expect(world.smsTo()).toEqual([TEXT])
    expect(world.shown(ann)).toHaveLength(1)
  })

  it('[NTF-2] an event that comes while the SMS provider is down keeps the SMS from leaving', async () => {
    world.shop.addUser({ phone: PHONE })
    world.shop.tellsPnpDelivered = false
    world.sms.faults.next(SMS, { type: 'answer', effect: 'none', status: 429, body: {} })
    const id = await world.send()
    await world.sweep()
    await world.after(24 * HOURS)
    world.shop.pnpDelivered(await tagOf(id))
    await world.settled()
    await world.after(HOURS)
    expect((await world.course(id)).state).toBe('delivered')
    expect(world.smsTo()).toEqual([])
  })

  it('[NTF-2] an event that comes after the SMS is counted, and changes nothing else', async () => {
    world.shop.addUser({ phone: PHONE })
    world.shop.tellsPnpDelivered = false
    const id = await world.send()
    await world.sweep()
    await world.after(24 * HOURS)
    const tag = await tagOf(id)
    world.shop.pnpDelivered(tag)
    world.shop.pnpDelivered(tag)
    await world.settled()
    await world.sweep()
    expect(await world.short(id)).toEqual(['sent', 'pnp delivered', 'sms accepted'])
    const asked = await world.hub.as('admin', '/notifications/statistics?from=2026-11-01&to=2026-11-30')
    expect(await asked.json()).toMatchObject({ total: { pnpAccepted: 1, pnpDelivered: 1, sms: 1 } })
  })

  const tagOf = async (id: string): Promise<string> => {
    const { rows } = await world.database.executeSql(`select tag from notification where id = $1`, [id])
    return String(rows[0]?.['tag'])
  }
})

describe('a delivery event', () => {
  it('[NTF-2] is never shown in a conversation: no row that a member could see changes', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    // They have written before, so that there is a conversation in which it could be shown.
    world.shop.follow(ann)
    world.shop.send(ann, { type: 'text', text: '在嗎' })
    await world.settled()
    const before = await rowsThatAreSeen()
    expect(before.message).toHaveLength(1)
    const id = await world.send()
    await world.sweep()
    await world.settled()
    await world.sweep()
    world.shop.pnpDelivered('a tag that is none of ours')
    await world.settled()
    expect((await world.course(id)).state).toBe('delivered')
    expect(await rowsThatAreSeen()).toEqual(before)
  })

  it('[NTF-2] of another channel with the same tag changes nothing', async () => {
    world.shop.addUser({ phone: PHONE })
    world.shop.tellsPnpDelivered = false
    const id = await world.send()
    await world.sweep()
    const { rows } = await world.database.executeSql(`select tag from notification where id = $1`, [id])
    const tag = String(rows[0]?.['tag'])
    world.rival.pnpDelivered(tag)
    await world.settled()
    const { hub, database } = world
    await hub.notifications.notified(database.db, { teamId: SHOP, channelId: ChannelId.parse('second') }, tag)
    await world.sweep()
    expect(await world.short(id)).toEqual(['waiting', 'pnp accepted'])
  })

  it('[NTF-2] that comes before LINE has answered the request counts', async () => {
    world.shop.addUser({ phone: PHONE })
    world.line.faults.next(PNP, { type: 'slow', effect: 'done', ms: 400 })
    const id = await world.send()
    await world.sweep()
    await world.settled()
    await world.sweep()
    expect(await world.short(id)).toEqual(['delivered', 'pnp delivered'])
  })

  /** Every row of the tables that are shown to members, with the version at which it last changed. */
  async function rowsThatAreSeen() {
    const tables = ['message', 'conversation', 'contact', 'mark', 'tombstone', 'team_seq'] as const
    const all = tables.map(async (table) => {
      const { rows } = await world.database.executeSql(`select * from ${table} order by 1, 2`)
      return [table, rows] as const
    })
    return Object.fromEntries(await Promise.all(all))
  }
})

describe('when an answer is lost', () => {
  it.each([
    ['cut', { type: 'cut' }],
    ['a 500', { type: 'answer', status: 500, body: { message: 'Internal' } }],
    ['garbage', { type: 'garbage' }],
  ] as const)('[NTF-1] a push that was done in spite of %s is not done again', async (_, fault) => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(ann)
    world.line.faults.next({ ...PUSH, times: 3 }, { ...fault, effect: 'done' })
    const id = await world.send()
    await world.finish(id)
    expect(world.shown(ann)).toEqual([`push: ${TEXT}`])
    expect(await world.short(id)).toEqual(['sent', 'push accepted'])
    expect(world.smsTo()).toEqual([])
  })

  it('[NTF-1] a push of which nothing is known for a day ends as uncertain, and no other means follows', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(ann)
    world.line.faults.next({ ...PUSH, times: 1_000 }, { type: 'answer', effect: 'none', status: 500, body: FAILS.body })
    const id = await world.send()
    await world.finish(id)
    expect(await world.short(id)).toEqual(['uncertain', 'push uncertain channel.uncertain'])
    const { createdAt, endedAt } = await world.course(id)
    const lasted = (endedAt ?? 0) - createdAt
    expect(lasted).toBeGreaterThan(22 * HOURS)
    expect(lasted).toBeLessThan(24 * HOURS)
    expect(calls().filter((path) => path !== '/v2/bot/message/push')).toEqual([])
  })

  it('[NTF-1] a push while LINE cannot be reached at all is followed by the next means', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(ann)
    await world.lineIsGone()
    const id = await world.send()
    await world.finish(id)
    expect(await world.short(id)).toEqual([
      'sent',
      'push refused channel.failed',
      'pnp refused channel.failed',
      'sms accepted',
    ])
    expect(world.smsTo()).toEqual([TEXT])
  })

  it('[NTF-1] a notification message that was delivered in spite of a lost answer is not followed by a SMS', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    world.line.faults.next(PNP, { type: 'cut', effect: 'done' })
    const id = await world.send()
    await world.sweep()
    await world.settled()
    await world.finish(id)
    expect(world.shown(ann)).toEqual([`pnp: ${TEXT}`])
    expect(await world.short(id)).toEqual(['delivered', 'pnp delivered'])
    expect(world.smsTo()).toEqual([])
  })

  it('[NTF-1] a notification message with a lost answer is never sent again; a SMS follows after 24 hours', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    world.line.faults.next(PNP, { type: 'cut', effect: 'none' })
    const id = await world.send()
    await world.sweep()
    await world.after(24 * HOURS - 1)
    expect(await world.short(id)).toEqual(['waiting', 'pnp uncertain channel.uncertain'])
    expect(calls()).toEqual(['/bot/pnp/push'])
    await world.after(1)
    expect(await world.short(id)).toEqual(['sent', 'pnp expired notification.undelivered', 'sms accepted'])
    expect(world.shown(ann)).toEqual([])
    expect(world.smsTo()).toEqual([TEXT])
  })

  it('[NTF-1] a notification message that LINE only slows down is tried again', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    const slowDown = { type: 'answer', effect: 'none', status: 429, body: { message: 'Too many' } } as const
    world.line.faults.next({ ...PNP, times: 3 }, slowDown)
    const id = await world.send()
    await world.sweep()
    expect(await world.short(id)).toEqual(['queued', 'pnp trying channel.rateLimited'])
    await world.after(HOURS)
    await world.after(HOURS)
    await world.after(HOURS)
    await world.settled()
    await world.sweep()
    expect(world.shown(ann)).toEqual([`pnp: ${TEXT}`])
    expect((await world.course(id)).state).toBe('delivered')
  })

  it.each([
    ['cut', 'done', { type: 'cut' }],
    ['cut', 'none', { type: 'cut' }],
    ['a 500', 'done', { type: 'answer', status: 500, body: {} }],
    ['a 500', 'none', { type: 'answer', status: 500, body: {} }],
    ['a 429', 'none', { type: 'answer', status: 429, body: {} }],
    ['silence', 'done', { type: 'hang', ms: 2_000 }],
  ] as const)('[NTF-1] a SMS whose answer is %s (%s) is sent once', async (_, effect, fault) => {
    world.sms.faults.next({ ...SMS, times: 2 }, { ...fault, effect })
    const id = await world.send()
    await world.finish(id)
    expect(world.smsTo()).toEqual([TEXT])
    expect(await world.short(id)).toEqual(['sent', 'pnp refused channel.notReachable', 'sms accepted'])
    const references = world.sms.calls.all().map(({ body }) => JSON.stringify(body))
    expect(new Set(references).size).toBe(1)
  })

  it('[NTF-1] a SMS provider that never answers rightly leaves it uncertain, one that refuses leaves it failed', async () => {
    world.sms.faults.next({ ...SMS, times: 1_000 }, { ...FAILS })
    const unsure = await world.send({}, 'a')
    await world.finish(unsure)
    expect(await world.short(unsure)).toEqual([
      'uncertain',
      'pnp refused channel.notReachable',
      'sms uncertain channel.uncertain',
    ])
    expect((await world.course(unsure)).tries[1]).toMatchObject({ attempts: 12, platformCode: 'HTTP 500' })
    world.sms.faults.clear()
    await world.setSms({ token: 'another' })
    const refused = await world.send({}, 'b')
    await world.finish(refused)
    expect(await world.short(refused)).toEqual([
      'failed',
      'pnp refused channel.notReachable',
      'sms refused sms.rejected',
    ])
  })
})

describe('what stays', () => {
  it('[NTF-1] no number and no text is left in the database or the log when it has ended', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    await world.matched(world.shop.addUser({ phone: '+886987654321' }), '+886987654321')
    const id = await world.send()
    const other = await world.send({ phone: '+886987654321' }, 'order-2')
    await world.sweep()
    await world.settled()
    await world.sweep()
    expect(world.shown(ann)).toHaveLength(1)
    const tables = ['notification', 'notification_try', 'inbound_event', 'audit']
    const kept = await Promise.all(
      tables.map(async (table) => JSON.stringify((await world.database.executeSql(`select * from ${table}`)).rows)),
    )
    expect(kept.join('')).toContain(id)
    expect(kept.join('')).toContain(other)
    const { rows } = await world.database.executeSql(`select content from notification`)
    expect(rows.map(({ content }) => content)).toEqual([null, null])
    for (const secret of [TEXT, '912345678', '987654321']) {
      expect(kept.join('')).not.toContain(secret)
      expect(world.hub.written.join('')).not.toContain(secret)
    }
  })

  it('[NTF-1] while it is under way, number and text are sealed', async () => {
    world.shop.addUser({ phone: PHONE })
    world.shop.tellsPnpDelivered = false
    await world.send()
    await world.sweep()
    const { rows } = await world.database.executeSql(`select encode(content, 'escape') as content from notification`)
    expect(String(rows[0]?.['content']).length).toBeGreaterThan(50)
    expect(JSON.stringify(rows)).not.toMatch(/912345678|phone/)
  })
})
