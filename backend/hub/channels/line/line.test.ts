import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChannelId, TeamId } from '../../../domain/ids.ts'
import type { LineAccount as FakeAccount } from '../../../../tests/fakes/line/account.ts'
import { startLine } from '../../../../tests/fakes/line/line.ts'
import type { LineFake } from '../../../../tests/fakes/line/line.ts'
import { phoneHash } from '../../../../tests/fakes/line/people.ts'
import type { User } from '../../../../tests/fakes/line/people.ts'
import type { Fault } from '../../../../tests/fakes/platform/faults.ts'
import { startHook } from '../../../../tests/fakes/platform/hook.ts'
import type { Hook } from '../../../../tests/fakes/platform/hook.ts'
import type { Connection } from '../platform.ts'
import { LineAccount } from './account.ts'
import { LIMITS, lineClient } from './client.ts'
import { createLinePlatform, linePlatform } from './line.ts'
import { verifyIdToken } from './login.ts'
import { pushNotification, pushText } from './notify.ts'
import { retryKeyOf } from './push.ts'
import { RICH_MENU_USERS_MAX, setRichMenuOf } from './rich-menus.ts'

const ACCESS = 'access-token-of-the-channel'
const SECRET = 'secret-of-the-channel'
const SHOP = TeamId.parse('shop')
const PATIENT = { answer: 20_000, content: 20_000 }
const HASTY = { answer: 300, content: 300 }
const WEBHOOK = 'https://hub.example/line'
const GIVEN = {
  channelId: '1',
  channelSecret: SECRET,
  accessToken: ACCESS,
  loginChannelId: '2',
  loginChannelSecret: '3',
}

let line: LineFake
let account: FakeAccount
let hook: Hook
let ann: User
const open: (() => Promise<unknown> | void)[] = []

beforeEach(async () => {
  line = await startLine()
  hook = await startHook()
  account = line.addAccount({
    channelId: '1',
    channelSecret: SECRET,
    accessToken: ACCESS,
    webhookUrl: WEBHOOK,
    name: 'Shop',
    basicId: '@shop',
    loginChannelId: '2',
    tunnel: { 'https://hub.example': `http://127.0.0.1:${hook.port}` },
  })
  ann = account.addUser({ name: 'Ann', isFriend: true, phone: '+886912345678' })
  open.push(
    () => line.close(),
    () => hook.close(),
  )
})

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const outside = (addresses = {}) => ({
  addresses: { line: line.apiUrl, lineData: line.dataUrl, ...addresses },
  clock: () => Date.now(),
})

function connect(limits = PATIENT, addresses = {}): Required<Omit<Connection, 'templates' | 'setBlocked'>> {
  const place = { teamId: SHOP, channelId: ChannelId.parse('line') }
  const { media, profile, setRichMenu, notices, ...rest } = createLinePlatform(limits).connect(
    place,
    GIVEN,
    outside(addresses),
  )
  if (!media || !profile || !setRichMenu || !notices) throw new Error('the platform lacks what LINE has')
  return { media, profile, setRichMenu, notices, ...rest }
}
const client = (limits = PATIENT) => lineClient({ accessToken: ACCESS }, outside(), limits)

