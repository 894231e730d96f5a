/** One running hub: opens what it stands on, puts the parts together, serves them, and takes all of it down again. */
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { isCommandName } from '../domain/commands.ts'
import { lockHome } from '../home/home-lock.ts'
import { StartError } from '../home/start-error.ts'
import { FRAME_MAX } from '../sync/protocol.ts'
import { createAccounts } from './accounts/accounts.ts'
import { SignInLimits } from './accounts/limits.ts'
import { loadSecret } from './accounts/secret.ts'
import { checkSecret } from './accounts/store-key.ts'
import { createApp } from './app.ts'
import { createAttachments } from './attachments/attachments.ts'
import { openFolder } from './attachments/folder.ts'
import { attachmentRoutes } from './attachments/routes.ts'
import { blacklistRoutes } from './blacklist/routes.ts'
import { createChannels } from './channels/channels.ts'
import { PLATFORMS } from './channels/platforms.ts'
import { CHAT_SOCKET_PATH, createWebchat } from './channels/webchat/webchat.ts'
import { createAddressOf } from './client-address.ts'
import { createDemoTeam } from './demo/demo.ts'
import type { DemoAccount } from './demo/demo.ts'
import { connectDemoPlatforms } from './demo/platforms.ts'
import { demoRoutes } from './demo/routes.ts'
import { createErasure } from './erasure/erasure.ts'
import { erasureRoutes } from './erasure/routes.ts'
import { openSession } from './erasure/session.ts'
import { createJobs } from './jobs/jobs.ts'
import { endedNews } from './line/line.ts'
import { openPostgresLine } from './line/postgres-line.ts'
import { createNotifications } from './notifications/notifications.ts'
import { createMetrics } from './observability/metrics.ts'
import type { Metrics } from './observability/metrics.ts'
import { observabilityRoutes } from './observability/routes.ts'
import { routeSockets, socketsAt } from './sockets.ts'
import { openDatabase } from './store/database.ts'
import type { OpenDatabase } from './store/database.ts'
import { migrate } from './store/migrations/index.ts'
import { createHubCore } from './sync/hub-core.ts'
import type { SyncCore } from './sync/hub-core.ts'
import { pruneTombstones } from './sync/prune.ts'
import { createSync } from './sync/sync.ts'

export type HubOptions = {
  /** The hub's folder: its secret, attachments, and the embedded database. */
  home: string
  /** 0 for any free one. */
  port: number
  host: string
  /** A PostgreSQL server instead of the embedded one. */
  databaseUrl: string | null
  /** A folder for attachments that several hubs share, instead of the one in `home`. */
  attachments: string | null
  /** Instead of the one in `home`: at least 32 bytes, base64 or hex. */
  secret: string | null
  metricsToken: string | null
  trustProxy: boolean
  /** Where the world finds the hub, without a slash at the end; by default the address it listens on. */
  publicUrl: string | null
  /** Addresses of platforms other than their own: `line`, `lineData`, `graph`. */
  addresses: Readonly<Record<string, string>>
  /** Makes the demo team when it is not there. */
  demo: boolean
  /** What `/demo` wants as bearer token; without it, and but on loopback, there is no `/demo`. */
  demoToken: string | null
  log: Logger
}

export type RunningHub = {
  url: string
  /** The customer page of the first web chat; null when no team has one. */
  webchat: string | null
  /** The demo team's; empty for any other. */
  accounts: DemoAccount[]
  /** Closes sockets, lets jobs under way finish, and shuts the database. */
  close(): Promise<void>
}

