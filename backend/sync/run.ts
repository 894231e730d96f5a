/**
 * Runs a rule over any store. What the rule writes is collected, and its later reads see it; the store only has to
 * answer reads, and gets the whole change at the end. The drivers differ only in whether they wait.
 */
import { commands } from '../domain/commands.ts'
import type { CommandArgs, CommandName } from '../domain/commands.ts'
import { refuse } from '../domain/refusal.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Context, Effect, Read, Rule } from '../domain/rule.ts'
import type { IndexedTable, Row, TableName } from '../domain/rows.ts'

/** One row, before and after: `null` where there is none. */
export type Change = { table: TableName; id: string; before: Row<TableName> | null; after: Row<TableName> | null }
export type Outcome = { ok: true; changes: Change[]; effects: Effect[] } | { ok: false; refusal: Refusal }

/** What a rule may read of a store that answers at once. */
export interface SyncReader {
  get(table: TableName, id: string): Row<TableName> | undefined
  list(table: IndexedTable, index: string, value: string): Row<TableName>[]
}
/** What a rule may read of a store that answers later. */
export interface AsyncReader {
  get(table: TableName, id: string): Promise<Row<TableName> | undefined>
  list(table: IndexedTable, index: string, value: string): Promise<Row<TableName>[]>
}

type Answer = Row<TableName> | Row<TableName>[] | undefined

/**
 * Checks the arguments and runs the command.
 * @throws only for a bug in a rule or a store; what a person can cause is a refused outcome
 */
export function runSync(name: CommandName, args: unknown, context: Context, reader: SyncReader): Outcome {
  const steps = interpret(name, args, context)
  let step = steps.next()
  while (!step.done) {
    const read = step.value
    step = steps.next(
      read.op === 'get' ? reader.get(read.table, read.id) : reader.list(read.table, read.index, read.value),
    )
  }
  return step.value
}

/** As {@link runSync}, over a store that answers later. */
export async function runAsync(
  name: CommandName,
  args: unknown,
  context: Context,
  reader: AsyncReader,
): Promise<Outcome> {
  const steps = interpret(name, args, context)
  let step = steps.next()
  while (!step.done) {
    const read = step.value
    const answer = read.op === 'get' ? reader.get(read.table, read.id) : reader.list(read.table, read.index, read.value)
    step = steps.next(await answer)
  }
  return step.value
}

/** Changes by row, one after the other: of each row what was before the first and what is after the last. */
export class Changes {
  readonly #byRow = new Map<string, Change>()

  add(changes: readonly Change[]): void {
    for (const change of changes) {
      const key = `${change.table} ${change.id}`
      const before = this.#byRow.get(key)
      this.#byRow.set(key, before ? { ...change, before: before.before } : change)
    }
  }

  /** What they come to in the end. */
  all(): Change[] {
    return [...this.#byRow.values()].filter(({ before, after }) => before !== null || after !== null)
  }

  /** The store as it is after them. */
  over(reader: AsyncReader): AsyncReader {
    return {
      get: async (table, id) => {
        const change = this.#byRow.get(`${table} ${id}`)
        return change ? (change.after ?? undefined) : reader.get(table, id)
      },
      list: async (table, index, value) =>
        overlay(await reader.list(table, index, value), this.#byRow, { op: 'list', table, index, value }),
    }
  }
}

/** What the command is going to read, as far as its arguments tell. */
export function readsOf<N extends CommandName>(name: N, args: CommandArgs<N>): readonly Read[] {
  // The command's own arguments.
  return (commands[name].reads as ((args: CommandArgs<N>) => readonly Read[]) | undefined)?.(args) ?? []
}

function* interpret(name: CommandName, args: unknown, context: Context): Generator<Read, Outcome, Answer> {
  const command = commands[name]
  if (context.actor.type !== command.by) return { ok: false, refusal: refuse('member.mayNot', {}) }
  const parsed = command.args.safeParse(args)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'args'
    return { ok: false, refusal: refuse('request.invalid', { field }) }
  }
  // The arguments were just checked by this command's own schema.
  const rule = (command.run as (args: unknown, context: Context) => Rule)(parsed.data, context)
  return yield* collect(rule)
}

/** Runs a rule: yields what has to be read of the store, and ends with all that the rule wants changed. */
export function* collect(rule: Rule): Generator<Read, Outcome, Answer> {
  const written = new Map<string, Change>()
  const effects: Effect[] = []
  let step = rule.next()
  while (!step.done) {
    const ask = step.value
    let answer: Answer
    switch (ask.op) {
      case 'reject':
        return { ok: false, refusal: ask.refusal }
      case 'effect':
        effects.push(ask.effect)
        break
      case 'get':
        answer = yield* current(written, ask)
        break
      case 'list':
        answer = overlay(yield ask, written, ask)
        break
      case 'put':
        yield* write(written, ask.table, ask.row.id, ask.row)
        break
      case 'remove':
        yield* write(written, ask.table, ask.id, null)
        break
    }
    step = rule.next(answer)
  }
  const changes = [...written.values()].filter(({ before, after }) => before !== null || after !== null)
  return { ok: true, changes, effects }
}

function* current(
  written: Map<string, Change>,
  { table, id }: { table: TableName; id: string },
): Generator<Read, Row<TableName> | undefined, Answer> {
  const change = written.get(`${table} ${id}`)
  if (change) return change.after ?? undefined
  const row = yield { op: 'get', table, id }
  if (Array.isArray(row)) throw new Error(`a store answered a get of ${table} with a list`)
  return row
}

function* write(
  written: Map<string, Change>,
  table: TableName,
  id: string,
  after: Row<TableName> | null,
): Generator<Read, void, Answer> {
  const key = `${table} ${id}`
  const earlier = written.get(key)
  const before = earlier ? earlier.before : ((yield* current(written, { table, id })) ?? null)
  written.set(key, { table, id, before, after })
}

function overlay(stored: Answer, written: Map<string, Change>, ask: Extract<Read, { op: 'list' }>): Row<TableName>[] {
  if (!Array.isArray(stored)) throw new Error(`a store answered a list of ${ask.table} with a row`)
  const changed = [...written.values()].filter(({ table }) => table === ask.table)
  if (changed.length === 0) return stored
  const ids = new Set(changed.map(({ id }) => id))
  const fresh = changed.flatMap(({ after }) => (after && isListedBy(after, ask.index, ask.value) ? [after] : []))
  return [...stored.filter((row) => !ids.has(row.id)), ...fresh].sort(byListOrder)
}

/** The value of an indexed field. */
export function fieldOf(row: Row<TableName>, field: string): unknown {
  return Object.getOwnPropertyDescriptor(row, field)?.value
}

/** Whether a row is among those with this value of an indexed field, or with it among its values. */
export function isListedBy(row: Row<TableName>, index: string, value: string): boolean {
  const field = fieldOf(row, index)
  return Array.isArray(field) ? field.includes(value) : field === value
}

/** The order of every listing: messages by ordinal, others by id. */
export function byListOrder(a: Row<TableName>, b: Row<TableName>): number {
  if ('ordinal' in a && 'ordinal' in b) return a.ordinal - b.ordinal
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