/** How it failed; an error's words may go into a log, so they are looked at here. */
async function failure(doing: Promise<unknown>): Promise<unknown> {
  const error: unknown = await doing.then(
    (value) => new Error(`it worked: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  const said = inspect(error, { depth: 10, showHidden: true })
  for (const secret of [ACCESS, SECRET, ann.id, '912345678', phoneHash('+886912345678'), 'hello']) {
    expect(said).not.toContain(secret)
  }
  return error
}

const later = (code = 'channel.failed') => ({ name: 'TryLater', code })

/** Each way LINE can fail to answer at all, and what it costs to find out. */
const SILENCES: [string, Fault, typeof PATIENT][] = [
  ['hang', { type: 'hang', ms: 60_000, effect: 'none' }, HASTY],
  ['cut', { type: 'cut', effect: 'none' }, PATIENT],
  ['500', { type: 'answer', status: 500, body: { message: 'Internal Server Error' }, effect: 'none' }, PATIENT],
]
const GARBAGE: (typeof SILENCES)[number] = ['garbage', { type: 'garbage', effect: 'none' }, PATIENT]
const answer = (status: number, message: string): Fault => ({
  type: 'answer',
  effect: 'none',
  status,
  body: { message },
})

describe('the account', () => {
  it('has three secrets, and is spoken for with LINE’s own patience', () => {
    expect([linePlatform.kind, linePlatform.secrets]).toEqual([
      'line',
      ['channelSecret', 'accessToken', 'loginChannelSecret'],
    ])
    expect(LIMITS).toEqual({ answer: 10_000, content: 15_000 })
  })

  it('need not have LINE Login', () => {
    const { loginChannelId: _, loginChannelSecret: __, ...rest } = GIVEN
    expect(linePlatform.account.parse(rest)).toEqual({ ...rest, loginChannelId: '', loginChannelSecret: '' })
    expect(linePlatform.account.parse({ ...GIVEN, accessToken: ` ${ACCESS}\n` })).toEqual(GIVEN)
  })

  it('is refused with a field that is empty, unknown, or fits into no header, and none of it is told', () => {
    for (const wrong of [
      { channelSecret: '' },
      { accessToken: `${ACCESS}\nx: y` },
      { channelId: '' },
      { password: SECRET },
    ]) {
      const parsed = LineAccount.safeParse({ ...GIVEN, ...wrong })
      expect(parsed.success).toBe(false)
      for (const secret of [ACCESS, SECRET]) expect(inspect(parsed.error)).not.toContain(secret)
    }
  })
})

describe('media', () => {
  const BYTES = Buffer.from('\u0089PNG the picture’s bytes')
  const sendPicture = () => account.send(ann, { type: 'image', bytes: BYTES, mime: 'image/png' }).message.id
  const CONTENT = /\/content$/

  it('are the bytes the customer sent, with LINE’s word for their type', async () => {
    const fetched = await connect().media(sendPicture())
    expect(fetched).toMatchObject({ state: 'here', name: null, type: 'image/png' })
    if (fetched.state === 'here') expect(Buffer.from(await new Response(fetched.bytes).arrayBuffer())).toEqual(BYTES)
    expect(line.calls.invalid()).toEqual([])
  })

  it('are gone when LINE has them no more, or never had', async () => {
    const id = sendPicture()
    account.forget(id)
    expect(await connect().media(id)).toEqual({ state: 'gone' })
    line.faults.next({ path: CONTENT }, answer(410, 'Gone'))
    expect(await connect().media(sendPicture())).toEqual({ state: 'gone' })
    expect(await connect().media('../info')).toEqual({ state: 'gone' })
    expect(line.calls.all().at(-1)?.path).toBe('/v2/bot/message/..%2Finfo/content')
  })

  it('are fetched later while LINE makes something of them, and gone when it cannot', async () => {
    const { id } = account.send(ann, { type: 'video', bytes: BYTES, transcoding: 'processing' }).message
    expect(await failure(connect().media(id))).toMatchObject(later())
    line.faults.next(
      { path: /transcoding$/ },
      { type: 'answer', effect: 'none', status: 200, body: { status: 'failed' } },
    )
    expect(await connect().media(id)).toEqual({ state: 'gone' })
    account.transcoded(id)
    expect(await connect().media(id)).toMatchObject({ state: 'here', type: 'video/mp4' })
  })

  it.each(SILENCES)('are fetched later when LINE does not answer (%s)', async (_, fault, limits) => {
    const id = sendPicture()
    line.faults.next({ path: CONTENT }, fault)
    expect(await failure(connect(limits).media(id))).toMatchObject(later())
    expect(await connect().media(id)).toMatchObject({ state: 'here' })
  })

  it.each(SILENCES)(
    'are fetched later when LINE does not say whether they are ready (%s)',
    async (_, fault, limits) => {
      const { id } = account.send(ann, { type: 'audio', bytes: BYTES, transcoding: 'processing' }).message
      line.faults.next({ path: /transcoding$/ }, fault)
      expect(await failure(connect(limits).media(id))).toMatchObject(later())
    },
  )

  it('are fetched later when LINE slows us down, or does not accept the token', async () => {
    line.faults.next({ path: CONTENT }, answer(429, 'Too many requests'))
    expect(await failure(connect().media(sendPicture()))).toMatchObject({
      ...later('channel.rateLimited'),
      pause: 1_000,
    })
    account.accessToken = 'another'
    expect(await failure(connect().media(sendPicture()))).toMatchObject(later('channel.token'))
  })

  /** A server that begins to hand something out, and what it does then. */
  async function beginning(then: (response: ServerResponse) => void) {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('the beginning')
      then(response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(() => {
      server.close()
      server.closeAllConnections()
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    return { lineData: `http://127.0.0.1:${address.port}/` }
  }

  async function read(limits: typeof PATIENT, addresses: object): Promise<string> {
    const fetched = await connect(limits, addresses).media('1')
    return fetched.state === 'here' ? await textOf(fetched.bytes) : fetched.state
  }

  it('that break off in the middle fail where they are read', async () => {
    const cut = await beginning((response) => setImmediate(() => response.destroy()))
    expect(await failure(read(PATIENT, cut))).toMatchObject(later())
  })

  it('that stop coming in the middle fail where they are read', async () => {
    const stuck = await beginning(() => {})
    expect(await failure(read(HASTY, stuck))).toMatchObject(later())
  })

  it('that nobody wants any more are broken off', async () => {
    const closed = vi.fn<() => void>()
    const fetched = await connect(PATIENT, await beginning((response) => response.on('close', closed))).media('1')
    if (fetched.state === 'here') await fetched.bytes.cancel()
    await vi.waitFor(() => expect(closed).toHaveBeenCalled())
  })
})

