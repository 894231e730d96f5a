import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOURS, PHONE, TEXT, endWorlds, startNotifyWorld } from '../../../tests/notifications/world.ts'
import type { NotifyWorld } from '../../../tests/notifications/world.ts'
import { ChannelId } from '../../domain/ids.ts'
import { NotificationSettings, Statistics } from '../../domain/notifications/views.ts'
import { ROLES } from '../../domain/rows.ts'
import type { Team } from '../../domain/rows.ts'
import { newTeam } from '../../domain/team/team.ts'
import { SHOP, lineChannel } from './sample-notifications.ts'

const PROVIDER_TOKEN = 'token-of-the-sms-provider'
const FIELDS = { to: '{to}', text: '{text}', reference: '{reference}' }

let world: NotifyWorld
beforeEach(async () => {
  world = await startNotifyWorld()
})
afterEach(() => world.close())
afterAll(endWorlds)

const ask = (who: string, path: string, method = 'GET', body?: unknown) =>
  world.hub.as(who, `/notifications/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
const settings = async (who = 'admin') => NotificationSettings.parse(await (await ask(who, 'settings')).json())
const RANGE = 'statistics?from=2026-11-01&to=2026-11-30'
const statistics = async (query = RANGE) => Statistics.parse(await (await ask('admin', query)).json())

const setModules = (modules: Team['modules']) =>
  world.hub.core.importRows(SHOP, [['team', newTeam({ id: SHOP, name: '好日子', modules })]])

async function refusal(answer: Response | Promise<Response>): Promise<unknown[]> {
  const response = await answer
  const { error }: { error: { code: string; params: Record<string, unknown> } } = await response.json()
  return [response.status, error.code, ...Object.values(error.params)]
}

async function audit(): Promise<string[]> {
  const { rows } = await world.database.executeSql(`select member_id, command, accepted, code from audit order by n`)
  return rows.map((row) => [row['member_id'], row['command'], row['accepted'] ? 'done' : row['code']].join(' '))
}

describe('who may see and change what', () => {
  it('[NTF-1] statistics: admins, supervisors and marketers; settings: admins', async () => {
    const allowed = async (path: string) => {
      const answers = await Promise.all(ROLES.map(async (role) => [role, (await ask(role, path)).status] as const))
      return answers.flatMap(([role, status]) => (status === 200 ? [role] : []))
    }
    expect(await allowed(RANGE)).toEqual(['admin', 'supervisor', 'marketer'])
    expect(await allowed('settings')).toEqual(['admin'])
    const { error } = await (await ask('cs_agent', RANGE)).json()
    expect(error).toMatchObject({ code: 'member.mayNot', whoCould: ['admin', 'supervisor', 'marketer'] })
  })

  it('[ROL-5] nobody, and none of its systems, when the module is not in the team’s plan', async () => {
    const id = await world.send()
    await setModules(['omo'])
    const missing = [403, 'module.missing', 'lineNotifications']
    expect(await refusal(ask('admin', RANGE))).toEqual(missing)
    expect(await refusal(ask('admin', 'settings'))).toEqual(missing)
    expect(await refusal(ask('admin', 'keys', 'POST', { name: 'x' }))).toEqual(missing)
    expect(await refusal(world.hub.call(world.key, `/v1/notifications/${id}`))).toEqual(missing)
    expect(await refusal(world.hub.call(world.key, '/v1/notifications', { method: 'POST', body: '{}' }))).toEqual(
      missing,
    )
    await setModules(['lineNotifications'])
    expect((await ask('admin', 'settings')).status).toBe(200)
  })

  it('[ROL-6] every change leaves an audit entry, refused ones too, without what was given', async () => {
    const before = (await audit()).length
    const { view } = await world.makeKey()
    await ask('admin', `keys/${view.id}/revoke`, 'POST')
    await ask('admin', `keys/${view.id}/revoke`, 'POST')
    await ask('marketer', 'keys', 'POST', { name: 'x' })
    await ask('supervisor', 'sms', 'DELETE')
    await ask('admin', 'sms', 'DELETE')
    await world.setSms()
    await ask('admin', 'sms/test', 'POST', { phone: PHONE, text: TEXT })
    await ask('admin', 'channel', 'PUT', { channelId: 'line' })
    await ask('admin', 'channel', 'PUT', { channelId: 'theirs' })
    expect((await audit()).slice(before)).toEqual([
      'admin notificationKey.make done',
      'admin notificationKey.revoke done',
      'admin notificationKey.revoke request.notFound',
      'marketer notificationKey.make member.mayNot',
      'supervisor smsProvider.remove member.mayNot',
      'admin smsProvider.remove done',
      'admin smsProvider.change done',
      'admin smsProvider.test done',
      'admin notification.chooseChannel done',
      'admin notification.chooseChannel notification.channel',
    ])
    const { rows } = await world.database.executeSql(`select * from audit`)
    for (const secret of [TEXT, '912345678', PROVIDER_TOKEN]) expect(JSON.stringify(rows)).not.toContain(secret)
  })
})

describe('API keys', () => {
  it('[NTF-1] are named, known by their last four letters, and say when they were used', async () => {
    await world.send()
    const [{ madeAt, usedAt, tail, ...key } = (await settings()).keys[0]!] = (await settings()).keys
    expect(key).toMatchObject({ name: '訂單系統', madeBy: 'admin', revokedAt: null })
    expect([tail, madeAt, usedAt]).toEqual([world.key.slice(-4), world.clock.now, world.clock.now])
    expect(JSON.stringify(await settings())).not.toContain(world.key.slice(3, 20))
  })

  it('need a name, and there are so many at most', async () => {
    expect(await refusal(ask('admin', 'keys', 'POST', { name: ' ' }))).toEqual([400, 'text.empty'])
    for (let n = 1; n < 20; n += 1) await world.makeKey()
    expect(await refusal(ask('admin', 'keys', 'POST', { name: 'x' }))).toEqual([409, 'notification.keys', 20])
    const [first] = (await settings()).keys
    await ask('admin', `keys/${first?.id}/revoke`, 'POST')
    expect((await ask('admin', 'keys', 'POST', { name: 'x' })).status).toBe(201)
  })

  it('of another team cannot be revoked', async () => {
    const { view } = await world.makeKey('rival/admin')
    expect(await refusal(ask('admin', `keys/${view.id}/revoke`, 'POST'))).toEqual([404, 'request.notFound'])
  })
})

describe('the SMS provider', () => {
  it('[NTF-1] keeps its token to itself, sealed', async () => {
    expect((await settings()).sms).toEqual({ url: world.sms.url, fields: FIELDS })
    const { rows } = await world.database.executeSql(
      `select *, encode(sms_token, 'escape') as escaped from notification_settings`,
    )
    expect(JSON.stringify(rows)).not.toContain(PROVIDER_TOKEN)
    expect(world.hub.written.join('')).not.toContain(PROVIDER_TOKEN)
  })

  it('keeps the token when none is given, but not for another address', async () => {
    expect((await world.setSms({ token: undefined, url: `${world.sms.url}?v=2` })).status).toBe(200)
    const elsewhere = { token: undefined, url: 'https://sms.example/send' }
    expect(await refusal(world.setSms(elsewhere))).toEqual([400, 'request.invalid', 'token'])
    await world.setSms()
    const id = await world.send()
    await world.sweep()
    expect(await world.short(id)).toContain('sms accepted')
  })

  it.each([
    'ftp://sms.example',
    'http://sms.example/send',
    'http://10.0.0.1/send',
    'https://user:password@sms.example/send',
    'sms.example',
    '',
  ])('an address like %j is refused: numbers and texts go over TLS', async (url) => {
    expect(await refusal(world.setSms({ url }))).toEqual([400, 'sms.address'])
  })

  it.each([
    {},
    { to: '{to}', text: '{text}' },
    { to: '{to}', reference: '{reference}' },
    { text: '{text}', reference: '{reference}' },
  ])('fields like %j are refused: number, text and reference have to be in them', async (fields) => {
    expect((await refusal(world.setSms({ fields })))[2]).toBe('fields')
  })

  it('[NTF-1] gets the fields as they were set up, each placeholder once', async () => {
    await world.setSms({ fields: { to: '{to}', text: '【好日子】{text}', reference: '{reference}' } })
    const id = await world.send({ sms: '{to} {reference}' })
    await world.sweep()
    expect(world.smsTo()).toEqual(['【好日子】{to} {reference}'])
    await world.setSms({ fields: { mobile: '{local}', message: '{text}', order: 'ct-{reference}', sender: 'SHOP' } })
    const other = await world.send({}, 'b')
    await world.sweep()
    expect(world.sms.calls.all().at(-1)?.body).toEqual({
      mobile: '0912345678',
      message: TEXT,
      order: `ct-${other}`,
      sender: 'SHOP',
    })
    expect(await world.short(id)).toContain('sms accepted')
  })

  it('[NTF-1] a test goes out at once, and what the provider answers is told', async () => {
    const test = (phone = PHONE) => ask('admin', 'sms/test', 'POST', { phone, text: '測試' })
    expect((await test()).status).toBe(200)
    expect(world.smsTo()).toEqual(['測試'])
    expect(await refusal(test('123'))).toEqual([400, 'notification.phone'])
    await world.setSms({ token: 'another' })
    expect(await refusal(test())).toEqual([502, 'sms.refused', 401])
    await world.setSms({ url: 'http://127.0.0.1:9/sms', token: 'another' })
    expect(await refusal(test())).toEqual([502, 'sms.unreachable'])
    await ask('admin', 'sms', 'DELETE')
    expect(await refusal(test())).toEqual([409, 'sms.unconfigured'])
    for (let n = 0; n < 10; n += 1) await test()
    expect((await refusal(test()))[1]).toBe('request.tooMany')
  })

  it('[NTF-1] without one, a notification that LINE cannot deliver ends as failed', async () => {
    await ask('admin', 'sms', 'DELETE')
    const id = await world.send()
    await world.sweep()
    expect(await world.short(id)).toEqual([
      'failed',
      'pnp refused channel.notReachable',
      'sms refused sms.unconfigured',
    ])
  })
})

describe('the statistics', () => {
  it('[NTF-1] [NTF-2] count each way by day, in the team’s time zone, and by channel', async () => {
    const ann = world.shop.addUser({ phone: PHONE })
    // 23:59 on the 19th in Taipei, where it is 15:59 by UTC.
    world.clock.now = Date.UTC(2026, 10, 19, 15, 59)
    const first = await world.send({}, 'a')
    await world.sweep()
    world.clock.now += 2 * 60_000
    await world.settled()
    await world.sweep()
    await world.matched(ann)
    await world.send({}, 'b')
    await world.send({ phone: '+886987654321' }, 'c')
    await world.send({ phone: '+886987654321', sms: null }, 'd')
    await world.sweep()
    expect((await world.course(first)).state).toBe('delivered')
    const none = { push: 0, pnpAccepted: 0, pnpDelivered: 0, sms: 0, failed: 0, uncertain: 0, matched: 0 }
    const result = await statistics()
    expect(result.timeZone).toBe('Asia/Taipei')
    // When LINE's word came is known by the hub's clock at that moment, which may be either day here.
    const { pnpDelivered: delivered, ...rest } = result.total
    expect([delivered, rest]).toEqual([1, { push: 1, pnpAccepted: 1, sms: 1, failed: 1, uncertain: 0, matched: 0 }])
    expect(result.rows.map(({ day }) => day)).toEqual(['2026-11-19', '2026-11-20'])
    expect(result.rows[0]).toMatchObject({ channelId: 'line', pnpAccepted: 1, push: 0 })
    expect(result.rows[1]).toMatchObject({ channelId: 'line', push: 1, sms: 1, failed: 1, pnpAccepted: 0 })
    const narrow = await statistics('statistics?from=2026-11-20&to=2026-11-20')
    expect(narrow.rows.map(({ day }) => day)).toEqual(['2026-11-20'])
    const elsewhere = await statistics('statistics?from=2026-11-01&to=2026-11-30&channelId=second')
    expect([elsewhere.rows, elsewhere.total]).toEqual([[], none])
  })

  it('[NTF-1] of each channel are its own, and another team sees none', async () => {
    const second = ChannelId.parse('second')
    await world.hub.core.importRows(SHOP, [['channel', lineChannel(second, '分店')]])
    await world.send({ channelId: 'line' }, 'a')
    await world.send({ channelId: second }, 'b')
    await world.sweep()
    const { rows } = await statistics()
    expect(rows.map(({ channelId, sms }) => [channelId, sms])).toEqual([
      ['line', 1],
      [second, 1],
    ])
    const theirs = await world.hub.as('rival/admin', `/notifications/${RANGE}`)
    expect(Statistics.parse(await theirs.json()).rows).toEqual([])
  })

  it('[NTF-3] have no number of friends gained by notification messages, but since when there is none', async () => {
    const { friends, total } = await statistics()
    expect(friends).toEqual({ endedOn: '2026-07-01' })
    expect(Object.keys(total)).not.toContain('friends')
  })

  it.each(['from=2026-11-30&to=2026-11-01', 'from=2025-01-01&to=2026-11-30', 'from=x&to=y', '', 'from=2026-11-01'])(
    'a range like %j is refused',
    async (query) => {
      expect((await refusal(ask('admin', `statistics?${query}`))).slice(0, 2)).toEqual([400, 'request.invalid'])
    },
  )

  it('are kept for a year and more, and what is older goes', async () => {
    const id = await world.send()
    await world.sweep()
    world.clock.now += 399 * 24 * HOURS
    await world.hub.notifications.tidy()
    expect((await world.course(id)).state).toBe('sent')
    world.clock.now += 2 * 24 * HOURS
    await world.hub.notifications.tidy()
    expect((await world.hub.call(world.key, `/v1/notifications/${id}`)).status).toBe(404)
    expect((await world.database.executeSql(`select * from notification_try`)).rows).toEqual([])
  })
})

describe('the settings', () => {
  it('[NTF-5] say which channels can have add-friend links, and the address to set at LINE Login', async () => {
    const { channels, callbackUrl, sendUrl } = await settings()
    expect(channels).toEqual([{ id: 'line', name: 'LINE', login: true }])
    expect([callbackUrl, sendUrl]).toEqual(['https://hub.example/f/back', 'https://hub.example/v1/notifications'])
    await world.hub.connect({ loginChannelId: '' })
    expect((await settings()).channels).toEqual([{ id: 'line', name: 'LINE', login: false }])
  })
})
