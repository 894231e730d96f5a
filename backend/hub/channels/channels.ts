/** Channels of other platforms, put together: what comes in, what goes out, and the accounts they do it with. */
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type { ChannelKind, Time } from '../../domain/rows.ts'
import type { HubSecret } from '../accounts/secret.ts'
import type { Attachments } from '../attachments/attachments.ts'
import type { Authenticator, HubCore } from '../core.ts'
import type { JobWork } from '../jobs/jobs.ts'
import { traceOf } from '../listeners.ts'
import { tidyAttempts } from './attempts.ts'
import { Connections } from './connections.ts'
import { doErrand, giveUpErrand } from './errands.ts'
import { Inbox } from './inbox.ts'
import type { InboxHooks } from './inbox.ts'
import { Pace } from './pace.ts'
import { Pictures } from './pictures.ts'
import type { Platform } from './platform.ts'
import { giveUp, sendMessage } from './sender.ts'
import { createChannelSettings } from './settings/routes.ts'
import { refreshTemplates } from './templates.ts'
import { webhookRoutes } from './webhooks.ts'

/** How long, in ms, attempts to greet are kept: far longer than they are tried. */
const ATTEMPTS_KEPT = 24 * 60 * 60 * 1000

export type ChannelParts = {
  core: HubCore
  authenticator: Authenticator
  attachments: Attachments
  secret: HubSecret
  platforms: ReadonlyMap<ChannelKind, Platform>
  /** Addresses other than the platforms' own, by the names their folders give them. */
  addresses: Readonly<Record<string, string>>
  /** Where the world finds the hub, without a slash at the end; asked for at each use. */
  publicUrl: () => string
  hooks: InboxHooks
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
}

export interface Channels {
  connections: Connections
  /** Webhooks, pictures and what admins set, to be mounted at the root. */
  routes: Hono
  /** What the jobs do. */
  work: Pick<JobWork, 'send' | 'errand'>
  /** Begins with what is left of an earlier hub. */
  start(): Promise<void>
  /** Once a day: forgets what is no longer needed, and asks the platforms for their templates. */
  tidy(): Promise<void>
  stop(): Promise<void>
}

export function createChannels(parts: ChannelParts): Channels {
  const { core, authenticator, attachments, secret, platforms, addresses, publicUrl, hooks, log, clock } = parts
  const connections = new Connections({
    db: core.db,
    platforms,
    key: secret.key('channel-account'),
    outside: { addresses, clock },
  })
  const inbox = new Inbox({ core, connections, hooks, log, clock })
  const pictures = new Pictures({ attachments, key: secret.key('pictures'), clock, publicUrl })
  const settings = createChannelSettings({ core, connections, publicUrl, log, clock }, authenticator)
  const sending = { core, connections, attachments, pictures, pace: new Pace(), log, clock }
  return {
    connections,
    routes: new Hono()
      .route('/', webhookRoutes({ connections, inbox, log, clock }))
      .route('/', pictures.routes)
      .route('/', settings.routes),
    work: {
      send: { do: (job) => sendMessage(sending, job), giveUp: (job, error) => giveUp(sending, job, error) },
      errand: { do: (job) => doErrand(sending, job), giveUp: (job) => giveUpErrand(sending, job) },
    },
    start: () => inbox.start(),
    async tidy() {
      log.info({ removed: await inbox.tidy() }, 'ids of old events were tidied up')
      await tidyAttempts(core.db, clock() - ATTEMPTS_KEPT)
      for (const place of await connections.all()) {
        try {
          await refreshTemplates({ core, connections, clock }, place)
        } catch (error) {
          log.warn({ err: traceOf(error), channel: place.channelId }, 'the templates could not be asked for')
        }
      }
    },
    async stop() {
      await Promise.all([inbox.stop(), settings.settled()])
    },
  }
}
