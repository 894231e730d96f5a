/** The web chat as a channel of the hub: the customer page and its sockets. */
import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { ChannelId } from '../../../domain/ids.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import type { Time } from '../../../domain/rows.ts'
import { fieldOf } from '../../../sync/run.ts'
import type { Attachments } from '../../attachments/attachments.ts'
import type { Commit, HubCore } from '../../core.ts'
import type { HubLine } from '../../line/line.ts'
import type { SyncCore } from '../../sync/hub-core.ts'
import { readAssets } from './assets.ts'
import { Connection } from './connection.ts'
import { createElsewhere, keyOf } from './elsewhere.ts'
import { createCustomerFiles } from './files.ts'
import { PAGE_FRAME_MAX } from './frames.ts'
import { Places } from '../../places.ts'
import { SOCKETS_OPEN_MAX, createThrottle } from './limits.ts'
import type { LimitName } from './limits.ts'
import { chatRoutes, isOwnOrigin } from './routes.ts'
import { createChatStore } from './store.ts'
import { createVisitorSigner, visitorCookieName } from './visitor.ts'

/** Where the page's sockets come in: `/chat/socket?channel=…`. */
export const CHAT_SOCKET_PATH = '/chat/socket'
/** What a page whose cookie is missing or no longer good is closed with. */
const STRANGER = 4401
/** How long a refused page has to take the answer, in ms. */
const REFUSED_WITHIN = 2_000

export type WebchatParts = {
  core: HubCore & Pick<SyncCore, 'onUntold'>
  /** To the other hubs over the same database, if there may be any. */
  line?: HubLine | null
  attachments: Pick<Attachments, 'storeFromCustomer' | 'find' | 'open'>
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
  /** The hub's key for visitors' cookies. */
  secret: string | Uint8Array
  /** Limits other than the usual. */
  limits?: Partial<Record<LimitName, { points: number; seconds: number }>>
  /** The address of whoever is at the other end; a hub behind a proxy has to look at what the proxy says. */
  addressOf?: (request: IncomingMessage) => string
}

export interface Webchat {
  /** To be mounted at `/chat`. */
  routes: ReturnType<typeof chatRoutes>
  /** Takes over a socket of {@link CHAT_SOCKET_PATH}. */
  accept(ws: WebSocket, request: IncomingMessage): void
  /** Closes every socket and listens no longer. */
  close(): void
}

export function createWebchat(parts: WebchatParts): Webchat {
  const { core, log, clock } = parts
  const store = createChatStore(core)
  const files = createCustomerFiles(parts.attachments, store)
  const signer = createVisitorSigner(parts.secret)
  const throttle = createThrottle(parts.limits)
  const addressOf = parts.addressOf ?? (({ socket }) => socket.remoteAddress ?? '')
  const assets = readAssets(new URL('./page/', import.meta.url))
  const open = new Map<string, Set<Connection>>()
  const places = new Places(SOCKETS_OPEN_MAX)
  const changed = (key: string) => {
    for (const connection of open.get(key) ?? []) connection.changed()
  }
  const elsewhere = createElsewhere(core, log, { open: () => open.keys(), changed })
  const stops = [
    core.onCommit((commit) => keysOf(commit).forEach(changed)),
    core.onUntold(elsewhere.heard),
    parts.line?.onMissed(elsewhere.missed),
  ]

  const accept = async (ws: WebSocket, request: IncomingMessage): Promise<Connection | Refusal> => {
    if (!isOwnOrigin(request.headers.origin, request.headers.host)) return refuse('request.unauthorised', {})
    const address = addressOf(request)
    const leave = places.take(address)
    if (!leave) return refuse('request.tooMany', { seconds: 60 }, { instead: 'wait' })
    ws.once('close', leave)
    const tooMany = await throttle('socketsOfAddress', address)
    if (tooMany) return tooMany
    const channelId = ChannelId.safeParse(new URL(request.url ?? '/', 'http://hub').searchParams.get('channel'))
    const place = channelId.success ? await store.place(channelId.data) : null
    if (!place) return refuse('request.notFound', {})
    const cookie = cookieOf(request, visitorCookieName(place.channel.id))
    const visitor = signer.verify(place.channel.id, cookie, clock())
    if (!visitor) return refuse('request.unauthorised', {})
    const present = await store.present(place.teamId, visitor)
    // Who has left meanwhile would never be taken off the list: there is no word of it any more.
    if (ws.readyState !== ws.OPEN) return refuse('request.unauthorised', {})
    const key = keyOf(place.teamId, present.conversationId)
    const connection = new Connection(ws, { core, store, files, throttle, log, place, visitor: present, address })
    const same = open.get(key) ?? new Set()
    open.set(key, same.add(connection))
    ws.on('close', () => {
      same.delete(connection)
      if (same.size === 0 && open.get(key) === same) open.delete(key)
    })
    return connection
  }

  return {
    routes: chatRoutes({ store, files, signer, throttle, assets, clock, addressOf }),
    accept(ws, request) {
      const accepted = accept(ws, request).catch((error: unknown) => {
        log.error({ err: error }, 'web chat: a socket could not be accepted')
        return refuse('internal.error', {})
      })
      // Frames may come while the visitor is looked up: each waits for that, in its order.
      ws.on('message', (data, isBinary) => {
        const size = Array.isArray(data) ? PAGE_FRAME_MAX + 1 : data.byteLength
        const text = isBinary || size > PAGE_FRAME_MAX ? null : data.toString()
        void accepted.then((connection) => (connection instanceof Connection ? connection.take(text) : undefined))
      })
      ws.on('error', (error) => log.info({ err: error }, 'web chat: a socket failed'))
      void accepted.then((refusal) => {
        if (refusal instanceof Connection || ws.readyState !== ws.OPEN) return
        ws.send(JSON.stringify({ type: 'error', error: refusal }))
        ws.close(refusal.code === 'request.unauthorised' ? STRANGER : 1008)
        // Who does not say good-bye in return is not waited for.
        setTimeout(() => ws.terminate(), REFUSED_WITHIN).unref()
      })
    },
    close() {
      for (const stop of stops) stop?.()
      for (const connections of open.values()) for (const connection of connections) connection.close()
    },
  }
}

/** The conversations that a commit is about. */
function keysOf({ teamId, changes }: Commit): Set<string> {
  const keys = new Set<string>()
  for (const { table, id, before, after } of changes) {
    const row = after ?? before
    const conversationId =
      table === 'conversation' ? id : table === 'message' && row ? fieldOf(row, 'conversationId') : null
    if (typeof conversationId === 'string') keys.add(keyOf(teamId, conversationId))
  }
  return keys
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}