describe('a profile', () => {
  const person = () => ({ kind: 'person' as const, externalId: ann.id })

  it('tells what a customer, a group, and somebody in a group or room is called', async () => {
    const bob = account.addUser({ name: 'Bob' })
    const group = account.addGroup({ name: 'Family', members: [ann, bob] })
    const room = account.addRoom({ members: [ann, bob] })
    const { profile } = connect()
    const inGroup = { kind: 'group' as const, externalId: group.id }
    const inRoom = { kind: 'group' as const, externalId: room.id }
    expect([
      await profile(person(), null),
      await profile(inGroup, null),
      await profile(inGroup, bob.id),
      await profile(inRoom, null),
      await profile(inRoom, bob.id),
    ]).toEqual([{ name: 'Ann' }, { name: 'Family' }, { name: 'Bob' }, null, { name: 'Bob' }])
    expect(line.calls.invalid()).toEqual([])
  })

  it('is not told of who is no friend, of a group the account is out of, and of an id that is none', async () => {
    const stranger = account.addUser({ name: 'Eve' })
    const group = account.addGroup({ name: 'Family', members: [ann] })
    account.leave(group)
    const { profile } = connect()
    expect([
      await profile({ kind: 'person', externalId: stranger.id }, null),
      await profile({ kind: 'group', externalId: group.id }, ann.id),
      await profile({ kind: 'person', externalId: '../info' }, null),
    ]).toEqual([null, null, null])
  })

  it('without a name tells none', async () => {
    const { id } = account.addUser({ name: ' ', isFriend: true })
    expect(await connect().profile({ kind: 'person', externalId: id }, null)).toBeNull()
  })

  it.each([...SILENCES, GARBAGE])('is asked for later when LINE does not answer (%s)', async (_, fault, limits) => {
    line.faults.next({ path: /\/profile\// }, fault)
    expect(await failure(connect(limits).profile(person(), null))).toMatchObject(later())
  })

  it('is asked for later when LINE answers something else, slows us down, or does not accept the token', async () => {
    line.faults.next(
      { path: /\/profile\// },
      { type: 'answer', effect: 'none', status: 200, body: { nickname: 'Ann' } },
    )
    expect(await failure(connect().profile(person(), null))).toMatchObject(later())
    line.faults.next({ path: /\/profile\// }, answer(429, 'Too many requests'))
    expect(await failure(connect().profile(person(), null))).toMatchObject(later('channel.rateLimited'))
    account.accessToken = 'another'
    expect(await failure(connect().profile(person(), null))).toMatchObject(later('channel.token'))
  })
})

describe('a check', () => {
  const check = (url = WEBHOOK, limits = PATIENT) => connect(limits).check(url)
  const well = [
    { step: 'token', ok: true, code: null, detail: 'Shop @shop' },
    { step: 'webhook', ok: true, code: null, detail: '' },
    { step: 'subscription', ok: true, code: null, detail: WEBHOOK },
  ]
  const bad = (step: string, code: string | null, detail: unknown) => ({ step, ok: false, code, detail })

  it('of an account that works tells what it is called, where LINE calls us, and what is used of the month', async () => {
    account.sending.consume(7)
    expect(await check()).toEqual([...well, { step: 'quota', ok: true, code: null, detail: '7' }])
    account.sending.monthlyQuota = 8
    expect(await check()).toEqual([...well, { step: 'quota', ok: true, code: null, detail: '7 / 8' }])
    expect(line.calls.invalid()).toEqual([])
    expect(hook.bodies()).toEqual(Array.from({ length: 2 }, () => ({ destination: account.userId, events: [] })))
  })

  it('stops at a token that is not accepted', async () => {
    account.accessToken = 'another'
    expect(await check()).toEqual([bad('token', 'channel.token', expect.stringContaining('Authentication failed'))])
  })

  it('stops at an address of ours that LINE does not reach', async () => {
    await hook.down()
    const [token, ...rest] = await check()
    await hook.up()
    expect([token?.ok, rest]).toEqual([true, [bad('webhook', null, expect.stringMatching(/^COULD_NOT_CONNECT /))]])
  })

  it('stops at an address that LINE would never call', async () => {
    const [, ...rest] = await check('http://localhost/line')
    expect(rest).toEqual([bad('webhook', 'channel.rejected', expect.stringContaining('endpoint'))])
  })

  it('stops when LINE tells its events somewhere else, nowhere, or not at all', async () => {
    const third = async () => (await check())[2]
    account.webhookUrl = 'https://elsewhere.example/line'
    expect(await third()).toEqual(bad('subscription', null, 'https://elsewhere.example/line'))
    account.webhookUrl = null
    expect(await third()).toEqual(bad('subscription', 'channel.notReachable', 'Not found'))
    account.webhookUrl = WEBHOOK
    account.isWebhookActive = false
    expect(await third()).toEqual(bad('subscription', null, 'active: false'))
  })

  it('ends with a month whose messages are used up', async () => {
    account.sending.monthlyQuota = 7
    account.sending.consume(7)
    expect((await check()).at(-1)).toEqual(bad('quota', 'channel.quota', '7 / 7'))
  })

  it.each([...SILENCES, GARBAGE])('says so when LINE does not answer (%s)', async (_, fault, limits) => {
    line.faults.next({ path: /\/info$/ }, fault)
    expect(await check(WEBHOOK, limits)).toEqual([bad('token', 'channel.failed', expect.any(String))])
    line.faults.next({ path: /\/consumption$/ }, fault)
    expect((await check(WEBHOOK, limits)).at(-1)).toEqual(bad('quota', 'channel.failed', expect.any(String)))
  })

  it('says so when LINE slows us down', async () => {
    line.faults.next({ path: /\/info$/ }, answer(429, 'Too many requests'))
    expect(await check()).toEqual([bad('token', 'channel.rateLimited', 'Too many requests')])
  })
})

describe('rich menus', () => {
  it('are given to customers and taken away, many or one at a time', async () => {
    const bob = account.addUser({ name: 'Bob' })
    const menu = account.addRichMenu('Summer')
    const seen = () => [ann, bob].map(({ id }) => account.menus.shownTo(id))
    const { setRichMenu } = connect()
    await setRichMenu([ann.id, bob.id], menu)
    expect(seen()).toEqual([menu, menu])
    await setRichMenu([ann.id], null)
    expect(seen()).toEqual([null, menu])
    await setRichMenuOf(client(), bob.id, null)
    await setRichMenuOf(client(), ann.id, menu)
    expect(seen()).toEqual([menu, null])
    expect(line.calls.invalid()).toEqual([])
  })

  it('are for as many as LINE takes at once; for nobody it is not asked', async () => {
    await connect().setRichMenu([], null)
    const ids = Array.from({ length: RICH_MENU_USERS_MAX + 1 }, () => ann.id)
    await expect(connect().setRichMenu(ids, null)).rejects.toThrow('501 users')
    expect(line.calls.all()).toEqual([])
    await connect().setRichMenu(ids.slice(1), null)
    expect(line.calls.all()).toHaveLength(1)
  })

  it('that are gone are refused', async () => {
    const refused = { name: 'RichMenuRefused', code: 'channel.rejected', platformCode: 'richmenu not found' }
    expect(await failure(connect().setRichMenu([ann.id], 'richmenu-gone'))).toMatchObject(refused)
    expect(await failure(setRichMenuOf(client(), ann.id, 'richmenu-gone'))).toMatchObject({
      ...refused,
      code: 'channel.notReachable',
    })
  })

  it.each([...SILENCES, GARBAGE])('are set later when LINE does not answer (%s)', async (_, fault, limits) => {
    line.faults.next({ path: /richmenu/ }, fault)
    expect(await failure(connect(limits).setRichMenu([ann.id], null))).toMatchObject(later())
  })

  it('are set later when LINE slows us down', async () => {
    line.faults.next({ path: /richmenu/ }, answer(429, 'Too many requests'))
    expect(await failure(connect().setRichMenu([ann.id], null))).toMatchObject(later('channel.rateLimited'))
  })
})

describe('a text outside any conversation', () => {
  it('is pushed once, however often it is tried', async () => {
    const key = retryKeyOf(SHOP, 'notification-1')
    line.faults.next({ path: /push$/ }, { type: 'cut', effect: 'done' })
    expect(await failure(pushText(client(), ann.id, 'hello', key))).toMatchObject({ name: 'Uncertain' })
    expect(await pushText(client(), ann.id, 'hello', key)).toEqual({ ok: true })
    expect(account.messagesFor(ann).map(({ retryKey }) => retryKey)).toEqual([key])
  })

  it('has another key in another team, and for another notification', () => {
    const keys = [
      retryKeyOf(SHOP, 'notification-1'),
      retryKeyOf(SHOP, 'notification-2'),
      retryKeyOf(TeamId.parse('another'), 'notification-1'),
    ]
    expect(new Set(keys).size).toBe(3)
    expect(retryKeyOf(SHOP, 'notification-1')).toBe(keys[0])
  })
})

describe('a notification message', () => {
  const TAG = 'tag-of-16-letters'
  const HELLO = [{ type: 'text' as const, text: 'hello' }]
  const notify = (limits = PATIENT, phone = '+886912345678') =>
    pushNotification(client(limits), phoneHash(phone), HELLO, TAG)
  const got = () => account.messagesFor(ann).map(({ via, message }) => [via, message])

  it('reaches who has the number, and its delivery is told of by its tag', async () => {
    expect(await notify()).toEqual({ ok: true })
    expect(got()).toEqual([['pnp', HELLO[0]]])
    await line.deliveries.idle()
    const { webhook } = connect()
    const events = hook.got.flatMap(({ body }) => webhook?.events(body) ?? [])
    expect(events.flatMap(({ event }) => webhook?.parse(event))).toEqual([{ type: 'notified', tag: TAG }])
    expect(line.calls.invalid()).toEqual([])
  })

  it('reaches nobody when nobody has the number', async () => {
    expect(await notify(PATIENT, '+886900000000')).toEqual({
      ok: false,
      code: 'channel.notReachable',
      platformCode: 'Failed to send messages',
    })
  })

  it.each(
    [...SILENCES, GARBAGE].flatMap(([name, fault, limits]) =>
      (['none', 'done'] as const).map((effect): [string, Fault, typeof PATIENT] => [
        `${name}, ${effect}`,
        { ...fault, effect },
        limits,
      ]),
    ),
  )('may have been sent when LINE does not answer (%s)', async (_, fault, limits) => {
    line.faults.next({ path: /pnp\/push$/ }, fault)
    expect(await failure(notify(limits))).toMatchObject({ name: 'Uncertain' })
    expect(got()).toHaveLength(fault.effect === 'done' ? 1 : 0)
  })

  it('was not sent when LINE slows us down, or is not reached', async () => {
    line.faults.next({ path: /pnp\/push$/ }, answer(429, 'Too many requests'))
    expect(await failure(notify())).toMatchObject(later('channel.rateLimited'))
    const gone = await startLine()
    await gone.close()
    const nowhere = lineClient({ accessToken: ACCESS }, { addresses: { line: gone.apiUrl } }, PATIENT)
    expect(await failure(pushNotification(nowhere, phoneHash('+886912345678'), HELLO, TAG))).toMatchObject(later())
  })
})

describe('an ID token', () => {
  const verify = (token: string, channel = '2', limits = PATIENT) => verifyIdToken(outside(), channel, token, limits)

  it('tells who the customer is', async () => {
    expect(await verify(account.idToken(ann))).toEqual({ userId: ann.id, name: 'Ann' })
    expect(line.calls.invalid()).toEqual([])
  })

  it('tells nobody when it has expired, is another channel’s, is forged, or is none', async () => {
    const token = account.idToken(ann)
    expect([
      await verify(account.idToken(ann, { expired: true })),
      await verify(token, '3'),
      await verify(token.slice(0, -4)),
      await verify(''),
    ]).toEqual([null, null, null, null])
  })

  it('tells nobody when LINE names another channel', async () => {
    const body = { sub: ann.id, aud: '3' }
    line.faults.next({ path: /verify$/ }, { type: 'answer', effect: 'none', status: 200, body })
    expect(await verify(account.idToken(ann))).toBeNull()
  })

  it.each([...SILENCES, GARBAGE])('is asked about later when LINE does not answer (%s)', async (_, fault, limits) => {
    line.faults.next({ path: /verify$/ }, fault)
    const token = account.idToken(ann)
    const error = await failure(verify(token, '2', limits))
    expect(error).toMatchObject(later())
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(token)
  })
})
