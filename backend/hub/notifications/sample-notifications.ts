/**
 * For tests: a hub's channels and notifications over a real embedded database and a real HTTP server, with a clock to set.
 * Several may be opened over one database, one after the other, as after a kill.
 */
import { createServer } from 'node:http'
import { Writable } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { ChannelId, MemberId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import { ROLES } from '../../domain/rows.ts'
import type { Channel } from '../../domain/rows.ts'
import { memberOf } from '../../sync/sample-team.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { HubSecret } from '../accounts/secret.ts'
import { createApp } from '../app.ts'
import { createChannels } from '../channels/channels.ts'
import type { Account } from '../channels/platform.ts'
import { PLATFORMS } from '../channels/platforms.ts'
import type { HubDatabase, Identity } from '../core.ts'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { createHubCore } from '../sync/hub-core.ts'
import { createNotifications } from './notifications.ts'
import { newTeam } from '../../domain/team/team.ts'

export const SHOP = TeamId.parse('shop')
export const RIVAL = TeamId.parse('rival')
export const LINE = ChannelId.parse('line')
/** Where the world finds the hub. */
export const PUBLIC_URL = 'https://hub.example'

export type SampleOptions = {
  addresses: Readonly<Record<string, string>>
  clock: { now: number }
  smsTimeout?: number
  limits?: { key: number; wrong: number }
}

type Database = Awaited<ReturnType<typeof sampleDatabase>>

/** A database with two teams, each with a LINE channel. @param used what is in it goes; a new one by default */
export async function sampleTeams(used?: Database): Promise<Database> {
  const database = used ?? (await sampleDatabase())
  if (used) {
    const { rows } = await used.executeSql(
      `select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`,
    )
    await used.executeSql(`truncate ${rows.map(({ tablename }) => `"${String(tablename)}"`).join(', ')}`)
  }
  const { core } = partsOver(database.db, () => 1_000, silent().log)
  for (const teamId of [SHOP, RIVAL]) {
    const rows: TableRow[] = [
      ['team', newTeam({ id: teamId, name: teamId === SHOP ? '好日子' : '別家' })],
      ...ROLES.map((role): TableRow => ['member', memberOf(role)]),
      ['channel', lineChannel(teamId === SHOP ? LINE : ChannelId.parse('theirs'), 'LINE')],
    ]
    await core.importRows(teamId, rows)
  }
  return database
}

export function lineChannel(id: ChannelId, name: string): Channel {
  const rest = { botOn: false, botKeywords: [], welcomeText: null, connected: true, problem: null }
  return { id, kind: 'line', name, ...rest }
}

export type SampleNotifications = Awaited<ReturnType<typeof openSampleNotifications>>

/** One hub. Its courier does not begin by itself: `sweep` makes it work until nothing is due. */
export async function openSampleNotifications(db: HubDatabase, { addresses, clock, ...more }: SampleOptions) {
  const now = () => clock.now
  const { log, written } = silent()
  const { core, attachments } = partsOver(db, now, log)
  const secret = new HubSecret(Buffer.alloc(32, 7))
  const channels = createChannels({
    core,
    authenticator: { authenticate: async (token) => identified(token) },
    attachments,
    secret,
    platforms: PLATFORMS,
    addresses,
    publicUrl: () => PUBLIC_URL,
    hooks: { notified: (asker, place, tag) => notifications.notified(asker, place, tag) },
    log,
    clock: now,
  })
  const notifications = createNotifications({
    core,
    connections: channels.connections,
    authenticator: { authenticate: async (token) => identified(token) },
    secret,
    publicUrl: () => PUBLIC_URL,
    alone: true,
    ipOf: ({ raw }) => raw.headers.get('x-test-ip') ?? '192.0.2.1',
    log,
    clock: now,
    ...more,
  })
  const app = createApp({
    mount: (root) => void root.route('/', new Hono().route('/', channels.routes).route('/', notifications.routes)),
    metrics: createMetrics(),
    log,
  })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    db,
    core,
    channels,
    notifications,
    /** What was logged. */
    written,
    url: `http://127.0.0.1:${address.port}`,
    connect: (account: Account, teamId = SHOP, id = LINE) =>
      channels.connections.save(teamId, { id, kind: 'line' }, account, clock.now),
    /** As a member, by role; `rival/admin` for one of the other team. */
    as: (who: string, path: string, init: RequestInit = {}) => app.request(path, withToken(who, init)),
    /** As one of the team's own systems. */
    call: (key: string, path: string, init: RequestInit = {}) => app.request(path, withToken(key, init)),
    async close() {
      await notifications.stop()
      await channels.stop()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function withToken(token: string, init: RequestInit): RequestInit {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  if (init.body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
  return { ...init, headers }
}

function identified(
  token: string,
): { ok: true; identity: Identity } | { ok: false; refusal: ReturnType<typeof refuse> } {
  const [role = '', team = 'shop'] = token.split('/').toReversed()
  if (!ROLES.some((one) => one === role)) return { ok: false, refusal: refuse('request.unauthorised', {}) }
  const identity = {
    teamId: TeamId.parse(team),
    memberId: MemberId.parse(role),
    workstationId: 'counter-1',
    clientId: `${role}-1`,
    expiresAt: 0,
  }
  return { ok: true, identity }
}

function partsOver(db: HubDatabase, now: () => number, log: ReturnType<typeof silent>['log']) {
  const none = () => Promise.reject(new Error('no files here'))
  const core = createHubCore({
    db,
    effects: { record: async () => undefined },
    attachments: { check: async () => null },
    log,
    clock: now,
  })
  const attachments = {
    store: none,
    storeFromCustomer: none,
    find: none,
    open: none,
    remove: none,
    removeLost: none,
    check: async () => null,
  }
  return { core, attachments }
}

function silent() {
  const written: string[] = []
  const log = createLog(
    'debug',
    new Writable({
      write(line, _, done) {
        written.push(String(line))
        done()
      },
    }),
  )
  return { log, written }
}
