/** Opens each WebSocket that is asked for at the part that serves its path; any other is refused. */
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { refuse } from '../domain/refusal.ts'
import type { Refusal } from '../domain/refusal.ts'
import { statusOf } from './answer.ts'

/** One part's sockets. */
export type SocketRoute = {
  /** Whether the part serves this path (without the query). */
  matches(path: string): boolean
  /** Takes an upgrade of the HTTP server over. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** Routes the server's upgrades. */
export function routeSockets(server: Server, routes: readonly SocketRoute[], log: Logger): void {
  server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const route = routes.find(({ matches }) => matches(path))
    if (route) return route.accept(request, socket, head)
    refuseUpgrade(socket, refuse('request.notFound', {}), log)
  })
}

/** Answers an upgrade that is not to be as any other request is answered: `{ error }` and its status. */
export function refuseUpgrade(socket: Duplex, error: Refusal, log: Logger): void {
  // Unheard, the failure of a connection that is gone already would end the process.
  socket.on('error', (failure) => log.debug({ err: failure }, 'sockets: a connection broke while it was refused'))
  const status = statusOf(error)
  const wait = error.params['seconds']
  const body = JSON.stringify({ error })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(typeof wait === 'number' ? [`retry-after: ${wait}`] : []),
  ]
  // Who does not take the answer does not keep the connection either.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/**
 * The sockets of a part that takes them when they are open. Nothing is compressed: what is small gains nothing, and each
 * compressor holds memory for every connection.
 * @param frameMax bytes; a larger frame closes its socket
 */
export function socketsAt(path: string, frameMax: number, accept: (ws: WebSocket, request: IncomingMessage) => void) {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: frameMax })
  return {
    matches: (asked: string) => asked === path,
    accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      server.handleUpgrade(request, socket, head, (ws) => accept(ws, request))
    },
    count: () => server.clients.size,
    /** Cuts what its part has not closed. */
    cut(): void {
      for (const ws of server.clients) ws.terminate()
    },
  } satisfies SocketRoute & Record<string, unknown>
}
