/** Reads and writes the domain's rows: the JSON text whole, and beside it the columns that queries need. */
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { TeamId } from '../../domain/ids.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { Row, TableName, Time } from '../../domain/rows.ts'
import type { Read } from '../../domain/rule.ts'
import type { Version } from '../../sync/protocol.ts'
import { byListOrder, fieldOf } from '../../sync/run.ts'
import type { AsyncReader, Change } from '../../sync/run.ts'
import type { HubTransaction } from '../core.ts'
import type { Asker } from './together.ts'

/** The row that a JSON text of this table's `data` holds. */
export function parseRow<T extends TableName>(_table: T, text: string): Row<T> {
  // Only `writeRows` fills a table, and it files each row under its own.
  return JSON.parse(text) as Row<T>
}

/** One row, or undefined. */
export async function readRow<T extends TableName>(
  db: Asker,
  teamId: TeamId,
  table: T,
  id: string,
): Promise<Row<T> | undefined> {
  const { rows } = await sql<{ data: string }>`
    select data::text as data from ${sql.table(table)} where team_id = ${teamId} and id = ${id}`.execute(db)
  return rows[0] && parseRow(table, rows[0].data)
}

/** Every row of a table, by id. */
export async function readAll<T extends TableName>(db: Asker, teamId: TeamId, table: T): Promise<Row<T>[]> {
  const { rows } = await sql<{ data: string }>`
    select data::text as data from ${sql.table(table)} where team_id = ${teamId} order by id collate "C"`.execute(db)
  return rows.map(({ data }) => parseRow(table, data))
}

/** The rows of one read, in their order. */
function selectOf(teamId: TeamId, read: Read): RawBuilder<{ data: string }> {
  const from = sql`select data::text as data from ${sql.table(read.table)} where team_id = ${teamId}`
  if (read.op === 'get') return sql`${from} and id = ${read.id}`
  const order = read.table === 'message' ? sql`ordinal` : sql`id collate "C"`
  const column = sql.ref(columnOf(read.index))
  const has = isArray(read) ? sql`${column} @> array[${read.value}]::text[]` : sql`${column} = ${read.value}`
  return sql`${from} and ${has} order by ${order}`
}

/** Whether the field has many values, of which the read's is one. */
function isArray({ table, op, ...read }: Read): boolean {
  return op === 'list' && 'index' in read && COLUMNS[table][columnOf(read.index)] === 'text[]'
}

async function readRows(asker: Asker, teamId: TeamId, read: Read): Promise<Row<TableName>[]> {
  const { rows } = await selectOf(teamId, read).execute(asker)
  return rows.map(({ data }) => parseRow(read.table, data))
}

/** Rows that were read before the rule asks for them. */
export type Ahead = readonly { read: Read; rows: Row<TableName>[] }[]

/**
 * Reads what rules are going to ask for, in one statement, however many they are: its text depends only on which kinds of
 * reads there are.
 */
export async function readAhead(asker: Asker, teamId: TeamId, reads: readonly Read[]): Promise<Ahead> {
  if (reads.length === 0) return []
  const byKind = Map.groupBy(reads, (read) => `${read.table} ${fieldBy(read)}`)
  const kinds = [...byKind.values()].flatMap((same) => (same[0] ? [{ of: same[0], same }] : []))
  const selects = kinds.map(({ of, same }, at) => {
    const values = [...new Set(same.map(valueOf))]
    const column = sql.ref(columnOf(fieldBy(of)))
    return sql`
      select ${sql.lit(at)} as at, ${column} as value, data::text as data from ${sql.table(of.table)}
      where team_id = ${teamId} and ${column} = any(${values}::text[])`
  })
  const { rows } = await sql<{ at: number; value: string; data: string }>`
    ${sql.join(selects, sql` union all `)}`.execute(asker)
  const found = Map.groupBy(rows, ({ at, value }) => `${at} ${value}`)
  return kinds.flatMap(({ same }, at) =>
    same.map((read) => {
      const own = found.get(`${at} ${valueOf(read)}`) ?? []
      return { read, rows: own.map(({ data }) => parseRow(read.table, data)).sort(byListOrder) }
    }),
  )
}

/** By which field a read finds its rows, and by which value of it. */
function fieldBy(read: Read): string {
  return read.op === 'get' ? 'id' : read.index
}

