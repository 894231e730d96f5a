/** Rows in plain maps: the sequential model that the real stores are compared with, and the store of rule tests. */
import type { CommandName } from '../domain/commands.ts'
import type { Actor, Context } from '../domain/rule.ts'
import { TABLE_NAMES } from '../domain/rows.ts'
import type { IndexedTable, Member, Row, TableName } from '../domain/rows.ts'
import { byListOrder, isListedBy, runSync } from './run.ts'
import type { Outcome, SyncReader } from './run.ts'

export class PlainStore implements SyncReader {
  readonly #tables = new Map<TableName, Map<string, Row<TableName>>>(TABLE_NAMES.map((name) => [name, new Map()]))

  get(table: TableName, id: string): Row<TableName> | undefined {
    return this.#rows(table).get(id)
  }

  list(table: IndexedTable, index: string, value: string): Row<TableName>[] {
    return [...this.#rows(table).values()].filter((row) => isListedBy(row, index, value)).sort(byListOrder)
  }

  /** Every row of a table, by id. */
  all<T extends TableName>(table: T): Row<T>[] {
    // Only `put` writes here, and it files each row under its own table.
    return [...this.#rows(table).values()].sort(byListOrder) as Row<T>[]
  }

  put<T extends TableName>(table: T, row: Row<T>): void {
    this.#rows(table).set(row.id, row)
  }

  /** Runs a command and keeps what it changes, if it is accepted. */
  run(name: CommandName, args: unknown, context: Context): Outcome {
    const outcome = runSync(name, args, context, this)
    if (outcome.ok) {
      for (const { table, id, after } of outcome.changes) {
        if (after) this.#rows(table).set(id, after)
        else this.#remove(table, id)
      }
    }
    return outcome
  }

  /** The member as who gives a command, with the team. @throws when there is no team */
  actor(member: Member): Extract<Actor, { type: 'member' }> {
    const [team] = this.all('team')
    if (!team) throw new Error('no team')
    return { type: 'member', member, team }
  }

  /** A conversation goes with all that is under it. */
  #remove(table: TableName, id: string): void {
    this.#rows(table).delete(id)
    if (table !== 'conversation') return
    for (const under of ['message', 'mark'] as const) {
      for (const row of this.list(under, 'conversationId', id)) this.#rows(under).delete(row.id)
    }
  }

  #rows(table: TableName): Map<string, Row<TableName>> {
    const rows = this.#tables.get(table)
    if (!rows) throw new Error(`no table ${table}`)
    return rows
  }
}
