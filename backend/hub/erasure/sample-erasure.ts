/** For tests: the parts of a hub that deletes, over a database whose files can be searched. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { ChannelId, MemberId, TeamId } from '../../domain/ids.ts'
import type { AttachmentId, ConversationId } from '../../domain/ids.ts'
import { memberOf } from '../../sync/sample-team.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { createAttachments } from '../attachments/attachments.ts'
import { openFolder } from '../attachments/folder.ts'
import { Inbox } from '../channels/inbox.ts'
import type { ChannelEvent } from '../channels/platform.ts'
import type { HubDatabase } from '../core.ts'
import { createJobs } from '../jobs/jobs.ts'
import { createLog } from '../observability/log.ts'
import { openDatabase } from '../store/database.ts'
import type { OpenDatabase } from '../store/database.ts'
import { migrate } from '../store/migrations/index.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { startSampleServer } from '../store/sample-server.ts'
import type { SampleServer } from '../store/sample-server.ts'
import { createHubCore } from '../sync/hub-core.ts'
import { createErasure } from './erasure.ts'
import { openSession } from './session.ts'
import type { ErasureSession } from './session.ts'
import { newTeam } from '../../domain/team/team.ts'

export const SHOP = TeamId.parse('shop')
export const LINE = ChannelId.parse('line')
const AGENT = MemberId.parse('cs_agent')

/** Where rows are, with the folder of their files. */
export type Place = {
  folder: string
  open(): Promise<OpenDatabase>
  server: SampleServer | null
  close(): Promise<void>
}

export async function embeddedPlace(): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), 'countertop-erasure-'))
  const folder = join(home, 'database')
  await (await sampleDatabase(folder)).close()
  const close = () => rm(home, { recursive: true, force: true })
  return { folder, open: () => openDatabase({ folder }), server: null, close }
}

/** What operations.md says to grant. */
export const GRANTS = [
  'grant pg_checkpoint to hub',
  'grant execute on function pg_switch_wal() to hub',
  'grant execute on function pg_ls_waldir() to hub',
]

/** A server on which the hub has a role of its own, which owns its database. */
export async function serverPlace(grants: readonly string[] = GRANTS) {
  // Small segments of the write-ahead log, since all of them are searched.
  const server = await startSampleServer(['--wal-segsize=1'])
  const postgres = await openDatabase({ databaseUrl: server.databaseUrl })
  await sql`create role hub login`.execute(postgres.db)
  await sql`create database hub owner hub`.execute(postgres.db)
  await postgres.close()
  /** The one who runs the server, in the hub's database. */
  const operator = await openDatabase({ databaseUrl: server.databaseUrl.replace(/postgres$/, 'hub') })
  const operate = (statement: string) => sql.raw(statement).execute(operator.db)
  for (const grant of grants) await operate(grant)
  const databaseUrl = server.databaseUrl.replace('postgres@', 'hub@').replace(/postgres$/, 'hub')
  const open = () => openDatabase({ databaseUrl })
  const first = await open()
  await migrate(first.db)
  await first.close()
  const close = async () => {
    await operator.close()
    await server.stop()
  }
  return { folder: server.folder, open, server, operator, operate, close } satisfies Place & Record<string, unknown>
}

type HubOptions = {
  clock: { now: number }
  /** Something else than the statement itself, before it is run. */
  before?: (statement: string) => Promise<void> | void
}