/** How long answers under way have when the hub closes, in ms. */
const FINISH_WITHIN = 2_000
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Starts a hub; when this resolves it answers.
 * @throws StartError for what its operator can put right; nothing is left open after any error
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  // What was opened last is closed first.
  const closers: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer()
  }
  try {
    return { ...(await open(options, (closer) => void closers.push(closer))), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  options: HubOptions,
  onClose: (closer: () => Promise<void> | void) => void,
): Promise<Omit<RunningHub, 'close'>> {
  const { home, log } = options
  const clock = () => Date.now()
  onClose(lockHome(home, 'hub'))
  const secret = loadSecret(home, options.secret ?? undefined)
  const database = await openStore(options)
  onClose(() => database.close())
  const { db } = database
  await checkSecret(secret, db)
  const metrics = createMetrics()
  const store = options.attachments
    ? await openFolder(options.attachments, true)
    : await openFolder(join(home, 'attachments'))
  const attachments = createAttachments({ db, store, now: clock })
  const place = database.pglite ? { embedded: database.pglite } : { server: options.databaseUrl ?? '' }
  const erasure = createErasure({ db, session: () => openSession(place), attachments, log, clock })
  metrics.watchErasure(erasure)
  const jobs = await createJobs({
    database: place,
    log,
    onOutcome: metrics.job,
  })
  onClose(() => jobs.stop())
  // An embedded database has no other hub.
  const line = options.databaseUrl ? await openPostgresLine({ databaseUrl: options.databaseUrl, log }) : null
  if (line) {
    onClose(() => line.close())
    metrics.watchLine(() => line.isUp())
  }
  const core = measured(createHubCore({ db, effects: erasure.over(jobs), attachments, log, clock, line }), metrics)

  const addressOf = createAddressOf(options.trustProxy)
  const ipOf = ({ env }: { env: unknown }) => (isServed(env) ? addressOf(env.incoming) : '')
  const accounts = createAccounts({
    db,
    core,
    secret,
    limits: new SignInLimits(),
    log,
    now: clock,
    ipOf,
    onEnded: (teamId, clientIds, why) => sync.end(teamId, clientIds, why),
    async endingIn(trx, teamId, clientIds, why) {
      for (const news of endedNews(teamId, clientIds, why)) await line?.tellIn(trx, news)
    },
  })
  const sync = createSync({ core, authenticator: accounts.authenticator, log, clock, line, addressOf })
  const channels = createChannels({
    core,
    authenticator: accounts.authenticator,
    attachments,
    secret,
    platforms: PLATFORMS,
    addresses: options.addresses,
    publicUrl: () => options.publicUrl ?? url,
    hooks: { notified: (asker, place, tag) => notifications.notified(asker, place, tag) },
    log,
    clock,
  })
  const notifications = createNotifications({
    core,
    connections: channels.connections,
    authenticator: accounts.authenticator,
    secret,
    publicUrl: () => options.publicUrl ?? url,
    alone: options.databaseUrl === null,
    ipOf,
    log,
    clock,
  })
  const webchat = createWebchat({ core, line, attachments, log, clock, secret: secret.key('visitor'), addressOf })
  const chatSockets = socketsAt(CHAT_SOCKET_PATH, FRAME_MAX, webchat.accept)
  metrics.countConnections('workstation', sync.metrics.connections)
  metrics.countConnections('webchat', chatSockets.count)
  metrics.countJobs(jobs.counts)

  const app = createApp({
    mount(root) {
      root.route('/', accounts.routes)
      root.route('/', attachmentRoutes(attachments, core, accounts.authenticator))
      root.route('/', sync.routes)
      root.route('/', blacklistRoutes({ core, authenticator: accounts.authenticator, clock }))
      root.route('/chat', webchat.routes)
      root.route('/', channels.routes)
      root.route('/', notifications.routes)
      root.route('/', observabilityRoutes({ db, metrics, metricsAccess: metricsAccess(options), erasure, log }))
      root.route('/', erasureRoutes(erasure, accounts.authenticator))
      const { demoToken } = options
      if (options.demo && demoToken && isLocal(options)) root.route('/demo', demoRoutes({ core, token: demoToken }))
    },
    metrics,
    log,
  })
  const demo = options.demo ? await createDemoTeam({ core, accounts, attachments, clock }) : null
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => void listener(request, response))
  routeSockets(server, [sync.sockets, chatSockets], log)
  const url: string = await listen(server, options)
  await channels.start()
  onClose(() => channels.stop())
  if (options.demo) {
    const { connections } = channels
    await connectDemoPlatforms({ core, connections, addresses: options.addresses, log, clock })
  }
  await notifications.start()
  onClose(() => notifications.stop())
  await erasure.start()
  onClose(() => erasure.stop())
  await jobs.start({
    ...channels.work,
    async tidy() {
      const removed = await pruneTombstones(db, clock())
      log.info({ removed }, 'what says that rows are gone was tidied up')
      await channels.tidy()
      await notifications.tidy()
      await erasure.tidy()
    },
  })
  onClose(async () => {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()))
    webchat.close()
    await sync.close()
    chatSockets.cut()
    const patience = setTimeout(() => server.closeAllConnections(), FINISH_WITHIN)
    server.closeIdleConnections()
    await stopped
    clearTimeout(patience)
  })
  log.info({ url, database: database.kind }, 'the hub answers')
  const channelId = demo?.channelId ?? (await firstWebchat(db))
  return { url, webchat: channelId ? `${url}/chat/${channelId}` : null, accounts: demo?.accounts ?? [] }
}

