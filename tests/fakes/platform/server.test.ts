import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../world/until.ts'
import { CallLog } from './calls.ts'
import { Faults } from './faults.ts'
import type { Fault } from './faults.ts'
import { formOf, startFakeServer } from './server.ts'
import type { FakeEnv, FakeServer } from './server.ts'

let server: FakeServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

async function start() {
  const calls = new CallLog()
  const faults = new Faults()
  const carriedOut: unknown[] = []
  const routes = new Hono<FakeEnv>()
    .post('/send', (c) => {
      if (c.get('call').problems.length > 0) return c.json({ problems: c.get('call').problems }, 400)
      carriedOut.push(c.get('call').body)
      return c.json({ ok: true }, 200, { 'x-id': '1' })
    })
    .post('/upload', async (c) => {
      const file = (await formOf(c.req.header('content-type') ?? '', c.get('raw'))).get('file')
      return c.text(file instanceof File ? await file.text() : 'no file')
    })
  server = await startFakeServer({
    routes,
    calls,
    faults,
    now: () => 42,
    keepHeaders: ['x-retry'],
    secretQuery: ['secret'],
    bodyMax: 1_000,
    inspect: ({ path, body }) => (path === '/send' && typeof body !== 'object' ? ['body: not JSON'] : []),
  })
  const { url } = server
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/send?a=1&secret=s3cret`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer t0ken', ...headers },
      body: JSON.stringify(body),
    })
  return { calls, faults, carriedOut, send, url }
}

describe('a fake platform’s server', () => {
  it('writes down each request with its answer, without its token', async () => {
    const { calls, send } = await start()
    const heard: number[] = []
    const end = calls.on(({ n }) => heard.push(n))
    await send({ to: 'you' }, { 'x-retry': 'r1' })
    end()
    await send('not an object')
    expect(calls.all()).toEqual([
      {
        n: 1,
        at: 42,
        method: 'POST',
        path: '/send',
        query: { a: '1' },
        headers: { 'x-retry': 'r1' },
        body: { to: 'you' },
        status: 200,
        problems: [],
        fault: null,
      },
      expect.objectContaining({ n: 2, body: 'not an object', status: 400, problems: ['body: not JSON'] }),
    ])
    expect(calls.invalid().map(({ n }) => n)).toEqual([2])
    expect(heard).toEqual([1])
    expect(JSON.stringify(calls.all())).not.toMatch(/t0ken|s3cret/)
  })

  it('writes down of a file what it is, and gives the route its bytes', async () => {
    const { calls, url } = await start()
    const form = new FormData()
    form.set('kind', 'picture')
    form.set('file', new File(['bytes'], 'a.txt', { type: 'text/plain' }))
    const answer = await fetch(`${url}/upload`, { method: 'POST', body: form })
    expect(await answer.text()).toBe('bytes')
    expect(calls.all()[0]?.body).toEqual({
      kind: 'picture',
      file: { name: 'a.txt', type: expect.stringMatching(/^text\/plain/), size: 5 },
    })
  })

  it('refuses a body beyond its limit', async () => {
    const { calls, carriedOut, send } = await start()
    expect((await send({ text: 'x'.repeat(2_000) })).status).toBe(413)
    expect(calls.all()[0]?.problems).toEqual(['body: too large'])
    expect(carriedOut).toEqual([])
  })

  it('says when it is closed that a route of its own failed', async () => {
    const routes = new Hono<FakeEnv>().get('/', () => {
      throw new Error('a bug')
    })
    const broken = await startFakeServer({ routes, calls: new CallLog(), faults: new Faults(), now: Date.now })
    expect((await fetch(broken.url)).status).toBe(500)
    await expect(broken.close()).rejects.toThrow('the fake itself failed')
  })
})

describe('faults', () => {
  const answer: Fault = { type: 'answer', status: 429, body: { message: 'slow down' }, effect: 'none' }

  it('befall the requests they are meant for, so many times, in the order they were set', async () => {
    const { faults, send } = await start()
    faults.next({ path: /^\/other/ }, answer)
    faults.next({ method: 'GET', path: /^\/send/ }, answer)
    faults.next({ method: 'post', path: /^\/send/, times: 2 }, answer)
    faults.next({ path: /^\/send/ }, { ...answer, status: 500, headers: { 'retry-after': '1' } })
    expect(faults.pending()).toBe(5)
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await send({})).status)
    expect(statuses).toEqual([429, 429, 500, 200])
    expect(faults.pending()).toBe(2)
    faults.clear()
    expect(faults.pending()).toBe(0)
  })

  it('may come after the request was carried out, or instead', async () => {
    const { calls, faults, carriedOut, send } = await start()
    faults.next({ path: /send/ }, answer)
    expect(await (await send({ n: 1 })).json()).toEqual({ message: 'slow down' })
    expect(carriedOut).toEqual([])
    faults.next({ path: /send/ }, { ...answer, effect: 'done' })
    const lost = await send({ n: 2 })
    expect([lost.status, lost.headers.get('x-id')]).toEqual([429, null])
    expect(carriedOut).toEqual([{ n: 2 }])
    expect(calls.all().map(({ status, fault }) => [status, fault?.effect])).toEqual([
      [429, 'none'],
      [429, 'done'],
    ])
  })

  it.each(['none', 'done'] as const)('cut the connection with the effect “%s”', async (effect) => {
    const { calls, faults, carriedOut, send } = await start()
    faults.next({ path: /send/ }, { type: 'cut', effect })
    await expect(send({ n: 1 })).rejects.toThrow('fetch failed')
    expect(carriedOut).toHaveLength(effect === 'done' ? 1 : 0)
    expect(calls.all()[0]?.status).toBeNull()
    expect((await send({})).status).toBe(200)
  })

  it('answer nothing for a while and then break off', async () => {
    const { faults, carriedOut, send } = await start()
    faults.next({ path: /send/ }, { type: 'hang', ms: 30, effect: 'done' })
    const begin = performance.now()
    await expect(send({})).rejects.toThrow('fetch failed')
    expect(performance.now() - begin).toBeGreaterThan(25)
    expect(carriedOut).toHaveLength(1)
  })

  it('do not keep a server from closing', async () => {
    const { calls, faults, send } = await start()
    faults.next({ path: /send/ }, { type: 'hang', ms: 60_000, effect: 'none' })
    const sent = send({})
    void sent.catch(() => undefined)
    await until('it has come', () => calls.all().length === 1)
    await server?.close()
    server = null
    await expect(sent).rejects.toThrow('fetch failed')
  })

  it('answer with what nobody can read', async () => {
    const { faults, send } = await start()
    faults.next({ path: /send/ }, { type: 'garbage', effect: 'done' })
    const garbage = await send({})
    expect(garbage.status).toBe(200)
    await expect(garbage.json()).rejects.toThrow(SyntaxError)
  })

  it.each(['none', 'done'] as const)('answer late with the effect “%s”', async (effect) => {
    const { faults, carriedOut, send } = await start()
    faults.next({ path: /send/ }, { type: 'slow', ms: 30, effect })
    const begin = performance.now()
    const late = await send({})
    expect([late.status, late.headers.get('x-id')]).toEqual([200, '1'])
    expect(performance.now() - begin).toBeGreaterThan(25)
    expect(carriedOut).toHaveLength(1)
  })

  it('are apart from how long the platform takes as a rule', async () => {
    const { faults, carriedOut, send } = await start()
    faults.latency = (method, path) => (`${method} ${path}` === 'POST /send' ? 60_000 : 0)
    const waiting = send({ n: 1 }).catch(() => 'never answered')
    await until('it is carried out', () => carriedOut.length === 1)
    faults.next({ path: /send/ }, answer)
    expect((await send({ n: 2 })).status).toBe(429)
    faults.latency = () => 0
    expect((await send({ n: 3 })).status).toBe(200)
    await server?.close()
    server = null
    expect(await waiting).toBe('never answered')
  })

  it('carry out nothing late for a client that has gone', async () => {
    const { calls, faults, carriedOut, url } = await start()
    const ended = new Promise((resolve) => calls.on(resolve))
    faults.next({ path: /send/ }, { type: 'slow', ms: 60_000, effect: 'none' })
    const client = new AbortController()
    const going = fetch(`${url}/send`, { method: 'POST', signal: client.signal }).catch(() => 'gone')
    await until('it has come', () => calls.all().length === 1)
    client.abort()
    expect(await going).toBe('gone')
    await ended
    expect(carriedOut).toEqual([])
  })
})