function valueOf(read: Read): string {
  return read.op === 'get' ? read.id : read.value
}

/**
 * What a rule reads, within its transaction. A row is read once: the caller holds the team's lock, so nobody else
 * changes it meanwhile.
 * @param ahead what was read under the lock already
 */
export function rowReader(trx: HubTransaction, teamId: TeamId, ahead: Ahead = []): AsyncReader {
  const known = new Map<string, Row<TableName> | undefined>()
  const lists = new Map<string, Row<TableName>[]>()
  for (const { read, rows } of ahead) {
    if (read.op === 'get') known.set(keyOf(read), rows[0])
    else lists.set(keyOf(read), rows)
  }
  return {
    get: async (table, id) => {
      const read = { op: 'get', table, id } as const
      const key = keyOf(read)
      if (!known.has(key)) known.set(key, (await readRows(trx, teamId, read))[0])
      return known.get(key)
    },
    list: async (table, index, value) => {
      const read = { op: 'list', table, index, value } as const
      const found = lists.get(keyOf(read)) ?? (await readRows(trx, teamId, read))
      for (const row of found) known.set(keyOf({ op: 'get', table, id: row.id }), row)
      return found
    },
  }
}

function keyOf(read: Read): string {
  return read.op === 'get' ? `${read.table} ${read.id}` : `${read.table} ${read.index} ${read.value}`
}

/**
 * Writes a command's changes under one version: rows with what follows from them, and tombstones for those removed, which
 * are kept for a while from `now` on. The caller holds the team's lock. All at once when `asker` does not wait.
 */
export async function writeChanges(
  asker: Asker,
  teamId: TeamId,
  version: Version,
  changes: readonly Change[],
  now: Time,
): Promise<void> {
  const writing: Promise<void>[] = []
  for (const table of TABLE_NAMES) {
    const own = changes.filter((change) => change.table === table)
    const puts = own.flatMap(({ before, after }) => (after ? [recordOf(table, after, before)] : []))
    if (puts.length > 0) writing.push(upsert(asker, teamId, version, table, puts))
    const removed = own.filter(({ after }) => after === null)
    if (removed.length > 0) writing.push(remove(asker, teamId, version, table, removed, now))
  }
  await Promise.all(writing)
}

/** How many rows go into one statement of a bulk load. */
const BULK = 1_000

/** Writes rows as they are, thousands at a time, under one version. The caller holds the team's lock. */
export async function writeBulk(
  trx: HubTransaction,
  teamId: TeamId,
  version: Version,
  rows: Iterable<readonly [TableName, Row<TableName>]>,
): Promise<void> {
  const byTable = new Map<TableName, string[]>(TABLE_NAMES.map((table) => [table, []]))
  for (const [table, row] of rows) {
    const waiting = byTable.get(table) ?? []
    waiting.push(recordOf(table, row, null))
    if (waiting.length >= BULK) await upsert(trx, teamId, version, table, waiting.splice(0))
  }
  for (const [table, waiting] of byTable) if (waiting.length > 0) await upsert(trx, teamId, version, table, waiting)
}

/** The columns of each table beside `team_id, id, version, data`, with their types. */
const COLUMNS: Record<TableName, Record<string, string>> = {
  team: {},
  store: {},
  member: { store_ids: 'text[]' },
  channel: {},
  tag: {},
  template: { channel_id: 'text' },
  contact: { external_id: 'text', channel_id: 'text', blocked_at: 'bigint' },
  conversation: {
    contact_id: 'text',
    channel_id: 'text',
    status: 'text',
    follower_id: 'text',
    collaborator_ids: 'text[]',
    asking_ids: 'text[]',
    closed_at: 'bigint',
    last_message_at: 'bigint',
    message_count: 'integer',
  },
  message: { conversation_id: 'text', ordinal: 'integer' },
  mark: { member_id: 'text', conversation_id: 'text' },
  replyFolder: {},
  reply: { folder_id: 'text' },
}

type Upsert = (teamId: TeamId, version: Version, records: string) => RawBuilder<unknown>
const UPSERTS = new Map<TableName, Upsert>(TABLE_NAMES.map((table) => [table, upsertOf(table)]))

