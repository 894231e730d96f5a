/** What the hub holds durably, and whether it agrees with itself. */
import { sql } from 'kysely'
import type { Conversation, Member, Message } from '../../../backend/domain/rows.ts'
import type { OpenDatabase } from '../../../backend/hub/store/database.ts'
import { readAll } from '../../../backend/hub/store/rows.ts'
import { TEAM } from './team.ts'
import type { Taken } from './ledger.ts'

export type HubState = {
  version: number
  members: Member[]
  conversations: Conversation[]
  /** By conversation and ordinal. */
  messages: Message[]
  /** What was taken of each client's queue, in order. */
  taken: Map<string, Taken[]>
  /** Where the hub disagrees with itself. */
  differences: string[]
}

type Progress = { client_id: string; last_seq: number }
type Result = { client_id: string; seq: number; fingerprint: string; refusal: string | null }
type Audit = { client_id: string; seq: number; accepted: boolean }

export async function readHub({ db, executeSql }: OpenDatabase): Promise<HubState> {
  const team = await sql<{ seq: number }>`select seq from team_seq where team_id = ${TEAM}`.execute(db)
  const version = team.rows[0]?.seq ?? 0
  const conversations = await readAll(db, TEAM, 'conversation')
  const messages = (await readAll(db, TEAM, 'message')).toSorted(
    (a, b) => compare(a.conversationId, b.conversationId) || a.ordinal - b.ordinal,
  )
  const progress = await sql<Progress>`select client_id, last_seq from client_progress`.execute(db)
  const results = await sql<Result>`
    select client_id, seq, fingerprint, refusal ->> 'code' as refusal from client_result_ever order by client_id, seq`.execute(
    db,
  )
  const audit = await sql<Audit>`select client_id, seq, accepted from audit order by client_id, seq`.execute(db)
  const jobs = await executeSql(
    `select data ->> 'messageId' as id, count(*)::int as n from jobs.job where name = 'channel.send' group by 1`,
  )
  const differences = [
    ...(await columnsDiffer(db)),
    ...countsDiffer(conversations, messages),
    ...queuesDiffer(progress.rows, results.rows, audit.rows),
    ...jobsDiffer(messages, new Map(jobs.rows.map(({ id, n }) => [String(id), Number(n)]))),
  ]
  return {
    version,
    members: await readAll(db, TEAM, 'member'),
    conversations,
    messages,
    taken: Map.groupBy(results.rows, ({ client_id }) => client_id),
    differences,
  }
}

/** Rows that are newer than the team, and columns that are not what their row says. */
async function columnsDiffer(db: OpenDatabase['db']): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from conversation where status <> data ->> 'status'
      or follower_id is distinct from data ->> 'followerId' or message_count <> (data ->> 'messageCount')::int
      or closed_at is distinct from (data ->> 'closedAt')::bigint
    union all select id from message where ordinal <> (data ->> 'ordinal')::int
      or conversation_id <> data ->> 'conversationId'
    union all select r.id from team_seq t, (select team_id, id, version from conversation
      union all select team_id, id, version from message union all select team_id, id, version from mark) r
      where r.team_id = t.team_id and r.version > t.seq`.execute(db)
  return rows.map(({ id }) => `the hub's columns of ${id} are not what its row says`)
}

/** A conversation's messages are 1, 2, 3 …, and its counts and newest message are theirs. */
function countsDiffer(conversations: readonly Conversation[], messages: readonly Message[]): string[] {
  const under = Map.groupBy(messages, ({ conversationId }) => conversationId)
  const known = new Set(conversations.map(({ id }) => id))
  const stray = [...under.keys()].filter((id) => !known.has(id)).map((id) => `messages of ${id}, which is not there`)
  return conversations
    .flatMap((conversation) => {
      const { id, messageCount, inboundCount, clearedInbound, lastMessage } = conversation
      const own = under.get(id) ?? []
      const inbound = own.filter(({ author }) => author.type === 'customer').length
      const said = { messageCount, ordinals: true, inboundCount, cleared: true, last: lastMessage?.messageId }
      const found = {
        messageCount: own.length,
        ordinals: own.every(({ ordinal }, n) => ordinal === n + 1),
        inboundCount: inbound,
        cleared: clearedInbound <= inbound,
        // A greeting is not what waits for an answer, so lists do not show it.
        last: own.findLast(({ author }) => author.type !== 'bot')?.id,
      }
      return JSON.stringify(said) === JSON.stringify(found)
        ? []
        : [`conversation ${id} says ${JSON.stringify(said)}, its messages ${JSON.stringify(found)}`]
    })
    .concat(stray)
}

/** Progress, results and audit of each queue: 1, 2, 3 …, each once. */
function queuesDiffer(progress: readonly Progress[], results: readonly Result[], audit: readonly Audit[]): string[] {
  const last = new Map(progress.map(({ client_id, last_seq }) => [client_id, last_seq]))
  const taken = Map.groupBy(results, ({ client_id }) => client_id)
  const audited = Map.groupBy(audit, ({ client_id }) => client_id)
  const clients = new Set([...last.keys(), ...taken.keys()])
  return [...clients].flatMap((client) => {
    const own = taken.get(client) ?? []
    const numbers = own.every(({ seq }, n) => seq === n + 1)
    if (!numbers || own.length !== (last.get(client) ?? 0)) {
      return [`client ${client}: progress ${last.get(client)}, results ${own.map(({ seq }) => seq).join(' ')}`]
    }
    const expected = own.map(({ seq, refusal }) => `${seq} ${refusal === null}`).join()
    const entries = (audited.get(client) ?? []).filter(({ seq }) => seq > 0)
    const found = entries.map(({ seq, accepted }) => `${seq} ${accepted}`).join()
    return expected === found ? [] : [`client ${client}: the audit log does not have each command once`]
  })
}

/** Each message to a customer was given to the channel's queue once, with its command. */
function jobsDiffer(messages: readonly Message[], jobs: ReadonlyMap<string, number>): string[] {
  const toCustomers = messages.filter(({ delivery }) => delivery !== null)
  const wrong = toCustomers.filter(({ id }) => jobs.get(id) !== 1)
  const known = new Set<string>(toCustomers.map(({ id }) => id))
  const strange = [...jobs.keys()].filter((id) => !known.has(id))
  return [
    ...wrong.map(({ id }) => `message ${id} has ${jobs.get(id) ?? 0} jobs to send it`),
    ...strange.map((id) => `a job sends ${id}, which is no message to a customer`),
  ]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
