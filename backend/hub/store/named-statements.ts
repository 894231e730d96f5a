/**
 * A pool in which every statement with parameters has a name. The server keeps what has a name parsed and planned for the
 * connection; a command is ten small statements, of which that is half the cost.
 */
import type { PostgresCursor, PostgresPool, PostgresQueryResult } from 'kysely'
import type pg from 'pg'

/** Ours are a few dozen. Whatever would make up more has no name, so that the server's memory is bounded. */
const NAMES_MAX = 500

/** The pool for Kysely; `pool` itself stays as it is. */
export function withNamedStatements(pool: pg.Pool): PostgresPool {
  const names = new Map<string, string>()
  const nameOf = (text: string): string | undefined => {
    if (!names.has(text) && names.size < NAMES_MAX) names.set(text, `countertop_${names.size}`)
    return names.get(text)
  }
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>
      function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
      function query(text: unknown, values: readonly unknown[] = []): unknown {
        if (typeof text !== 'string') throw new TypeError('cursors are not used here')
        const name = values.length > 0 ? nameOf(text) : undefined
        return client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) })
      }
      return { query, release: (destroy) => client.release(destroy) }
    },
  }
}
