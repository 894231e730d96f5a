/** Opens the hub's one PostgreSQL: PGlite in this process by default, a real server when an address is given. */
import { existsSync, mkdirSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { HubDatabase } from '../core.ts'
import { withNamedStatements } from './named-statements.ts'
import { removeOrphans } from './orphans.ts'
import type { HubSchema } from './schema.ts'

export type OpenDatabase = {
  db: HubDatabase
  kind: 'pglite' | 'postgres'
  /** The embedded database itself, for what needs more than statements (jobs listen for new ones); null with a server. */
  pglite: PGlite | null
  /** Plain SQL beside Kysely, for libraries that bring their own (pg-boss); never inside a `db` transaction. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  /** Waits for what is running, then lets go of the files or connections. */
  close(): Promise<void>
}

/** PostgreSQL's type number of bigint: read as a number, since none of ours passes 2^53. */
const INT8 = 20

/**
 * Opens the database; {@link migrate} has to be called before it is used. All times and versions are read as numbers,
 * `json` as values (select `column::text` for the text itself).
 *
 * With PGlite there is one connection: a transaction that waits for something else than the database stops the hub, and
 * using `db` inside a `trx` never returns.
 * @param options.folder where PGlite keeps its files; in memory when absent
 * @param options.from what an embedded one begins with when it is new, as `PGlite.dumpDataDir` gave it
 * @param options.databaseUrl `postgres://…` of a real server; `folder` is then ignored
 * @throws when the files cannot be read, or (at the first query) when the server cannot be reached
 */
export async function openDatabase(
  options: { folder?: string; databaseUrl?: string; from?: Blob } = {},
): Promise<OpenDatabase> {
  if (options.databaseUrl) return openServer(options.databaseUrl)
  const isNew = !options.folder || !existsSync(options.folder)
  if (options.folder) mkdirSync(options.folder, { recursive: true })
  const pglite = await PGlite.create({
    ...(options.folder ? { dataDir: options.folder } : {}),
    ...(options.from && isNew ? { loadDataDir: options.from } : {}),
    parsers: { [INT8]: Number },
    // An old segment of the write-ahead log is removed, and not kept with its bytes to be used again (DEL-7).
    startParams: [...PGlite.defaultStartParams, '-c', 'wal_recycle=off'],
  })
  if (options.folder) await removeOrphans(pglite, options.folder)
  const db = new Kysely<HubSchema>({ dialect: new PGliteDialect({ pglite }) })
  return {
    db,
    kind: 'pglite',
    pglite,
    executeSql: async (text, values) => {
      // Several statements at once, as schema scripts have them, are only possible without parameters.
      if (!values?.length) {
        const results = await pglite.exec(text)
        return { rows: results.findLast(({ fields }) => fields.length > 0)?.rows ?? [] }
      }
      return pglite.query<Record<string, unknown>>(text, values)
    },
    close: async () => {
      await db.destroy()
      if (!pglite.closed) await pglite.close()
    },
  }
}

function openServer(connectionString: string): OpenDatabase {
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    // Statements that do not wait for each other go out at once (see `together`).
    pipeline: true,
    types: {
      getTypeParser: (type, format) => (type === INT8 ? Number : pg.types.getTypeParser(type, format)),
    },
  })
  // Unheard, these events would end the process. A connection that breaks fails what is done over it, and the pool lets
  // it go; the pool itself hears only of those that nobody uses.
  pool.on('connect', (client) => client.on('error', (error) => process.emitWarning(error)))
  pool.on('error', () => undefined)
  const db = new Kysely<HubSchema>({ dialect: new PostgresDialect({ pool: withNamedStatements(pool) }) })
  return {
    db,
    kind: 'postgres',
    pglite: null,
    executeSql: (text, values) => pool.query<Record<string, unknown>>(text, values),
    close: () => db.destroy(),
  }
}
