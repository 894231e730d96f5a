/**
 * The rows that one transaction reads and changes, held in memory until its end. Undoing what waits, applying a patch
 * and running the rest again all happen in here, and only what is different afterwards is written: a rebase of
 * commands that come out the same costs no write at all.
 */
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { IndexedTable, Row, TableName, Team } from '../../domain/rows.ts'
import { byListOrder, isListedBy } from '../../sync/run.ts'
import type { SyncReader } from '../../sync/run.ts'
import type { Reader } from './connection.ts'

/** One row of the batch: as it is stored, and as it will be. `n` is the stored row's number in the search index. */
export type Cell = { stored: { text: string; n: number } | null; row: Row<TableName> | null; touched: boolean }

const NUMBERED = new Set<TableName>(['contact', 'conversation', 'message'])
const SELECT = byTable((table, n) => `SELECT data, ${n} AS n FROM "${table}" WHERE id = ?`)
const LOAD = byTable(
  (table, n) => `SELECT id, data, ${n} AS n FROM "${table}" WHERE id IN (SELECT value FROM json_each(?))`,
)
const LIST: { [T in IndexedTable]: Record<string, string> } = {
  conversation: {
    contactId: 'SELECT id, data, n FROM conversation WHERE contact_id = ?',
    followerId: 'SELECT id, data, n FROM conversation WHERE follower_id = ?',
    collaboratorIds: heldBy('collaboratorIds'),
    askingIds: heldBy('askingIds'),
  },
  message: { conversationId: 'SELECT id, data, n FROM message WHERE conversation_id = ?' },
  mark: { conversationId: 'SELECT id, data, 0 AS n FROM mark WHERE conversation_id = ?' },
  contact: { externalId: 'SELECT id, data, n FROM contact WHERE external_id = ?' },
  template: { channelId: "SELECT id, data, 0 AS n FROM template WHERE data ->> '$.channelId' = ?" },
  reply: { folderId: "SELECT id, data, 0 AS n FROM reply WHERE data ->> '$.folderId' = ?" },
}

/** Only rules that need the hub ask for these, so there is no index. */
function heldBy(field: string): string {
  return `SELECT id, data, n FROM conversation
    WHERE EXISTS (SELECT 1 FROM json_each(conversation.data, '$.${field}') WHERE value = ?)`
}

function byTable(sql: (table: TableName, n: string) => string): Record<TableName, string> {
  const entries = TABLE_NAMES.map((table) => [table, sql(table, NUMBERED.has(table) ? 'n' : '0')])
  // Every table has its entry.
  return Object.fromEntries(entries) as Record<TableName, string>
}

/** What was stored was checked by this table's schema before it was written. */
export function parseRow<T extends TableName>(_table: T, text: string): Row<T> {
  return JSON.parse(text) as Row<T>
}

export class RowBatch implements SyncReader {
  readonly #reader: Reader
  readonly #cells = new Map<TableName, Map<string, Cell>>()

  constructor(reader: Reader) {
    this.#reader = reader
  }

  get<T extends TableName>(table: T, id: string): Row<T> | undefined {
    // A cell is filed under its own table.
    return (this.#cell(table, id).row ?? undefined) as Row<T> | undefined
  }

  list<T extends IndexedTable>(table: T, index: string, value: string): Row<T>[] {
    const sql = LIST[table][index]
    if (sql === undefined) throw new Error(`no index ${table}.${index}`)
    const cells = this.#table(table)
    for (const { id, data, n } of this.#reader.all<{ id: string; data: string; n: number }>(sql, value)) {
      if (!cells.has(id)) cells.set(id, { stored: { text: data, n }, row: parseRow(table, data), touched: false })
    }
    const rows: Row<TableName>[] = []
    for (const { row } of cells.values()) if (row && isListedBy(row, index, value)) rows.push(row)
    return rows.sort(byListOrder) as Row<T>[]
  }

  put<T extends TableName>(table: T, row: Row<T>): void {
    const cell = this.#cell(table, row.id)
    cell.row = row
    cell.touched = true
  }

  remove(table: TableName, id: string): void {
    const cell = this.#cell(table, id)
    cell.row = null
    cell.touched = true
  }

  /** The team's own row; undefined before it has come. */
  team(): Team | undefined {
    const [stored] = this.#reader.all<{ id: string }>('SELECT id FROM team')
    const [made] = this.touched('team')
    const id = stored?.id ?? made?.[0]
    return id === undefined ? undefined : this.get('team', id)
  }

  /** Looks several rows up at once, which costs less than one after the other. */
  load(table: TableName, ids: readonly string[]): void {
    const cells = this.#table(table)
    const found = this.#reader.all<{ id: string; data: string; n: number }>(LOAD[table], JSON.stringify(ids))
    const stored = new Map(found.map((row) => [row.id, row]))
    for (const id of ids) if (!cells.has(id)) cells.set(id, cellOf(table, stored.get(id)))
  }

  /** Says that nothing is stored under this id, which saves a look; only for rows that cannot be there. */
  putNew<T extends TableName>(table: T, row: Row<T>): void {
    const cells = this.#table(table)
    const known = cells.get(row.id)
    if (known) {
      known.row = row
      known.touched = true
    } else cells.set(row.id, { stored: null, row, touched: true })
  }

  /** The cells of a table that something was written to. */
  *touched(table: TableName): Generator<[string, Cell]> {
    const cells = this.#cells.get(table)
    if (!cells) return
    for (const entry of cells) if (entry[1].touched) yield entry
  }

  #table(table: TableName): Map<string, Cell> {
    const known = this.#cells.get(table)
    if (known) return known
    const cells = new Map<string, Cell>()
    this.#cells.set(table, cells)
    return cells
  }

  #cell(table: TableName, id: string): Cell {
    const cells = this.#table(table)
    const known = cells.get(id)
    if (known) return known
    const cell = cellOf(table, this.#reader.get(SELECT[table], id))
    cells.set(id, cell)
    return cell
  }
}

function cellOf(table: TableName, found: { data: string; n: number } | undefined): Cell {
  return {
    stored: found ? { text: found.data, n: found.n } : null,
    row: found ? parseRow(table, found.data) : null,
    touched: false,
  }
}
