/** The snapshot of a member's part of the team, line by line: newest conversations first, resumable after any of them. */
import { sql } from 'kysely'
import type { ConversationId } from '../../domain/ids.ts'
import type { Member, TableName, Time } from '../../domain/rows.ts'
import { MESSAGES_HELD, horizonAt } from '../../sync/protocol.ts'
import type { Version } from '../../sync/protocol.ts'
import type { HubDatabase, HubTransaction, Identity } from '../core.ts'
import { isOurs, reading, standingOf } from './catch-up.ts'
import type { Standing } from './catch-up.ts'
import { parseRow } from '../store/rows.ts'
import { seesReplyRow } from './reply-scope.ts'
import { rowText } from './row-text.ts'
import type { RowText } from './row-text.ts'
import { REFERENCE_TABLES, REPLY_TABLES } from '../../domain/rows.ts'
import { inScopeSql } from './scope.ts'

/** How many conversations are read and sent at a time, at most. */
const CHUNK = 50
/**
 * How many rows a line has, about: one line is one transaction on the device, during which nothing else happens there.
 * A conversation is never split, so a line may have some more.
 */
const ROWS_A_LINE = 1_000

export type Resume = { version: Version; epoch: string; after: ConversationId }
/** A place in the order of the conversations; they come newest first. */
type Place = { at: Time; id: ConversationId }
type Range = { version: Version; after: Place | null; changedSince: Version | null }

/**
 * The lines of `SnapshotLine` as JSON texts, without line ends. Each chunk is a short transaction of its own: a slow
 * reader holds nothing. What changes meanwhile is sent once more, and again by the first patch after `version`.
 * @param resume where an earlier attempt stopped; when that place is gone or the member's sight has changed since, the
 *   snapshot begins anew, which the version in its first line shows
 * @returns null when the member is not active. The lines stop short of `end` when the member's sight changes meanwhile.
 */
export async function snapshotLines(
  db: HubDatabase,
  identity: Identity,
  resume: Resume | null,
  now: Time,
): Promise<AsyncGenerator<string, void> | null> {
  const horizon = horizonAt(now)
  const first = await reading(db, async (trx) => {
    const standing = await standingOf(trx, identity)
    const { member } = standing
    if (!member) return null
    const place =
      resume && (await canGoOn(trx, identity, standing, resume)) ? await placeOf(trx, identity, resume.after) : null
    const { version, epoch } = place && resume ? resume : standing
    return {
      version,
      epoch,
      place,
      ids: await idsInScope(trx, identity, member, horizon),
      deletedIds: await deletedIds(trx, identity),
      ...(await reference(trx, identity, member)),
    }
  })
  return first && lines(db, identity, horizon, first)
}

type First = {
  version: Version
  epoch: string
  place: Place | null
  ids: ConversationId[]
  deletedIds: ConversationId[]
  reference: RowText[]
}

async function* lines(db: HubDatabase, identity: Identity, horizon: Time, first: First): AsyncGenerator<string, void> {
  const { version, epoch, ids, deletedIds } = first
  yield JSON.stringify({ type: 'begin', version, epoch, horizon, total: ids.length })
  yield JSON.stringify({ type: 'scope', conversationIds: ids, deletedIds })
  yield `{"type":"reference","rows":[${first.reference.join(',')}]}`
  for (const changedSince of [null, version]) {
    let after = changedSince === null ? first.place : null
    for (;;) {
      const chunk = await readChunk(db, identity, horizon, { version, after, changedSince })
      if (chunk === 'sight-changed') return
      if (!chunk) break
      after = chunk.last
      const last = changedSince === null ? chunk.last.id : null
      yield `{"type":"conversations","rows":[${chunk.rows.join(',')}],"last":${JSON.stringify(last)},"count":${chunk.count}}`
    }
  }
  yield JSON.stringify({ type: 'end' })
}

async function canGoOn(
  trx: HubTransaction,
  { teamId }: Identity,
  { patchable }: Standing,
  { version, epoch }: Resume,
): Promise<boolean> {
  return patchable(version) && (await isOurs(trx, teamId, version, epoch))
}

async function placeOf(trx: HubTransaction, { teamId }: Identity, id: ConversationId): Promise<Place | null> {
  const row = await trx
    .selectFrom('conversation')
    .select('last_message_at')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? { at: row.last_message_at, id } : null
}

