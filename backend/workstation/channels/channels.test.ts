import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { refuse } from '../../domain/refusal.ts'
import type { ChannelCheck, ChannelView } from '../../sync/channel-settings.ts'
import { startServer } from '../server.ts'
import { openStore } from '../session/store-file.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import { LocalWorkstation } from '../workstation.ts'

const CHANGE = { name: '信義店', botOn: true, botKeywords: ['營業時間'], welcomeText: null }
const NEW = { channelId: 'line-1', kind: 'line', ...CHANGE }
const VIEW: unknown = {
  channel: { id: 'line-1', kind: 'line', ...CHANGE, connected: true, problem: null },
  account: { settings: { channelId: '2001' }, secrets: ['accessToken'], calledAt: 1, templatesAt: null },
  webhook: { url: 'https://hub.example/channels/line-1/webhook', isHttps: true },
  chat: null,
} satisfies Record<keyof ChannelView, unknown>
const CHECK = { steps: [{ step: 'token', ok: false, code: 'channel.token', detail: '' }], view: VIEW } satisfies Record<
  keyof ChannelCheck,
  unknown
>

async function setUp() {
  const hub = await StandInHub.start()
  hub.snapshotLines = snapshotOf([])
  const parts = { hub: hub.url, home: folder(), openStore, keychain: null, log: SILENT, timing: QUICK }
  const workstation = await LocalWorkstation.open(parts)
  const server = await startServer({
    workstation,
    windowSecret: null,
    renderer: join(folder(), 'renderer'),
    port: 0,
    log: SILENT,
  })
  onTestFinished(async () => {
    await server.close()
    await workstation.close()
    await hub.stop()
  })
  const { headers } = await fetch(`${server.url}/api/state`)
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const json: unknown = await response.json()
    return { status: response.status, json }
  }
  const state = () => workstation.state('').connection.state
  const signIn = async () => {
    await ask('POST', '/api/sign-in', { email: MEMBER.email, password: hub.password })
    await until(() => state() === 'online')
  }
  return { hub, ask, signIn, state }
}

it('passes on what an admin asks, with their token, and what the hub answers', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  const fine = (body: unknown) => ({ status: 200, body })
  hub.answers.set('GET /channels/settings', fine({ channels: [VIEW] }))
  hub.answers.set('POST /channels', fine(VIEW))
  hub.answers.set('PATCH /channels/line-1', fine(VIEW))
  hub.answers.set('PUT /channels/line-1/account', fine(VIEW))
  hub.answers.set('DELETE /channels/line-1/account', fine(VIEW))
  hub.answers.set('POST /channels/line-1/check', fine(CHECK))
  hub.answers.set('POST /channels/line-1/templates', fine({ ok: false, code: 'channel.token' }))
  const answers = [
    await ask('GET', '/api/channels'),
    await ask('POST', '/api/channels', NEW),
    await ask('PATCH', '/api/channels/line-1', CHANGE),
    await ask('PUT', '/api/channels/line-1/account', { accessToken: 'new', channelSecret: '' }),
    await ask('DELETE', '/api/channels/line-1/account'),
    await ask('POST', '/api/channels/line-1/check'),
    await ask('POST', '/api/channels/line-1/templates'),
  ]
  expect(answers).toEqual(
    [{ channels: [VIEW] }, VIEW, VIEW, VIEW, VIEW, CHECK, { ok: false, code: 'channel.token' }].map((json) => ({
      status: 200,
      json,
    })),
  )
  const token = 'Bearer access-1'
  expect(hub.asked).toEqual([
    { request: 'GET /channels/settings', token, body: undefined },
    { request: 'POST /channels', token, body: NEW },
    { request: 'PATCH /channels/line-1', token, body: CHANGE },
    { request: 'PUT /channels/line-1/account', token, body: { accessToken: 'new', channelSecret: '' } },
    { request: 'DELETE /channels/line-1/account', token, body: undefined },
    { request: 'POST /channels/line-1/check', token, body: undefined },
    { request: 'POST /channels/line-1/templates', token, body: undefined },
  ])
})

it('[ROL-4] passes on a refusal as it came', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  const error = refuse('member.mayNot', {}, { whoCould: ['admin'] })
  hub.answers.set('GET /channels/settings', { status: 403, body: { error } })
  expect(await ask('GET', '/api/channels')).toEqual({ status: 409, json: { error } })
})

it('asks nothing of the hub that is not of the right shape, and gives nothing to the window that is not', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  const answers = [
    await ask('POST', '/api/channels', { ...NEW, kind: 'fax' }),
    await ask('PATCH', '/api/channels/line-1', { ...CHANGE, channelId: 'line-2' }),
    await ask('PUT', '/api/channels/line-1/account', { accessToken: 1 }),
    await ask('POST', '/api/channels/a%20b/check'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400])
  expect(hub.asked).toEqual([])
  hub.answers.set('GET /channels/settings', {
    status: 200,
    body: { channels: [{ ...Object(VIEW), account: { accessToken: 'secret' } }] },
  })
  expect(await ask('GET', '/api/channels')).toMatchObject({ status: 503, json: { error: { code: 'hub.garbled' } } })
})

it('says that it needs a connection while the hub is away, and wants somebody to be here', async () => {
  const { hub, ask, signIn, state } = await setUp()
  expect((await ask('GET', '/api/channels')).status).toBe(401)
  await signIn()
  await hub.stop()
  await until(() => state() === 'offline')
  expect(await ask('PUT', '/api/channels/line-1/account', { accessToken: 'new' })).toEqual({
    status: 503,
    json: { error: refuse('request.offline', {}, { instead: 'go-online' }) },
  })
})
