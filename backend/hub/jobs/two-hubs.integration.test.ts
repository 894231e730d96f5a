/** The jobs of two hubs that start at once on one empty PostgreSQL: each is done by one of them, once, in order. */
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ContactId, MemberId, MessageId, TeamId } from '../../domain/ids.ts'
import { SampleTeam, WEBCHAT } from '../../sync/sample-team.ts'
import { openDatabase } from '../store/database.ts'
import type { OpenDatabase } from '../store/database.ts'
import { migrate } from '../store/migrations/index.ts'
import { startSampleServer } from '../store/sample-server.ts'
import type { SampleServer } from '../store/sample-server.ts'
import { createHubCore } from '../sync/hub-core.ts'
import type { SyncCore } from '../sync/hub-core.ts'
import { idOf, rowsOf } from '../sync/sample-hub-team.ts'
import { createJobs } from './jobs.ts'
import type { Jobs } from './jobs.ts'
import type { Connection } from '../channels/platform.ts'
import { sampleSending, sampleWork } from '../channels/sample-sending.ts'

type Hub = { database: OpenDatabase; core: SyncCore; jobs: Jobs; sent: string[] }
const TEAM = TeamId.parse('shop')
const CUSTOMERS = ['lin', 'wang', 'chen']
const log = pino({ level: 'silent' })
let server: SampleServer
let hubs: Hub[]

async function start(): Promise<Hub> {
  const database = await openDatabase({ databaseUrl: server.databaseUrl })
  await migrate(database.db)
  const jobs = await createJobs({ database: { server: server.databaseUrl }, log })
  const attachments = { check: async () => null }
  const core = createHubCore({ db: database.db, effects: jobs, attachments, log, clock: () => Date.now() })
  return { database, core, jobs, sent: [] }
}

beforeAll(async () => {
  server = await startSampleServer()
  hubs = await Promise.all([start(), start()])
}, 120_000)
afterAll(async () => {
  for (const { jobs, database } of hubs) {
    await jobs.stop()
    await database.close()
  }
  await server.stop()
})

it('[CNV-10] two hubs send each message once, each conversation in its order', async () => {
  const all: { conversationId: string; messageId: string }[] = []
  for (const { core, jobs, sent } of hubs) {
    const send: Connection['send'] = async ({ conversation, message }) => {
      sent.push(message.id)
      all.push({ conversationId: conversation.id, messageId: message.id })
      return { ok: true }
    }
    await jobs.start(sampleWork(sampleSending(core, { webchat: { send } })))
  }
  const [first] = hubs
  if (!first) throw new Error('no hub')
  await first.core.importRows(TEAM, rowsOf(new SampleTeam()))
  for (const who of CUSTOMERS) {
    await first.core.system(TEAM, 'message.receive', {
      channelId: WEBCHAT,
      externalId: who,
      name: who,
      contactId: ContactId.parse(`contact-${who}`),
      conversationId: idOf(who),
      messageId: MessageId.parse(`${who}-first`),
      content: { kind: 'text', text: '在嗎' },
    })
  }
  const written: string[] = []
  for (let n = 0; n < 60; n++) {
    const who = CUSTOMERS[n % CUSTOMERS.length] ?? ''
    const at = n % hubs.length
    const args = { conversationId: idOf(who), messageId: `${who}-${n}`, content: { kind: 'text', text: `${n}` } }
    const identity = {
      teamId: TEAM,
      memberId: MemberId.parse('cs_agent'),
      workstationId: 'counter-1',
      clientId: `client-${at}`,
      expiresAt: 0,
    }
    const command = { seq: Math.floor(n / hubs.length) + 1, name: 'message.send', args, at: 0 }
    expect(await hubs[at]?.core.runPushed(identity, command)).toEqual({ type: 'taken', refusal: null })
    written.push(args.messageId)
  }
  await vi.waitFor(() => expect(all.length).toBeGreaterThanOrEqual(written.length), { timeout: 30_000, interval: 50 })
  await vi.waitFor(
    async () => {
      const counts = await first.jobs.counts()
      expect(counts.find(({ queue }) => queue === 'channel.send')).toMatchObject({ waiting: 0, active: 0 })
    },
    { timeout: 45_000, interval: 100 },
  )
  expect(all.map(({ messageId }) => messageId).toSorted()).toEqual(written.toSorted())
  for (const who of CUSTOMERS) {
    const mine = all.filter(({ conversationId }) => conversationId === idOf(who)).map(({ messageId }) => messageId)
    expect(mine).toEqual(written.filter((id) => id.startsWith(`${who}-`)))
  }
  // Both of them work.
  expect(hubs.every(({ sent }) => sent.length > 0)).toBe(true)
}, 90_000)
