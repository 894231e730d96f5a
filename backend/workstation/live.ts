/** `GET /api/live`: tells each window over a WebSocket what went stale, many changes at once in few frames. */
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Logger } from 'pino'
import { refuse } from '../domain/refusal.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Door } from './door.ts'
import type { Workstation } from './service.ts'
import type { LiveEvent } from './views.ts'

/** The first change goes out at once, those that follow it within so many ms together. */
const TOGETHER = 25
/** A window that has so many bytes unread gets no more until it has read some. */
const BUFFER_MAX = 1024 * 1024
const HEARTBEAT = 20_000

/** Answers the upgrades of a server; returns what closes every socket. */
export function serveLive(server: Server, door: Door, workstation: Workstation, log: Logger): () => void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 })
  const cookies = new WeakMap<IncomingMessage, string>()
  sockets.on('headers', (headers, request) => {
    const cookie = cookies.get(request)
    if (cookie) headers.push(`Set-Cookie: ${cookie}`)
  })
  server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const { headers } = request
    const site = headers['sec-fetch-site']
    const admission = door.admit({
      method: request.method ?? 'GET',
      path,
      headers: {
        host: headers.host,
        origin: headers.origin,
        cookie: headers.cookie,
        'sec-fetch-site': Array.isArray(site) ? site[0] : site,
      },
      upgrade: true,
    })
    const refusal = refuse('request.unauthorised', {}, { instead: 'sign-in' })
    if (!admission.ok) return turnAway(socket, admission.status, refusal, log)
    if (path !== '/api/live') return turnAway(socket, 404, refuse('request.notFound', {}), log)
    if (admission.cookie) cookies.set(request, admission.cookie)
    sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, admission.window, workstation, log))
  })
  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate()
      else {
        silent.add(socket)
        socket.ping()
      }
    }
  }, HEARTBEAT)
  heartbeat.unref()
  return () => {
    clearInterval(heartbeat)
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}

/** Sockets that have not answered since the last heartbeat. */
const silent = new WeakSet<WebSocket>()

/** Answers an upgrade that is not to be, as any other request is answered. */
function turnAway(socket: Duplex, status: 401 | 403 | 404, error: Refusal, log: Logger): void {
  // Unheard, the failure of a connection that is gone already would end the process.
  socket.on('error', (failure) => log.info({ err: failure.name }, 'a connection broke while it was refused'))
  const body = JSON.stringify({ error })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/** Of what is stale the last word is enough; each notice is a word of its own. */
export function keyOf(event: LiveEvent): string {
  if (event.type === 'notice') return `notice ${event.notice.id}`
  return 'conversationId' in event ? `${event.type} ${event.conversationId}` : event.type
}

function serve(socket: WebSocket, window: string, workstation: Workstation, log: Logger): void {
  const waiting = new Map<string, LiveEvent>()
  let timer: NodeJS.Timeout | undefined
  let soon = false

  function flush(): void {
    soon = false
    clearTimeout(timer)
    timer = undefined
    if (waiting.size === 0 || socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > BUFFER_MAX) {
      timer = setTimeout(flush, TOGETHER * 4)
      return
    }
    timer = setTimeout(flush, TOGETHER)
    const open = workstation.isOpenFor(window)
    const events = [...waiting.values()]
    waiting.clear()
    for (const event of events) {
      // What happened before a lock is not told after it.
      if (open || event.type === 'state') socket.send(JSON.stringify(event))
    }
  }

  function tell(event: LiveEvent): void {
    if (event.type === 'gone') waiting.delete(`conversation ${event.conversationId}`)
    waiting.set(keyOf(event), event)
    if (event.type === 'state') flush()
    else if (!timer && !soon) {
      soon = true
      // One change of the store is several of these.
      queueMicrotask(flush)
    }
  }

  const stop = workstation.onLive(window, tell)
  socket.on('message', () => socket.close(1008, 'this socket only tells'))
  socket.on('pong', () => silent.delete(socket))
  socket.on('error', (error) => log.info({ err: error.name }, 'a live socket failed'))
  socket.on('close', () => {
    clearTimeout(timer)
    stop()
  })
  tell({ type: 'state', state: workstation.state(window) })
}