/** One statement a table, whatever the number of rows: they go in as one JSON array. */
function upsertOf(table: TableName): Upsert {
  const columns = Object.keys(COLUMNS[table])
  const types = Object.entries(COLUMNS[table]).map(([column, type]) => `${column} ${type}`)
  const into = ['team_id', 'id', 'version', 'data', ...columns]
  const from = ['v.team_id', 'r.id', 'v.version', 'r.data', ...columns.map((one) => `r.${one}`)]
  const set = ['version', 'data', ...columns].map((one) => `${one} = excluded.${one}`)
  if (isScoped(table)) {
    // Versions only grow: 0 keeps what was.
    into.push('scope_version')
    from.push('case when r.scoped then v.version else 0 end')
    set.push('scope_version = greatest(t.scope_version, excluded.scope_version)')
  }
  const insert = sql.raw(`insert into "${table}" as t (${into.join(', ')}) select ${from.join(', ')}`)
  const record = sql.raw(`as r(${['id text', 'data json', 'scoped boolean', ...types].join(', ')})`)
  const conflict = sql.raw(`on conflict (team_id, id) do update set ${set.join(', ')}`)
  return (teamId, version, records) => sql`
    ${insert} from json_to_recordset(${records}::json) ${record},
      (select ${teamId}::text as team_id, ${version}::bigint as version) as v
    ${conflict}`
}

async function upsert(
  asker: Asker,
  teamId: TeamId,
  version: Version,
  table: TableName,
  records: readonly string[],
): Promise<void> {
  await UPSERTS.get(table)?.(teamId, version, `[${records.join(',')}]`).execute(asker)
}

async function remove(
  asker: Asker,
  teamId: TeamId,
  version: Version,
  table: TableName,
  removed: readonly Change[],
  now: Time,
): Promise<void> {
  const records = removed.map(({ id, before }) => ({ id, conversation_id: before ? conversationOf(before) : null }))
  await sql`
    with gone as (select * from json_to_recordset(${JSON.stringify(records)}::json) as r(id text, conversation_id text)),
      ${table === 'conversation' ? deletingUnder(teamId) : sql``}
      deleted as (
        delete from ${sql.table(table)} as t using gone where t.team_id = ${teamId} and t.id = gone.id
      )
    insert into tombstone (team_id, version, table_name, id, conversation_id, at)
    select ${teamId}, ${version}::bigint, ${table}, gone.id, gone.conversation_id, ${now}::bigint from gone`.execute(
    asker,
  )
}

/** What is under a removed conversation goes with it, without a word: who hears of its removal forgets all of it. */
function deletingUnder(teamId: TeamId): RawBuilder<unknown> {
  return sql`
      messages as (
        delete from message m using gone where m.team_id = ${teamId} and m.conversation_id = gone.id
      ),
      marks as (delete from mark k using gone where k.team_id = ${teamId} and k.conversation_id = gone.id),`
}

function isScoped(table: TableName): boolean {
  return table === 'member' || table === 'conversation'
}

/** Whether a change of this row may change who sees a conversation, or what a member sees. */
export function changesScope({ table, before, after }: Pick<Change, 'table' | 'before' | 'after'>): boolean {
  if (!isScoped(table)) return false
  const fields =
    table === 'member' ? ['role', 'storeIds', 'active'] : ['status', 'followerId', 'collaboratorIds', 'closedAt']
  const scopeOf = (row: Row<TableName> | null) => row && JSON.stringify(fields.map((field) => fieldOf(row, field)))
  return scopeOf(before) !== scopeOf(after)
}

/** The conversation that a row belongs to, if any. */
export function conversationOf(row: Row<TableName>): string | null {
  const id = fieldOf(row, 'conversationId')
  return typeof id === 'string' ? id : null
}

/** A row as one element of the JSON array that a statement takes; field names become column names. */
function recordOf(table: TableName, row: Row<TableName>, before: Row<TableName> | null): string {
  const columns = Object.keys(COLUMNS[table]).map((column) => [column, columnValue(row, column)])
  return JSON.stringify({
    id: row.id,
    data: row,
    ...(isScoped(table) ? { scoped: changesScope({ table, before, after: row }) } : {}),
    ...Object.fromEntries(columns),
  })
}

function columnValue(row: Row<TableName>, column: string): unknown {
  if (column === 'last_message_at' && 'lastMessage' in row) return row.lastMessage?.at ?? row.createdAt
  if (column === 'blocked_at' && 'blocked' in row) return row.blocked?.at ?? null
  return fieldOf(
    row,
    column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  )
}

function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
