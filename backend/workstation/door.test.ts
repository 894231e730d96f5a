import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ConversationId, MemberId } from '../domain/ids.ts'
import { startServer } from './server.ts'
import { openStore } from './session/store-file.ts'
import { WINDOW_COOKIE } from './shell.ts'
import { MEMBER, StandInHub } from './stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from './stand-ins/place.ts'
import { snapshotOf } from './stand-ins/rows.ts'
import { LocalWorkstation } from './workstation.ts'

const SECRET = 's'.repeat(43)

/** A request whose body goes out in chunks. */
function streamed(headers: Record<string, string>, pieces: readonly string[]): RequestInit & { duplex: 'half' } {
  return { method: 'POST', headers, body: new Blob([...pieces]).stream(), duplex: 'half' }
}

async function setUp(windowSecret: string | null = null, log: Logger = SILENT) {
  const hub = await StandInHub.start()
  const home = folder()
  const renderer = join(folder(), 'renderer')
  const open = () =>
    LocalWorkstation.open({ hub: hub.url, home, openStore, keychain: null, log: SILENT, timing: QUICK })
  const workstation = await open()
  const server = await startServer({ workstation, windowSecret, renderer, port: 0, log })
  onTestFinished(async () => {
    await server.close()
    await workstation.close()
    await hub.stop()
  })
  const origin = server.url
  /** A browser window: keeps its cookie. */
  function browser(cookie = '') {
    const window = {
      cookie,
      async get(path: string, headers: Record<string, string> = {}) {
        const response = await fetch(origin + path, { headers: { cookie: window.cookie, ...headers } })
        window.cookie = response.headers.get('set-cookie')?.split(';')[0] ?? window.cookie
        return response
      },
      async post(path: string, body: unknown = {}, headers: Record<string, string> = {}) {
        return fetch(origin + path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { cookie: window.cookie, origin, 'content-type': 'application/json', ...headers },
        })
      },
      raw: (path: string, body: string, headers: Record<string, string>) =>
        fetch(origin + path, { method: 'POST', body, headers: { origin, ...headers } }),
      signIn: () => window.post('/api/sign-in', { email: MEMBER.email, password: hub.password }),
    }
    return window
  }
  function live(headers: Record<string, string>) {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, { headers })
    const events: { type: string }[] = []
    let outcome = ''
    socket.on('message', (data) => events.push(JSON.parse(String(data))))
    socket.on('open', () => (outcome = 'open'))
    socket.on('unexpected-response', (_, response) => (outcome = String(response.statusCode)))
    socket.on('error', () => (outcome ||= 'error'))
    onTestFinished(() => socket.terminate())
    return { socket, events, outcome: () => outcome }
  }
  return { hub, home, workstation, server, origin, browser, live, renderer }
}

