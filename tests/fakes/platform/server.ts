/**
 * A fake platform's listening end on loopback. Around the platform's own routes it reads the body, writes down the call,
 * has it checked, and plays the fault that waits for it: a fake is then only its routes.
 */
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { CallLog, Call } from './calls.ts'
import type { Fault, Faults } from './faults.ts'

/** What a route finds with a request. */
export type FakeEnv = {
  Bindings: HttpBindings
  Variables: {
    /** The raw bytes of the body. */
    raw: Buffer
    /** What is written down of this request; a route may add to its problems. */
    call: Call
  }
}

/** A request before any route has seen it. */
export type Received = Pick<Call, 'method' | 'path' | 'query' | 'body'> & { headers: Headers; raw: Buffer }

export type FakeServerParts = {
  routes: Hono<FakeEnv>
  calls: CallLog
  faults: Faults
  now: () => number
  /** What the contract has against a request. A route decides what to answer, by `c.get('call').problems`. */
  inspect?: (request: Received) => string[]
  /** Headers to write down, in small letters. */
  keepHeaders?: readonly string[]
  /** Fields of the query that are never written down. */
  secretQuery?: readonly string[]
  /** Bytes. */
  bodyMax?: number
  /** What is answered to a body beyond that; an empty 413 when not given. */
  refuseLarge?: () => Response
  host?: string
}

export type FakeServer = { url: string; close(): Promise<void> }

const BODY_MAX = 110 * 1024 * 1024

/** Listens on a free port; resolves when connections are taken. */
export async function startFakeServer(parts: FakeServerParts): Promise<FakeServer> {
  const { routes, calls, host = '127.0.0.1' } = parts
  const closing = new AbortController()
  const problems: unknown[] = []
  const app = new Hono<FakeEnv>()
    .use('*', async (c, next) => {
      const { tooLarge, raw } = await readBody(c, parts.bodyMax ?? BODY_MAX)
      const call = calls.begin({ ...(await describe(c, raw, parts)), at: parts.now(), problems: [] })
      c.set('raw', raw)
      c.set('call', call)
      let status: number | null = null
      try {
        if (tooLarge) {
          call.problems.push('body: too large')
          c.res = parts.refuseLarge?.() ?? c.text('', 413)
        } else {
          const { method, path, query, body } = call
          const received = { method, path, query, body, headers: c.req.raw.headers, raw }
          call.problems.push(...(parts.inspect?.(received) ?? []))
          call.fault = parts.faults.take(method, path)
          if (call.fault) {
            const played = await play(call.fault, c, next, closing.signal)
            // Set over what the route answered, the new answer would take its headers on.
            c.res = undefined
            c.res = played
          } else {
            await next()
            const late = parts.faults.latency(method, path)
            if (late > 0) await pause(late, closing.signal, c.env.outgoing)
          }
        }
        status = c.env.outgoing.destroyed ? null : c.res.status
      } finally {
        calls.end(call, status)
      }
    })
    .route('/', routes)
    .onError((error, c) => {
      // That a client went away in the middle is no matter; anything else is a bug of the fake, and whoever closes it hears of it.
      if (c.env.incoming.complete) problems.push(error)
      return c.text('', 500)
    })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: 0 }, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://${host}:${address.port}`,
    /** @throws what went wrong inside the fake while it ran */
    async close() {
      closing.abort()
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      })
      if (problems.length > 0) throw new AggregateError(problems, 'the fake itself failed')
    },
  }
}

/** What is left of a body that is too large is read and dropped: the client could not read the answer otherwise. */
async function readBody(c: Context<FakeEnv>, max: number): Promise<{ tooLarge: boolean; raw: Buffer }> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of c.env.incoming) {
    const bytes = Buffer.from(piece)
    size += bytes.length
    if (size <= max) pieces.push(bytes)
  }
  return size > max ? { tooLarge: true, raw: Buffer.alloc(0) } : { tooLarge: false, raw: Buffer.concat(pieces) }
}

async function describe(c: Context<FakeEnv>, raw: Buffer, { keepHeaders = [], secretQuery = [] }: FakeServerParts) {
  const { pathname, searchParams } = new URL(c.req.url)
  const headers: Record<string, string> = {}
  for (const name of keepHeaders) {
    const value = c.req.header(name)
    if (value !== undefined) headers[name] = value
  }
  for (const name of secretQuery) searchParams.delete(name)
  return {
    method: c.req.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers,
    body: await parseBody(c.req.header('content-type') ?? '', raw),
  }
}

/** JSON and forms as values, of files only what they are; undefined for anything else and for what cannot be read. */
async function parseBody(contentType: string, raw: Buffer): Promise<unknown> {
  if (raw.length === 0) return undefined
  try {
    if (/^application\/json\b/i.test(contentType)) return JSON.parse(raw.toString())
    if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(contentType)) return undefined
    const form = await formOf(contentType, raw)
    return Object.fromEntries(
      [...form].map(([name, value]) => [
        name,
        typeof value === 'string' ? value : { name: value.name, type: value.type, size: value.size },
      ]),
    )
  } catch {
    // The contract then misses its body, and says so.
    return undefined
  }
}

/**
 * A form's fields and files.
 * @throws TypeError when the bytes are no such form
 */
export function formOf(contentType: string, raw: Buffer): Promise<FormData> {
  return new Response(new Uint8Array(raw), { headers: { 'content-type': contentType } }).formData()
}

async function play(
  fault: Fault,
  c: Context<FakeEnv>,
  next: () => Promise<void>,
  closing: AbortSignal,
): Promise<Response> {
  const { outgoing } = c.env
  const cut = () => {
    outgoing.destroy()
    return RESPONSE_ALREADY_SENT
  }
  if (fault.effect === 'done') await next()
  switch (fault.type) {
    case 'answer': {
      const isText = typeof fault.body === 'string'
      const type = isText ? 'text/plain' : 'application/json'
      return new Response(isText ? String(fault.body) : JSON.stringify(fault.body), {
        status: fault.status,
        headers: { 'content-type': type, ...fault.headers },
      })
    }
    case 'garbage':
      return new Response('<html>\u0000{"mess', { headers: { 'content-type': 'application/json' } })
    case 'cut':
      return cut()
    case 'hang':
      await pause(fault.ms, closing, outgoing)
      return cut()
    case 'slow':
      await pause(fault.ms, closing, outgoing)
      if (fault.effect === 'none' && !outgoing.destroyed) await next()
      return c.res
  }
}

/** Waits, or until nobody waits for the answer any more. */
async function pause(ms: number, closing: AbortSignal, outgoing: HttpBindings['outgoing']): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  await wait(ms, undefined, { signal: AbortSignal.any([closing, gone.signal]) }).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
  })
}