/** One hub over the place. Its erasure does not begin by itself. */
export async function openErasingHub(database: OpenDatabase, attachmentsFolder: string, options: HubOptions) {
  const { clock, before } = options
  const now = () => clock.now
  const { db, pglite } = database
  const written: string[] = []
  const log = createLog('debug', { write: (line) => void written.push(line) })
  const attachments = createAttachments({ db, store: await openFolder(attachmentsFolder), now })
  const at = pglite ? { embedded: pglite } : { server: await addressOf(db) }
  const statements: string[] = []
  const watched = (session: ErasureSession): ErasureSession => ({
    ...session,
    async run(statement) {
      statements.push(statement)
      await before?.(statement)
      return session.run(statement)
    },
  })
  const erasure = createErasure({
    db,
    session: async () => {
      const session = await openSession(at)
      return session && watched(session)
    },
    attachments,
    log,
    clock: now,
  })
  const jobs = await createJobs({ database: at, log })
  const core = createHubCore({ db, effects: erasure.over(jobs), attachments, log, clock: now })
  const channelOf = async (id: ChannelId) => {
    const channel = await core.row(SHOP, 'channel', id)
    if (!channel) throw new Error(`no channel ${id}`)
    return channel
  }
  // Each event is what it means; one without a type cannot be read.
  const parse = (event: unknown) => {
    if (typeof event !== 'object' || event === null || !('type' in event)) throw new Error('not an event')
    return [event as ChannelEvent]
  }
  const webhook = { isGenuine: () => true, events: () => [], parse }
  const inbox = new Inbox({
    core,
    connections: {
      of: async ({ teamId, channelId }) => ({
        teamId,
        channel: await channelOf(channelId),
        connection: { webhook, send: () => Promise.reject(new Error('nothing is sent')), check: async () => [] },
      }),
    },
    hooks: { notified: async () => undefined },
    log,
    clock: now,
  })
  let seq = 0
  const agent = { teamId: SHOP, memberId: AGENT, workstationId: 'counter-1', clientId: randomUUID(), expiresAt: 0 }
  return {
    db,
    core,
    erasure,
    jobs,
    inbox,
    attachments,
    log,
    written,
    /** What the erasing session ran. */
    statements,
    /** A member's command. */
    async push(name: string, args: unknown) {
      return core.runPushed(agent, { seq: ++seq, name, args, at: 0 })
    },
    /** A LINE customer's event, as it comes in. */
    async comesIn(id: string, event: unknown) {
      await inbox.take({ teamId: SHOP, channelId: LINE }, [{ id, event }])
    },
    upload: (conversationId: ConversationId, attachmentId: AttachmentId, name: string, text: string) =>
      attachments.store({
        teamId: SHOP,
        conversationId,
        attachmentId,
        name,
        declared: 'text/plain',
        bytes: new Blob([text]).stream(),
      }),
    /** Lets go of everything but the place. */
    async close() {
      await inbox.stop()
      await erasure.stop()
      await jobs.stop()
      await database.close()
    },
  }
}
export type ErasingHub = Awaited<ReturnType<typeof openErasingHub>>

async function addressOf(db: HubDatabase): Promise<string> {
  const { rows } = await sql<{ port: number; name: string; role: string }>`
    select inet_server_port() as port, current_database() as name, current_user as role`.execute(db)
  const [row] = rows
  if (!row) throw new Error('the server does not say where it is')
  return `postgres://${row.role}@127.0.0.1:${row.port}/${row.name}`
}

export function textEvent(externalId: string, id: string, text: string): ChannelEvent {
  return {
    type: 'message',
    source: { kind: 'person', externalId, name: 'Lin', phone: null },
    from: null,
    externalMessageId: id,
    sentAt: null,
    content: { kind: 'text', text },
    replyToken: `token-${id}`,
  }
}

/** The team, without customers. */
export function teamRows(): TableRow[] {
  const channel = { name: '官網', botOn: false, botKeywords: [], welcomeText: null, connected: true, problem: null }
  return [
    ['team', newTeam({ id: SHOP, name: '好日子' })],
    ['member', memberOf('cs_agent')],
    ['channel', { ...channel, id: LINE, kind: 'line' }],
  ]
}

/** Removes a conversation's rows under the team's next version and wants it erased, as the command does. */
export async function deleteConversation(
  hub: Pick<ErasingHub, 'db' | 'erasure' | 'jobs'>,
  conversationId: ConversationId,
  now: number,
): Promise<void> {
  await hub.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ seq: number }>`
      update team_seq set seq = seq + 1 where team_id = ${SHOP} returning seq`.execute(trx)
    await sql`delete from conversation where team_id = ${SHOP} and id = ${conversationId}`.execute(trx)
    for (const table of ['message', 'mark']) {
      await sql`
        delete from ${sql.table(table)} where team_id = ${SHOP} and conversation_id = ${conversationId}`.execute(trx)
    }
    await sql`
      insert into tombstone (team_id, version, table_name, id, conversation_id, at)
      values (${SHOP}, ${rows[0]?.seq}, 'conversation', ${conversationId}, null, ${now})`.execute(trx)
    const effect = { type: 'conversation.erase', channelId: LINE, conversationId } as const
    await hub.erasure.over(hub.jobs).record(trx, SHOP, [effect])
  })
}
