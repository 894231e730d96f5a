/** Notification messages 通知型訊息 (NTF-1 … NTF-5), put together: who asks for them, how they go, and what becomes known by them. */
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Time } from '../../domain/rows.ts'
import type { HubSecret } from '../accounts/secret.ts'
import type { Connections } from '../channels/connections.ts'
import type { InboxHooks } from '../channels/inbox.ts'
import type { Authenticator, HubCore } from '../core.ts'
import { Courier } from './courier.ts'
import { friendRoutes } from './friend-routes.ts'
import { PhoneMatches } from './matches.ts'
import { sendRoutes } from './send-routes.ts'
import { NotificationSettingsStore } from './settings-store.ts'
import { NotificationStore, markDelivered } from './store.ts'
import { teamRoutes } from './team-routes.ts'

/** How long what ended is kept for its figures and its course, in ms. */
const KEPT = 400 * 24 * 60 * 60 * 1000

export type NotificationParts = {
  core: Pick<HubCore, 'db' | 'row' | 'system'>
  connections: Pick<Connections, 'of'>
  authenticator: Authenticator
  secret: HubSecret
  /** Where the world finds the hub, without a slash at the end; asked for at each use. */
  publicUrl: () => string
  /** Whether no other hub uses the database. */
  alone: boolean
  /** The IP address a request came from, for limits. */
  ipOf(request: { raw: Request; env: unknown }): string
  log: Logger
  clock: () => Time
  /** How long a SMS provider may take, in ms. */
  smsTimeout?: number
  /** Requests a minute: for a key, and with wrong keys from an IP address. */
  limits?: { key: number; wrong: number }
}

export interface Notifications {
  /** To be mounted at the root. */
  routes: Hono
  /** For the inbox: LINE has told of a delivery (NTF-2). */
  notified: InboxHooks['notified']
  /** Frees what a killed hub was working on, where that can have been no other than this one. */
  takeOver(): Promise<void>
  /** Goes on with what an earlier hub left, and begins to look for what is due. */
  start(): Promise<void>
  /** Works until nothing is due any more. */
  sweep(): Promise<void>
  /** Once a day: forgets what is too old. */
  tidy(): Promise<void>
  stop(): Promise<void>
}

export function createNotifications(parts: NotificationParts): Notifications {
  const { core, connections, secret, publicUrl, log, clock, ipOf } = parts
  const { db } = core
  const key = secret.key('notifications')
  const store = new NotificationStore(db, key)
  const settings = new NotificationSettingsStore(db, key)
  const matches = new PhoneMatches(core, key)
  const timeout = parts.smsTimeout === undefined ? {} : { smsTimeout: parts.smsTimeout }
  const courier = new Courier({
    db,
    store,
    settings,
    connections,
    beside: () => matches.apply(clock()),
    log,
    clock,
    ...timeout,
  })
  const takeOver = async () => {
    if (parts.alone) await store.freeAll()
  }
  const keys = { link: key, digest: secret.key('digests') }
  return {
    routes: new Hono()
      .route(
        '/',
        sendRoutes({
          db,
          store,
          settings,
          connections,
          keys,
          publicUrl,
          clock,
          ipOf,
          onAccepted: () => courier.look(),
          ...(parts.limits ? { limits: parts.limits } : {}),
        }),
      )
      .route(
        '/',
        teamRoutes({ core, settings, connections, authenticator: parts.authenticator, publicUrl, clock, ...timeout }),
      )
      .route('/', friendRoutes({ core, store, matches, connections, keys, publicUrl, ipOf, log, clock })),
    notified: (asker, place, tag) => markDelivered(asker, place, tag, clock()),
    takeOver,
    async start() {
      await takeOver()
      courier.start()
    },
    sweep: () => courier.sweep(),
    async tidy() {
      await matches.tidy(clock())
      log.info({ removed: await store.tidy(clock() - KEPT) }, 'old notifications were tidied up')
    },
    stop: () => courier.stop(),
  }
}