async function idsInScope(
  trx: HubTransaction,
  { teamId }: Identity,
  member: Member,
  horizon: Time,
): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select c.id from conversation c where c.team_id = ${teamId} and ${inScopeSql({ member, horizon })}`.execute(trx)
  return rows.map(({ id }) => id)
}

/** Every conversation that was ever deleted: a device may come back after any time (see `prune.ts`). */
async function deletedIds(trx: HubTransaction, { teamId }: Identity): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select id from tombstone where team_id = ${teamId} and table_name = 'conversation' order by id`.execute(trx)
  return rows.map(({ id }) => id)
}

async function reference(trx: HubTransaction, { teamId }: Identity, member: Member): Promise<{ reference: RowText[] }> {
  const texts: RowText[] = []
  for (const table of REFERENCE_TABLES) {
    const { rows } = await sql<{ data: string }>`
      select data::text as data from ${sql.table(table)} where team_id = ${teamId} order by id collate "C"`.execute(trx)
    texts.push(...rows.map(({ data }) => rowText(table, data)))
  }
  for (const table of REPLY_TABLES) {
    const { rows } = await sql<{ data: string }>`
      select data::text as data from ${sql.table(table)} where team_id = ${teamId} order by id collate "C"`.execute(trx)
    const own = rows.filter(({ data }) => seesReplyRow(parseRow(table, data), member))
    texts.push(...own.map(({ data }) => rowText(table, data)))
  }
  return { reference: texts }
}

/** The next conversations of the range, each with its contact, the member's mark and its newest messages. */
function readChunk(
  db: HubDatabase,
  identity: Identity,
  horizon: Time,
  { version, after, changedSince }: Range,
): Promise<{ rows: RowText[]; last: Place; count: number } | 'sight-changed' | null> {
  const { teamId } = identity
  const beyond = after
    ? sql`and (c.last_message_at < ${after.at} or (c.last_message_at = ${after.at} and c.id > ${after.id}))`
    : sql``
  const changed = changedSince === null ? sql`` : sql`and c.version > ${changedSince}`
  return reading(db, async (trx) => {
    const { member, patchable } = await standingOf(trx, identity)
    if (!member || !patchable(version)) return 'sight-changed'
    const { rows } = await sql<Place & { data: string; contact_id: string; message_count: number }>`
      select c.id, c.data::text as data, c.last_message_at as at, c.contact_id, c.message_count from conversation c
      where c.team_id = ${teamId} and ${inScopeSql({ member, horizon })} ${beyond} ${changed}
      order by c.last_message_at desc, c.id limit ${CHUNK}`.execute(trx)
    const conversations = upToRows(rows)
    const last = conversations.at(-1)
    if (!last) return null
    const ids = conversations.map(({ id }) => id)
    const texts = async (table: TableName, query: ReturnType<typeof sql<{ data: string }>>) =>
      (await query.execute(trx)).rows.map(({ data }) => rowText(table, data))
    const contacts = await texts(
      'contact',
      sql`select data::text as data from contact
          where team_id = ${teamId} and id = any(${conversations.map((one) => one.contact_id)}::text[])`,
    )
    const messages = await texts(
      'message',
      sql`select m.data::text as data
          from unnest(${ids}::text[], ${conversations.map((one) => one.message_count)}::integer[]) as c(id, count)
          join message m on m.team_id = ${teamId} and m.conversation_id = c.id
            and m.ordinal > c.count - ${MESSAGES_HELD}::integer
          order by m.conversation_id, m.ordinal`,
    )
    const marks = await texts(
      'mark',
      sql`select data::text as data from mark
          where team_id = ${teamId} and member_id = ${member.id} and conversation_id = any(${ids}::text[])`,
    )
    const own = conversations.map(({ data }) => rowText('conversation', data))
    return { rows: [...contacts, ...own, ...messages, ...marks], last, count: conversations.length }
  })
}

/** As many of the first as one line takes; the first always. */
function upToRows<C extends { message_count: number }>(conversations: readonly C[]): C[] {
  let rows = 0
  const end = conversations.findIndex(({ message_count: count }, at) => {
    rows += Math.min(count, MESSAGES_HELD) + 3
    return at > 0 && rows > ROWS_A_LINE
  })
  return conversations.slice(0, end === -1 ? conversations.length : end)
}
