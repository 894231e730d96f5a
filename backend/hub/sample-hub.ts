/** A hub's parts over a real embedded database with a small team, for tests: no sockets, a clock to set, the log to read. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { ChannelId, ContactId, ConversationId, MemberId, TeamId } from '../domain/ids.ts'
import { ROLES } from '../domain/rows.ts'
import type { Conversation } from '../domain/rows.ts'
import type { Session, TableRow } from '../sync/protocol.ts'
import { PROTOCOL } from '../sync/protocol.ts'
import { XINYI, memberOf } from '../sync/sample-team.ts'
import { createAccounts } from './accounts/accounts.ts'
import { SignInLimits } from './accounts/limits.ts'
import { HubSecret } from './accounts/secret.ts'
import { createApp } from './app.ts'
import { createAttachments } from './attachments/attachments.ts'
import { openFolder } from './attachments/folder.ts'
import { attachmentRoutes } from './attachments/routes.ts'
import { createJobs } from './jobs/jobs.ts'
import { createLog } from './observability/log.ts'
import { createMetrics } from './observability/metrics.ts'
import { observabilityRoutes } from './observability/routes.ts'
import { sampleDatabase } from './store/sample-database.ts'
import { migrate } from './store/migrations/index.ts'
import { createHubCore } from './sync/hub-core.ts'
import { newTeam } from '../domain/team/team.ts'

export const SHOP = TeamId.parse('shop')
export const WEBCHAT = ChannelId.parse('webchat')
export const LINE = ChannelId.parse('line')
export const LIN = ContactId.parse('lin')
/** Followed by the cs_agent. */
export const OPEN = ConversationId.parse('open')
/** Another team's only conversation. */
export const THEIRS = ConversationId.parse('theirs')
export const PASSWORD = 'correct horse 電池'

/** @param folder an earlier sample's, to go on with; a new one by default */
export async function openSampleHub(folder?: string) {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'countertop-hub-')))
  const clock = { now: Date.now() }
  const now = () => clock.now
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
  const database = await sampleDatabase(join(home, 'db'))
  const { db, pglite } = database
  if (!pglite) throw new Error('the sample wants the embedded database')
  await migrate(db)
  const metrics = createMetrics()
  const attachments = createAttachments({ db, store: await openFolder(join(home, 'attachments')), now })
  const jobs = await createJobs({ database: { embedded: pglite }, log, onOutcome: metrics.job })
  const core = createHubCore({ db, effects: jobs, attachments, log, clock: now })
  const ended: string[] = []
  const endedElsewhere: string[] = []
  const accounts = createAccounts({
    db,
    core,
    secret: new HubSecret(Buffer.alloc(32, 7)),
    limits: new SignInLimits(),
    log,
    now,
    ipOf: ({ raw }) => raw.headers.get('x-test-ip') ?? '192.0.2.1',
    onEnded: (_, clientIds, { code }) => void ended.push(...clientIds.map((id) => `${id} ${code}`)),
    endingIn: async (_trx, _teamId, clientIds, { code }) =>
      void endedElsewhere.push(...clientIds.map((id) => `${id} ${code}`)),
  })
  const app = createApp({
    mount(root) {
      root.route('/', accounts.routes)
      root.route('/', attachmentRoutes(attachments, core, accounts.authenticator))
      root.route('/', observabilityRoutes({ db, metrics, metricsAccess: 'open', log }))
      root.get('/broken', () => {
        throw new Error('a bug')
      })
    },
    metrics,
    log,
  })
  if (!folder) await addTeams()

  async function addTeams() {
    await core.importRows(SHOP, sampleRows(SHOP, OPEN))
    await core.importRows(TeamId.parse('rival'), sampleRows(TeamId.parse('rival'), THEIRS))
    for (const role of ['admin', 'supervisor', 'cs_agent', 'salesperson']) {
      const memberId = MemberId.parse(role)
      await accounts.createAccount({ teamId: SHOP, memberId, email: `${role}@shop.example`, password: PASSWORD })
    }
  }

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return {
    home,
    clock,
    written,
    /** The clients whose connections are to be closed, each with the reason. */
    ended,
    /** As told to other hubs, in the transaction. */
    endedElsewhere,
    db,
    core,
    jobs,
    app,
    accounts,
    attachments,
    post,
    signIn: (email: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
      post(
        '/auth/sign-in',
        { email, password: PASSWORD, workstation: { id: 'counter-1', name: '櫃檯一' }, protocol: PROTOCOL, ...more },
        headers,
      ),
    /** Signs in and answers the session. */
    async session(role: string, workstation = 'counter-1'): Promise<Session> {
      const response = await this.signIn(`${role}@shop.example`, { workstation: { id: workstation, name: '櫃檯' } })
      if (response.status !== 200) throw new Error(`signing in answered ${response.status}`)
      return response.json()
    },
    /** Marks every first job as being done, as a hub leaves them that is killed. */
    async leaveUnderWay() {
      await pglite.query(
        `update jobs.job set state = 'active', started_on = now() where created_on = (select min(created_on) from jobs.job)`,
      )
    },
    /** Lets go of everything; the folder stays when `keep` is set. */
    async close(keep = false) {
      await jobs.stop()
      await database.close()
      if (!keep) await rm(home, { recursive: true, force: true })
    },
  }
}

export type SampleHub = Awaited<ReturnType<typeof openSampleHub>>

export function sampleRows(teamId: TeamId, conversationId: ConversationId): TableRow[] {
  const agent = MemberId.parse('cs_agent')
  const conversation: Conversation = {
    id: conversationId,
    kind: 'direct',
    contactId: LIN,
    channelId: WEBCHAT,
    status: 'open',
    followerId: agent,
    collaboratorIds: [],
    askingIds: [],
    messageCount: 0,
    inboundCount: 0,
    clearedInbound: 0,
    lastMessage: null,
    lastInboundAt: null,
    waitingSince: null,
    createdAt: 1_000,
    closedAt: null,
    closedBy: null,
  }
  const channel = { name: '官網', botOn: false, botKeywords: [], welcomeText: null, connected: true, problem: null }
  return [
    ['team', newTeam({ id: teamId, name: '好日子' })],
    ['store', { id: XINYI, name: '信義店' }],
    ...ROLES.map((role): TableRow => ['member', memberOf(role)]),
    ['channel', { ...channel, id: WEBCHAT, kind: 'webchat' }],
    ['channel', { ...channel, id: LINE, kind: 'line' }],
    [
      'contact',
      {
        id: LIN,
        channelId: WEBCHAT,
        kind: 'person',
        externalId: 'visitor-1',
        name: '林小姐',
        phone: null,
        email: null,
        memberNumber: null,
        matchedPhone: null,
        tagIds: [],
        subscribed: true,
        platformBlockedAt: null,
        people: [],
        binding: null,
        blocked: null,
        deletions: 0,
        createdAt: 1_000,
      },
    ],
    ['conversation', conversation],
    ['conversation', { ...conversation, id: ConversationId.parse('open-line'), channelId: LINE }],
  ]
}
