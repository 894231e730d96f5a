import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { refuse } from '../../domain/refusal.ts'
import type { BlacklistPage } from '../../sync/blacklist.ts'
import { startServer } from '../server.ts'
import { openStore } from '../session/store-file.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import { LocalWorkstation } from '../workstation.ts'

const ENTRY = {
  contactId: 'lin',
  name: '林小姐',
  channelId: 'web',
  blocked: { by: 'mei', at: 1_000, suppressed: 2, lifting: false, platform: { state: 'late' } },
}
const PAGE = { entries: [ENTRY], next: '1000.lin' }

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
  const ask = async (path: string, method = 'GET', body?: unknown) => {
    const response = await fetch(`${server.url}/api/${path}`, {
      method,
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const json: unknown = await response.json()
    return { status: response.status, json }
  }
  const state = () => workstation.state('').connection.state
  const signIn = async () => {
    await ask('sign-in', 'POST', { email: MEMBER.email, password: hub.password })
    await until(() => state() === 'online')
  }
  return { hub, ask, signIn, state }
}

it('[DEL-9] passes on who is on the blacklist, and that somebody is taken off it', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  hub.answers.set('GET /blacklist', { status: 200, body: PAGE })
  hub.answers.set('POST /blacklist/lin/lift', { status: 200, body: {} })
  expect(await ask('blacklist?limit=20&name=林&before=2000.wang')).toEqual({ status: 200, json: PAGE })
  expect(await ask('blacklist/lin/lift', 'POST')).toEqual({ status: 200, json: {} })
  const error = refuse('conversation.roleMayNot', {}, { whoCould: ['admin'], instead: 'ask-admin' })
  hub.answers.set('GET /blacklist', { status: 409, body: { error } })
  expect(await ask('blacklist')).toEqual({ status: 409, json: { error } })
})

it('asks nothing of the wrong shape, and gives on nothing that it does not know', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  hub.asked.length = 0
  for (const path of [
    'blacklist?limit=0',
    'blacklist?before=x',
    'blacklist?more=1',
    `blacklist?name=${'x'.repeat(201)}`,
  ]) {
    expect([path, (await ask(path)).status]).toEqual([path, 400])
  }
  expect((await ask('blacklist/a%20b/lift', 'POST')).status).toBe(400)
  expect(hub.asked).toEqual([])
  const wrong = { ...PAGE, secret: 'x' } satisfies Record<keyof BlacklistPage | 'secret', unknown>
  hub.answers.set('GET /blacklist', { status: 200, body: wrong })
  expect(await ask('blacklist')).toMatchObject({ status: 503, json: { error: { code: 'hub.garbled' } } })
})

it('[DEL-7] tells how much is still being erased, and that it is not known when the hub does not tell', async () => {
  const { hub, ask, signIn } = await setUp()
  await signIn()
  expect(await ask('erasures')).toEqual({ status: 200, json: { waiting: null } })
  hub.answers.set('GET /erasures', { status: 200, body: { waiting: 3 } })
  expect(await ask('erasures')).toEqual({ status: 200, json: { waiting: 3 } })
  hub.answers.set('GET /erasures', { status: 500, body: { error: refuse('internal.error', {}) } })
  expect((await ask('erasures')).json).toEqual({ error: refuse('internal.error', {}) })
})

it('[DEL-6] needs the hub, and somebody to be here', async () => {
  const { hub, ask, signIn, state } = await setUp()
  expect((await ask('blacklist')).status).toBe(401)
  expect((await ask('erasures')).status).toBe(401)
  await signIn()
  await hub.stop()
  await until(() => state() === 'offline')
  const offline = { status: 503, json: { error: refuse('request.offline', {}, { instead: 'go-online' }) } }
  expect([await ask('blacklist'), await ask('blacklist/lin/lift', 'POST'), await ask('erasures')]).toEqual([
    offline,
    offline,
    offline,
  ])
})
