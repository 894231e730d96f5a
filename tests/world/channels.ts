/** A hub's channels over a real database and real HTTP, with LINE and WhatsApp played by their fakes; for tests alone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { pino } from 'pino'
import type { CommandArgs, MemberCommandName } from '../../backend/domain/commands.ts'
import { ChannelId, MemberId, TeamId } from '../../backend/domain/ids.ts'
import { refuse } from '../../backend/domain/refusal.ts'
import type { ConversationId } from '../../backend/domain/ids.ts'
import type { Channel, ChannelKind, Message, TableName } from '../../backend/domain/rows.ts'
import { ROLES } from '../../backend/domain/rows.ts'
import { memberOf } from '../../backend/sync/sample-team.ts'
import { startLine } from '../fakes/line/line.ts'
import { startWhatsApp } from '../fakes/whatsapp/whatsapp.ts'
import { HubSecret } from '../../backend/hub/accounts/secret.ts'
import { createApp } from '../../backend/hub/app.ts'
import { createAttachments } from '../../backend/hub/attachments/attachments.ts'
import { openFolder } from '../../backend/hub/attachments/folder.ts'
import { createJobs } from '../../backend/hub/jobs/jobs.ts'
import { createMetrics } from '../../backend/hub/observability/metrics.ts'
import { sampleDatabase } from '../../backend/hub/store/sample-database.ts'
import { readAll } from '../../backend/hub/store/rows.ts'
import { createHubCore } from '../../backend/hub/sync/hub-core.ts'
import { createChannels } from '../../backend/hub/channels/channels.ts'
import { sourceIds } from '../../backend/hub/channels/ids.ts'
import { createLinePlatform } from '../../backend/hub/channels/line/line.ts'
import type { Platform } from '../../backend/hub/channels/platform.ts'
import { webchatPlatform } from '../../backend/hub/channels/webchat/platform.ts'
import { webhookPath } from '../../backend/hub/channels/webhooks.ts'
import { createWhatsAppPlatform } from '../../backend/hub/channels/whatsapp/whatsapp.ts'
import { newTeam } from '../../backend/domain/team/team.ts'

export const TEAM = TeamId.parse('shop')
export const LINE = ChannelId.parse('shop-line')
export const WHATSAPP = ChannelId.parse('shop-whatsapp')
export const LINE_ACCOUNT = {
  channelId: '1650000000',
  channelSecret: 'channel-secret-of-the-shop',
  accessToken: 'line-token-of-the-shop',
}
export const WHATSAPP_ACCOUNT = {
  phoneNumberId: '106540352242922',
  businessAccountId: '102290129340398',
  appSecret: 'app-secret-of-the-shop',
  verifyToken: 'verify-token-of-the-shop',
  accessToken: 'whatsapp-token-of-the-shop',
}
/** How long a platform is waited for, in ms: short, so that one that hangs is given up soon. */
const PATIENCE = 400

function channel(id: ChannelId, kind: ChannelKind): Channel {
  const settings = { botOn: false, botKeywords: [], welcomeText: null }
  return { id, kind, name: kind, ...settings, connected: true, problem: null }
}

export type ChannelWorld = Awaited<ReturnType<typeof startChannelWorld>>

