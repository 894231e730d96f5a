/**
 * LINE's webhooks into messages: signed calls to the hub, until each message is committed to PostgreSQL as a row of its
 * conversation. Beside it, in turn, the same calls to a bare server that checks the signature and commits one row a call.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { z } from 'zod'
import { ChannelId } from '../../../backend/domain/ids.ts'
import type { Channel, Contact, Conversation } from '../../../backend/domain/rows.ts'
import { sourceIds } from '../../../backend/hub/channels/ids.ts'
import { webhookPath } from '../../../backend/hub/channels/webhooks.ts'
import type { HubDatabase } from '../../../backend/hub/core.ts'
import { openDatabase } from '../../../backend/hub/store/database.ts'
import { migrate } from '../../../backend/hub/store/migrations/index.ts'
import { startSampleServer } from '../../../backend/hub/store/sample-server.ts'
import type { TableRow } from '../../../backend/sync/protocol.ts'
import type { User } from '../../fakes/line/people.ts'
import { connectionsOver, coreOver } from '../../world/hub-parts.ts'
import { Process } from '../../world/process.ts'
import { TEAM, createTeam } from '../../world/shop/team.ts'
import { atLeast, measured } from '../bench.ts'
import type { Measured, Say } from '../bench.ts'
import { root, withFolder } from '../folders.ts'
import { median, ratios, rounded, spread } from '../statistics.ts'
import { LINE_ACCOUNT, makeCalls, peopleOf } from './calls.ts'
import { post } from './load.ts'

const ROUNDS = 5
const CUSTOMERS = 500
/** Calls of one round, and at the same time. */
const CALLS = 2_000
const CONNECTIONS = 32
/** How many events are in one call of the second series. */
const SEVERAL = 5
/** ms between two looks whether everything is dealt with. */
const LOOK_EVERY = 10
const CHANNEL = ChannelId.parse('line-channel')

const Ready = z.object({ ready: z.literal(true), url: z.string() })
/** Messages a second: answered with 200, and there as rows. */
type Rates = { accepted: number; committed: number }

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const stops: (() => Promise<unknown>)[] = []
    try {
      return await run(folder, say, (stop) => void stops.push(stop))
    } finally {
      for (const stop of stops.toReversed()) await stop()
    }
  })
}

async function run(folder: string, say: Say, onEnd: (stop: () => Promise<unknown>) => void): Promise<Measured> {
  say('ingest: starting PostgreSQL, a hub with a LINE channel, and a bare server…')
  const server = await startSampleServer()
  onEnd(() => server.stop())
  const home = join(folder, 'hub')
  mkdirSync(home)
  const people = peopleOf(CUSTOMERS)
  await prepare(server.databaseUrl, home, people)
  const env = { DATABASE_URL: server.databaseUrl, COUNTERTOP_LOG: 'warn' }
  const hub = await Process.start(join(root, 'backend/hub/main.ts'), ['--home', home, '--port', '0'], env, Ready)
  onEnd(() => hub.stop())
  const bareServer = fileURLToPath(new URL('bare.ts', import.meta.url))
  const bare = await Process.start(bareServer, [server.databaseUrl, LINE_ACCOUNT.channelSecret], {}, Ready)
  onEnd(() => bare.stop())
  const rows = await Rows.open(server.databaseUrl)
  onEnd(() => rows.close())

  const hook = new URL(webhookPath(CHANNEL), hub.url)
  const bareHook = new URL(bare.url)
  const series = async (each: number) => {
    const ours: Rates[] = []
    const reference: number[] = []
    // The first round makes everything warm.
    for (let round = -1; round < ROUNDS; round++) {
      const calls = Math.ceil(CALLS / each)
      const own = await ingest(hook, makeCalls(hook, people, calls, each), each, rows)
      const beside = await timeOf(() => post(bareHook, makeCalls(bareHook, people, calls, each), CONNECTIONS))
      if (round < 0) continue
      ours.push(own)
      reference.push((calls * 1_000) / beside)
    }
    return { ours, reference }
  }
  const single = await series(1)
  const several = await series(SEVERAL)
  const committed = (all: readonly Rates[]) => all.map((one) => one.committed)
  const accepted = (all: readonly Rates[]) => all.map((one) => one.accepted)
  const inRounds = ratios(committed(single.ours), single.reference)
  const [median1, bare1] = [median(committed(single.ours)), median(single.reference)]
  say(`ingest: ${rounded(median1)} messages/s, bare server ${rounded(bare1)} calls/s`)
  return measured(atLeast(rounded(median(inRounds)), 0.25), {
    'messages/s, committed as rows': spread(committed(single.ours)),
    'messages/s, accepted': spread(accepted(single.ours)),
    'bare server: calls/s': spread(single.reference),
    'ratio by round': spread(inRounds),
    [`${SEVERAL} events a call`]: {
      'messages/s, committed as rows': spread(committed(several.ours)),
      'messages/s, accepted': spread(accepted(several.ours)),
      'bare server: calls/s': spread(several.reference),
      'our calls to its, by round': spread(
        ratios(
          committed(several.ours).map((rate) => rate / SEVERAL),
          several.reference,
        ),
      ),
    },
  })
}

