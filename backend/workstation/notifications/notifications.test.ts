import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { NotificationSettings, Statistics } from '../../domain/notifications/views.ts'
import { refuse } from '../../domain/refusal.ts'
import { startServer } from '../server.ts'
import { openStore } from '../session/store-file.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import { LocalWorkstation } from '../workstation.ts'

const NONE = { push: 0, pnpAccepted: 0, pnpDelivered: 0, sms: 0, failed: 0, uncertain: 0, matched: 0 }
const STATISTICS = {
  timeZone: 'Asia/Taipei',
  rows: [],
  total: NONE,
  friends: { endedOn: '2026-07-01' },
} satisfies Statistics
const VIEW = { id: 'key-1', name: '訂單系統', tail: 'abcd', madeAt: 1, madeBy: 'm1', usedAt: null, revokedAt: null }
const SETTINGS = {
  keys: [VIEW],
  sms: null,
  channelId: null,
  channels: [],
  sendUrl: 'https://hub.example/v1/notifications',
  callbackUrl: 'https://hub.example/f/back',
} satisfies NotificationSettings
const PROVIDER = {
  url: 'https://sms.example/send',
  token: 'secret',
  fields: { to: '{to}', text: '{text}', reference: '{reference}' },
}
const RANGE = 'from=2026-11-01&to=2026-11-14'

async function setUp() {
  const hub = await StandInHub.start()
  hub.snapshotLines = snapshotOf([])
  const parts = { hub: hub.url, home: folder(), openStore, keychain: null, log: SILENT, timing: QUICK }
  const workstation = await LocalWorkstation.open(parts)
  const renderer = join(folder(), 'renderer')
  const server = await startServer({ workstation, windowSecret: null, renderer, port: 0, log: SILENT })
  onTestFinished(async () => {
    await server.close()
    await workstation.close()
    await hub.stop()
  })
  const { headers } = await fetch(`${server.url}/api/state`)
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.url}/api/notifications/${path}`, {
      method,
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const json: unknown = await response.json()
    return { status: response.status, json }
  }
  const state = () => workstation.state('').connection.state
  const signIn = async () => {
    await fetch(`${server.url}/api/sign-in`, {
      method: 'POST',
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify({ email: MEMBER.email, password: hub.password }),
    })
    await until(() => state() === 'online')
  }
  return { hub, ask, signIn, state }
}

it('[NTF-1] passes on what is asked of notification messages, and what the hub answers', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  const made = { key: `ct_${'x'.repeat(43)}`, view: VIEW }
  const asked: [method: string, path: string, body: unknown, answer: unknown][] = [
    ['GET', `statistics?${RANGE}`, undefined, STATISTICS],
    ['GET', 'settings', undefined, SETTINGS],
    ['POST', 'keys', { name: '訂單系統' }, made],
    ['POST', 'keys/key-1/revoke', undefined, {}],
    ['PUT', 'sms', PROVIDER, {}],
    ['POST', 'sms/test', { phone: '0912345678', text: '測試' }, {}],
    ['DELETE', 'sms', undefined, {}],
    ['PUT', 'channel', { channelId: 'line' }, {}],
  ]
  for (const [method, path, body, answer] of asked) {
    hub.answers.set(`${method} /notifications/${path.split('?')[0]}`, { status: 200, body: answer })
    expect([path, await ask(method, path, body)]).toEqual([path, { status: 200, json: answer }])
  }
  expect(hub.asked.map(({ body }) => body)).toEqual(asked.map(([, , body]) => body))
})

it('[ROL-4] passes on a refusal as it came, and asks nothing of the wrong shape', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  const error = refuse('member.mayNot', {}, { whoCould: ['admin', 'supervisor', 'marketer'] })
  hub.answers.set('GET /notifications/statistics', { status: 403, body: { error } })
  expect((await ask('GET', `statistics?${RANGE}`)).json).toEqual({ error })
  hub.asked.length = 0
  const wrong = [
    await ask('GET', 'statistics?from=x'),
    await ask('PUT', 'sms', { ...PROVIDER, fields: { to: '{to}' } }),
    await ask('POST', 'keys', { name: 1 }),
    await ask('POST', 'keys/a%20b/revoke'),
    await ask('PUT', 'channel', {}),
  ]
  expect(wrong.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
  expect(hub.asked).toEqual([])
  hub.answers.set('GET /notifications/settings', { status: 200, body: { ...SETTINGS, token: 'secret' } })
  expect(await ask('GET', 'settings')).toMatchObject({ status: 503, json: { error: { code: 'hub.garbled' } } })
})

it('says that it needs a connection while the hub is away, and wants somebody to be here', async () => {
  const { hub, ask, signIn, state } = await setUp()
  expect((await ask('GET', 'settings')).status).toBe(401)
  await signIn()
  await hub.stop()
  await until(() => state() === 'offline')
  expect(await ask('GET', 'settings')).toEqual({
    status: 503,
    json: { error: refuse('request.offline', {}, { instead: 'go-online' }) },
  })
})