export async function startChannelWorld(
  settings: { line?: Partial<Channel>; whatsapp?: Partial<Channel>; patience?: number } = {},
) {
  const { patience = PATIENCE } = settings
  const folder = await mkdtemp(join(tmpdir(), 'countertop-channels-'))
  const database = await sampleDatabase()
  const { db } = database
  const written: string[] = []
  const log = pino(
    { level: 'debug' },
    new Writable({ write: (chunk, _encoding, done) => (written.push(String(chunk)), done()) }),
  )
  const clock = { ahead: 0 }
  const now = () => Date.now() + clock.ahead
  if (!database.pglite) throw new Error('a sample is an embedded database')
  const jobs = await createJobs({ database: { embedded: database.pglite }, log })
  const attachments = createAttachments({ db, store: await openFolder(folder), now })
  const core = createHubCore({ db, effects: jobs, attachments, log, clock: now })
  await core.importRows(TEAM, [
    ['team', newTeam({ id: TEAM, name: '好日子' })],
    ['store', { id: memberOf('salesperson').storeIds[0] ?? fail('no store'), name: '信義店' }],
    ...ROLES.map((role) => ['member', memberOf(role)] as ['member', ReturnType<typeof memberOf>]),
    ['channel', { ...channel(LINE, 'line'), ...settings.line }],
    ['channel', { ...channel(WHATSAPP, 'whatsapp'), ...settings.whatsapp }],
  ])

  const line = await startLine({ now, deliveries: { retryAfterMs: 50 } })
  const whatsapp = await startWhatsApp({ now, deliveries: { retryAfterMs: 50 } })
  const limits = { answer: patience, content: patience }
  const platforms: [ChannelKind, Platform][] = [
    ['webchat', webchatPlatform],
    ['line', createLinePlatform(limits)],
    ['whatsapp', createWhatsAppPlatform({ call: patience, send: patience, bytes: patience })],
  ]
  const notified: string[] = []
  let url = ''
  const channels = createChannels({
    core,
    // Nobody signs in here.
    authenticator: { authenticate: async () => ({ ok: false, refusal: refuse('request.unauthorised', {}) }) },
    attachments,
    secret: new HubSecret(Buffer.alloc(32, 7)),
    platforms: new Map(platforms),
    addresses: { line: line.apiUrl, lineData: line.dataUrl, graph: whatsapp.origin },
    publicUrl: () => 'https://hub.example',
    hooks: { notified: async (_asker, _place, tag) => void notified.push(tag) },
    log,
    clock: now,
  })
  const app = createApp({ mount: (root) => root.route('/', channels.routes), metrics: createMetrics(), log })
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const saved = { clock: now() }
  await channels.connections.save(TEAM, channel(LINE, 'line'), LINE_ACCOUNT, saved.clock)
  await channels.connections.save(TEAM, channel(WHATSAPP, 'whatsapp'), WHATSAPP_ACCOUNT, saved.clock)
  const shop = line.addAccount({
    ...LINE_ACCOUNT,
    webhookUrl: `https://hub.example${webhookPath(LINE)}`,
    name: '好日子',
    basicId: '@gooddays',
    tunnel: { 'https://hub.example': url },
  })
  const { businessAccountId: wabaId, ...numberAccount } = WHATSAPP_ACCOUNT
  const number = whatsapp.addAccount({
    ...numberAccount,
    wabaId,
    displayPhoneNumber: '+886 2 2720 8889',
    verifiedName: '好日子',
    webhookUrl: url + webhookPath(WHATSAPP),
  })
  await channels.start()
  await jobs.start({ ...channels.work, tidy: () => channels.tidy() })

  let seq = 0
  return {
    core,
    db,
    jobs,
    channels,
    attachments,
    line,
    shop,
    whatsapp,
    number,
    clock,
    now,
    notified,
    /** Everything that was logged. */
    written,
    url,
    rows: <T extends TableName>(table: T) => readAll(db, TEAM, table),
    /** The messages of a conversation, in their order. */
    async thread(conversationId: ConversationId): Promise<Message[]> {
      const messages = (await readAll(db, TEAM, 'message')).filter((one) => one.conversationId === conversationId)
      return messages.toSorted((a, b) => a.ordinal - b.ordinal)
    },
    with: (channelId: ChannelId, externalId: string) => sourceIds(channelId, externalId),
    /** A member does it; gives back the refusal's code, or null. */
    async member<N extends MemberCommandName>(name: N, args: CommandArgs<N>, memberId = 'admin') {
      seq += 1
      const identity = {
        teamId: TEAM,
        memberId: MemberId.parse(memberId),
        workstationId: 'counter-1',
        clientId: `client-${memberId}`,
        expiresAt: 0,
      }
      const taken = await core.runPushed(identity, { seq, name, args, at: 0 })
      return taken.refusal?.code ?? null
    },
    async close() {
      await jobs.stop()
      await channels.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await line.close()
      await whatsapp.close()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

function fail(why: string): never {
  throw new Error(why)
}