/** `fetch` sets Host by itself; this does not. */
function rawGet(port: number, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

describe('the door', () => {
  it.each([
    ['evil.example', 403],
    ['127.0.0.1', 403],
    ['127.0.0.1:80', 403],
    ['127.0.0.1.nip.io:PORT', 403],
    ['[::1]:PORT', 403],
    ['127.0.0.1:PORT', 200],
    ['localhost:PORT', 200],
  ])('answers to its own names only: Host %s gives %i', async (host, status) => {
    const { server } = await setUp()
    const named = host.replace('PORT', String(server.port))
    expect(await rawGet(server.port, '/api/state', { host: named })).toBe(status)
  })

  it('turns away foreign origins, changes without one, and what another site asked for', async () => {
    const { browser, origin } = await setUp()
    const window = browser()
    await window.get('/')
    const port = new URL(origin).port
    for (const foreign of ['https://evil.example', 'null', 'http://127.0.0.1', `http://localhost:${port}`]) {
      expect((await window.post('/api/sign-in', {}, { origin: foreign })).status).toBe(403)
      expect((await window.get('/api/state', { origin: foreign })).status).toBe(403)
    }
    expect((await fetch(`${origin}/api/sign-in`, { method: 'POST', headers: { cookie: window.cookie } })).status).toBe(
      403,
    )
    for (const site of ['cross-site', 'same-site']) {
      expect((await window.get('/api/state', { 'sec-fetch-site': site })).status).toBe(403)
    }
    for (const site of ['same-origin', 'none']) {
      expect((await window.get('/api/state', { 'sec-fetch-site': site })).status).toBe(200)
    }
  })

  it('opens nothing to a window until somebody signs in through it', async () => {
    const { browser } = await setUp()
    const [mei, other] = [browser(), browser()]
    expect((await mei.signIn()).status).toBe(401)
    await mei.get('/')
    await other.get('/')
    expect((await mei.get('/api/counts')).status).toBe(401)
    expect(await (await mei.signIn()).json()).toMatchObject({ session: { state: 'open' } })
    expect((await mei.get('/api/counts')).status).toBe(200)
    expect((await other.get('/api/counts')).status).toBe(401)
    expect(await (await other.get('/api/state')).json()).toMatchObject({ session: { state: 'locked' } })
    expect((await browser(`${mei.cookie}x`).get('/api/counts')).status).toBe(401)
    await other.post('/api/unlock', { password: 'right horse' })
    expect((await other.get('/api/counts')).status).toBe(200)
  })

  it('[SHF-1] takes nothing for the next member that a window began to say while the former one was here', async () => {
    const { hub, browser, workstation, server } = await setUp()
    const window = browser()
    await window.get('/api/state')
    await window.signIn()
    hub.member = { ...hub.member, id: MemberId.parse('wang'), email: 'wang@example.test' }
    const headers = { origin: server.url, cookie: window.cookie, 'content-type': 'application/json' }
    const slow = request(`${server.url}/api/presence`, {
      method: 'POST',
      headers: { ...headers, 'content-length': 40 },
    })
    const status = new Promise((resolve, reject) => {
      slow.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    })
    const began = new Promise((resolve) => slow.write('{"conversationId":null,', resolve))
    await began
    const next = browser()
    await next.get('/api/state')
    await next.post('/api/sign-in', { email: 'wang@example.test', password: hub.password })
    expect(workstation.state('').session).toMatchObject({ member: { id: 'wang' } })
    slow.end('"typing": false} '.padEnd(17))
    expect(await status).toBe(401)
  })

  it('answers what is no JSON with a code', async () => {
    const { browser } = await setUp()
    const window = browser()
    await window.get('/api/state')
    await window.signIn()
    const headers = { cookie: window.cookie, 'content-type': 'application/json' }
    const answer = await window.raw('/api/commands', '{"name":', headers)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'request.invalid' } }])
  })

  it('takes a body whose length is not said, up to the same limit', async () => {
    const { hub, browser, origin } = await setUp()
    const window = browser()
    await window.get('/api/state')
    const inPieces = (...pieces: string[]) =>
      fetch(
        `${origin}/api/sign-in`,
        streamed({ cookie: window.cookie, origin, 'content-type': 'application/json' }, pieces),
      )
    const json = JSON.stringify({ email: MEMBER.email, password: hub.password })
    expect((await inPieces(json.slice(0, 9), json.slice(9))).status).toBe(200)
    const large = await inPieces(...Array.from({ length: 20 }, () => 'x'.repeat(64 * 1024)))
    expect([large.status, (await large.json()).error.code]).toEqual([413, 'request.tooLarge'])
  })

  it('takes a request that breaks off for no fault of its own', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
    const { browser, server, origin } = await setUp(null, log)
    const window = browser()
    await window.get('/api/state')
    await window.signIn()
    const { host } = new URL(origin)
    const head = `POST /api/commands HTTP/1.1\r\nhost: ${host}\r\norigin: ${origin}\r\ncookie: ${window.cookie}\r\n`
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`${head}content-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n`),
    )
    // The request has been read as far as its body.
    socket.once('data', () => socket.resetAndDestroy())
    await until(() => lines.some((line) => line.includes('a request broke off')))
    expect(lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([])
  })

  it('gives windows that outlive a restart nothing but a new start', async () => {
    const first = await setUp()
    const window = first.browser()
    await window.get('/')
    await window.signIn()
    const before = window.cookie
    const second = await setUp()
    const again = second.browser(before)
    expect((await again.get('/api/counts')).status).toBe(401)
    expect((await again.get('/api/state')).status).toBe(200)
    expect(again.cookie).not.toBe(before)
  })

  it('forgets the windows that have not come for longest, not those that came first', async () => {
    const { browser } = await setUp()
    const early = browser()
    const idle = browser()
    for (const window of [early, idle]) await window.get('/api/state')
    const { cookie } = early
    for (let other = 0; other < 250; other++) {
      await browser().get('/api/state')
      if (other % 50 === 0) await early.get('/api/state')
    }
    expect([early.cookie === cookie, (await early.post('/api/wake')).status]).toEqual([true, 401])
    const before = idle.cookie
    await idle.get('/api/state')
    expect(idle.cookie).not.toBe(before)
  })

  it('answers only the window with the secret when a shell started it', async () => {
    const { browser, live, origin } = await setUp(SECRET)
    const page = await browser().get('/')
    expect([page.status, page.headers.get('set-cookie')]).toEqual([401, null])
    expect((await browser(`${WINDOW_COOKIE}=${'t'.repeat(43)}`).get('/api/state')).status).toBe(401)
    const shell = `${WINDOW_COOKIE}=${SECRET}`
    expect((await browser(`${shell}; ${shell}`).get('/api/state')).status).toBe(401)
    expect((await browser(shell).get('/api/state')).status).toBe(200)
    const socket = live({ cookie: shell, origin })
    await until(() => socket.outcome() === 'open')
    expect(await (await browser(shell).signIn()).json()).toMatchObject({ session: { state: 'open' } })
  })

  it('sends the security headers with every answer, and the attachments their own', async () => {
    const { browser } = await setUp()
    for (const path of ['/', '/api/state', '/api/counts', '/nothing.js']) {
      const { headers } = await browser().get(path)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })
})