async function ingest(hook: URL, calls: readonly Buffer[], each: number, rows: Rows): Promise<Rates> {
  const before = await rows.messages()
  const events = calls.length * each
  const begun = performance.now()
  await post(hook, calls, CONNECTIONS)
  const accepted = performance.now() - begun
  while ((await rows.waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
  const committed = performance.now() - begun
  const added = (await rows.messages()) - before
  if (added !== events) throw new Error(`${events} events became ${added} messages`)
  return { accepted: (events * 1_000) / accepted, committed: (events * 1_000) / committed }
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** What is there, asked of the database itself. */
class Rows {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  /** @throws when the server does not force its commits to the disk */
  static async open(connectionString: string): Promise<Rows> {
    const client = new pg.Client({ connectionString })
    await client.connect()
    const { rows } = await client.query("SELECT current_setting('fsync') || current_setting('synchronous_commit') AS s")
    if (rows[0]?.s !== 'onon') throw new Error(`PostgreSQL does not wait for the disk: ${rows[0]?.s}`)
    return new Rows(client)
  }

  /** Events that are kept, but are no messages yet: both change in one transaction. */
  waiting(): Promise<number> {
    return this.#count('SELECT count(*)::int AS n FROM inbound_event WHERE team_id = $1 AND done_at IS NULL')
  }

  messages(): Promise<number> {
    return this.#count('SELECT count(*)::int AS n FROM message WHERE team_id = $1')
  }

  close(): Promise<void> {
    return this.#client.end()
  }

  async #count(query: string): Promise<number> {
    const { rows } = await this.#client.query(query, [TEAM])
    return Number(rows[0]?.n)
  }
}

/** The team with its LINE channel, connected, and a conversation with everybody. */
async function prepare(databaseUrl: string, home: string, people: readonly User[]): Promise<void> {
  const database = await openDatabase({ databaseUrl })
  try {
    await migrate(database.db)
    await createTeam(database.db, home)
    await createChannel(database.db, home, people)
  } finally {
    await database.close()
  }
}

async function createChannel(db: HubDatabase, home: string, people: readonly User[]): Promise<void> {
  const channel: Channel = {
    id: CHANNEL,
    kind: 'line',
    name: 'LINE',
    botOn: false,
    botKeywords: [],
    welcomeText: null,
    connected: true,
    problem: null,
  }
  const now = Date.now()
  await coreOver(db).importRows(TEAM, [
    ['channel', channel],
    ...people.flatMap((user): TableRow[] => [
      ['contact', contactOf(user, now)],
      ['conversation', conversationWith(user, now)],
    ]),
  ])
  await connectionsOver(db, home).save(TEAM, channel, LINE_ACCOUNT, now)
}

function contactOf({ id: externalId, name }: User, createdAt: number): Contact {
  return {
    id: sourceIds(CHANNEL, externalId).contactId,
    kind: 'person',
    channelId: CHANNEL,
    externalId,
    name,
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
    createdAt,
  }
}

function conversationWith({ id: externalId }: User, createdAt: number): Conversation {
  const { contactId, conversationId } = sourceIds(CHANNEL, externalId)
  return {
    id: conversationId,
    kind: 'direct',
    contactId,
    channelId: CHANNEL,
    status: 'pending_person',
    followerId: null,
    collaboratorIds: [],
    askingIds: [],
    messageCount: 0,
    inboundCount: 0,
    clearedInbound: 0,
    lastMessage: null,
    lastInboundAt: null,
    waitingSince: null,
    createdAt,
    closedAt: null,
    closedBy: null,
  }
}