async function openStore({ home, databaseUrl }: HubOptions): Promise<OpenDatabase> {
  let database: OpenDatabase | undefined
  try {
    database = await openDatabase(databaseUrl ? { databaseUrl } : { folder: join(home, 'database') })
    await migrate(database.db)
    return database
  } catch (error) {
    await database?.close()
    const what = databaseUrl ? 'the database server' : `the database in ${join(home, 'database')}`
    throw new StartError(`${what} cannot be opened`, { cause: error })
  }
}

/** The same core, which counts the commands it takes. */
function measured(core: SyncCore, metrics: Metrics): SyncCore {
  return {
    ...core,
    async runPushed(identity, command) {
      const begun = performance.now()
      const taken = await core.runPushed(identity, command)
      const result = taken.type === 'taken' && !taken.refusal ? 'accepted' : (taken.refusal?.code ?? taken.type)
      // The name is the workstation's word until it is known to be one of ours.
      const name = isCommandName(command.name) ? command.name : 'unknown'
      metrics.command(name, result, (performance.now() - begun) / 1000)
      return taken
    },
    async system(teamId, name, args) {
      const begun = performance.now()
      const result = await core.system(teamId, name, args)
      metrics.command(name, result.ok ? 'accepted' : result.refusal.code, (performance.now() - begun) / 1000)
      return result
    },
  }
}

function metricsAccess(options: HubOptions): { token: string } | 'open' | 'closed' {
  if (options.metricsToken) return { token: options.metricsToken }
  return isLocal(options) ? 'open' : 'closed'
}

/** Whether only this machine reaches the hub: behind a proxy everybody comes from loopback. */
function isLocal({ host, trustProxy }: HubOptions): boolean {
  return LOOPBACK.has(host) && !trustProxy
}

/** What the server adds to each request; without one (a test) there is none. */
function isServed(env: unknown): env is { incoming: IncomingMessage } {
  return typeof env === 'object' && env !== null && 'incoming' in env
}

function listen(server: ReturnType<typeof createServer>, { port, host }: HubOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE'
      reject(taken ? new StartError(`port ${port} is in use`, { cause: error }) : error)
    })
    server.listen(port, host, () => {
      const address = server.address()
      if (typeof address !== 'object' || address === null) return reject(new Error('the server has no port'))
      const shown = host.includes(':') ? `[${host}]` : host
      resolve(`http://${shown}:${address.port}`)
    })
  })
}

async function firstWebchat(db: OpenDatabase['db']): Promise<string | null> {
  const channels = await db.selectFrom('channel').select(['id', 'data']).orderBy('team_id').orderBy('id').execute()
  const isWebchat = (data: unknown) =>
    typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'webchat'
  return channels.find(({ data }) => isWebchat(data))?.id ?? null
}