describe('an attachment', () => {
  it('is its own bytes and nothing of what lies beside them in memory, with headers of its own', async () => {
    const { hub, browser, workstation } = await setUp()
    // A small file is read into a piece of a pool that other answers have used.
    hub.snapshotLines = snapshotOf(['one'])
    hub.file = Buffer.from('89504e470d0a1a0a0123456789', 'hex')
    const window = browser()
    await window.get('/api/state')
    expect((await window.signIn()).status).toBe(200)
    await until(() => workstation.state('').connection.state === 'online')
    const response = await window.get('/api/attachments/picture')
    expect(Buffer.from(await response.arrayBuffer())).toEqual(hub.file)
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    // A browser's cache lies on the disk in clear, and opens for whoever comes next.
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

describe('live', () => {
  it('is closed to foreign origins and to other paths', async () => {
    const { live, origin, server } = await setUp()
    const foreign = live({ origin: 'https://evil.example' })
    const without = live({})
    await until(() => foreign.outcome() !== '' && without.outcome() !== '')
    expect([foreign.outcome(), without.outcome()]).toEqual(['403', '403'])
    const elsewhere = new WebSocket(`ws://127.0.0.1:${server.port}/api/other`, { headers: { origin } })
    const refused = new Promise((resolve) => elsewhere.on('error', (error) => resolve(error.message)))
    expect(await refused).toContain('401')
  })

  it('[SHF-2] tells an open window what changes, and a locked one nothing', async () => {
    const { browser, live, origin } = await setUp()
    const window = browser()
    await window.get('/')
    await window.signIn()
    const socket = live({ cookie: window.cookie, origin })
    await until(() => socket.events.some(({ type }) => type === 'queue'))
    await window.post('/api/lock')
    await until(() => JSON.stringify(socket.events.at(-1)).includes('"locked"'))
    expect((await window.get('/api/counts')).status).toBe(401)
    const heard = socket.events.length
    expect(await (await window.post('/api/unlock', { password: 'wrong' })).json()).toMatchObject({
      error: { code: 'signIn.wrong' },
    })
    await window.post('/api/unlock', { password: 'right horse' })
    await until(() => socket.events.length > heard)
    expect(socket.events.at(-1)).toMatchObject({ type: 'state', state: { session: { state: 'open' } } })
  })
})

describe('live, one change after another', () => {
  it('tells the first at once, and those that follow it together', async () => {
    const { browser, hub, live, origin, workstation } = await setUp()
    hub.snapshotLines = snapshotOf(['one'])
    const window = browser()
    await window.get('/')
    await window.signIn()
    await until(() => workstation.state('').connection.state === 'online')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { socket, events } = live({ cookie: window.cookie, origin })
    await new Promise((resolve) => socket.once('open', resolve))
    const told = () => events.filter(({ type }) => type === 'conversation').length
    const change = (reply: string) =>
      workstation.saveDraft(ConversationId.parse('one'), { mode: 'reply', reply, note: '', attachmentIds: [] })
    /** Resolves when everything that was sent has come. */
    const arrived = () => new Promise<void>((resolve) => socket.once('pong', () => resolve()).ping())

    await arrived()
    vi.advanceTimersByTime(25)
    change('a')
    await arrived()
    expect(told()).toBe(1)
    for (const reply of ['ab', 'abc', 'abcd']) change(reply)
    await arrived()
    expect(told()).toBe(1)
    vi.advanceTimersByTime(25)
    await arrived()
    expect(told()).toBe(2)
    vi.advanceTimersByTime(25)
    change('abcde')
    await arrived()
    expect(told()).toBe(3)
  })
})

describe('pages', () => {
  it('says so when the interface has not been built', async () => {
    const { browser } = await setUp()
    const page = await browser().get('/')
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('npm start')
  })

  it('serves the page everywhere, its parts for ever, and nothing outside its folder', async () => {
    const { browser, renderer, server } = await setUp()
    mkdirSync(join(renderer, 'assets'), { recursive: true })
    writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>櫃檯</title>')
    writeFileSync(join(renderer, 'assets', 'index-DkE8f2_a.js'), 'export {}')
    writeFileSync(join(renderer, '..', 'secret.txt'), 'not for you')
    const window = browser()
    for (const path of ['/', '/inbox/one', '/settings']) {
      const page = await window.get(path)
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
      expect(await page.text()).toContain('櫃檯')
    }
    const part = await window.get('/assets/index-DkE8f2_a.js')
    expect(part.headers.get('cache-control')).toContain('immutable')
    expect(part.headers.get('content-type')).toContain('text/javascript')
    expect((await window.get('/assets/missing-12345678.js')).status).toBe(404)
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%5c..%5csecret.txt',
      '/%00.js',
      '/%zz.js',
    ]) {
      expect(await rawGet(server.port, path, { host: `127.0.0.1:${server.port}` })).toBe(404)
    }
    expect((await window.get('/api/nothing')).status).toBe(401)
  })
})
