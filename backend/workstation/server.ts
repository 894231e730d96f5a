/** The listening end: one HTTP server on 127.0.0.1 with the door in front of the API, the live sockets and the pages. */
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { refuse } from '../domain/refusal.ts'
import { isBrokenOff, plainRequest } from '../sync/request-body.ts'
import { createApi } from './app.ts'
import type { AppEnv } from './app.ts'
import { Door, guard } from './door.ts'
import { serveLive } from './live.ts'
import type { Workstation } from './service.ts'
import { servePages } from './static.ts'

export type ServerParts = {
  workstation: Workstation
  /** The shell's window secret; null in browser mode. */
  windowSecret: string | null
  /** The folder of the built renderer. */
  renderer: string
  /** 0 for any that is free. */
  port: number
  log: Logger
}

export type RunningServer = { url: string; port: number; close(): Promise<void> }

/** The whole app behind its door, for a server that listens on the door's port. */
export function createApp(
  door: Door,
  { workstation, renderer, log }: Pick<ServerParts, 'workstation' | 'renderer' | 'log'>,
) {
  return new Hono<AppEnv>()
    .onError((error, c) => {
      if (error instanceof HTTPException && error.status < 500) {
        return c.json({ error: refuse('request.invalid', { field: 'body' }) }, 400)
      }
      if (isBrokenOff(error)) {
        log.info({ method: c.req.method, path: c.req.routePath }, 'a request broke off')
        return c.json({ error: refuse('request.invalid', { field: 'body' }) }, 400)
      }
      log.error({ err: error, method: c.req.method, path: c.req.routePath }, 'a request failed')
      return c.json({ error: refuse('internal.error', {}) }, 500)
    })
    .notFound((c) => c.json({ error: refuse('request.notFound', {}) }, 404))
    .use('*', async (c, next) => {
      c.req.raw = plainRequest(c.req.raw)
      await next()
    })
    .use('*', guard(door))
    .route('/', createApi(workstation))
    .route('/', servePages(renderer))
}

/** Listens; resolves when connections are taken. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { workstation, windowSecret, port, log } = parts
  let listener: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) => response.end()
  const server = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const door = new Door(address.port, windowSecret, (window) => workstation.isOpenFor(window))
  // The global Request and Response stay those of the runtime: the hub's client uses them too.
  listener = getRequestListener(createApp(door, parts).fetch, { overrideGlobalObjects: false })
  const closeLive = serveLive(server, door, workstation, log)
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close() {
      closeLive()
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
      })
      server.closeAllConnections()
      return closed
    },
  }
}
