/** One session with the database for what cannot be done in a transaction: rewriting tables, moving the write-ahead log on. */
import type { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

export type SessionDatabase = { embedded: PGlite } | { server: string }

export interface ErasureSession {
  /** Runs one statement outside of transactions. `details`: what the notices that came with it add to their text. */
  run<R>(statement: string): Promise<{ rows: R[]; details: string[] }>
  close(): Promise<void>
}

/** How long, in ms, a statement waits for a table that others use. Whoever comes after it waits for as long. */
const LOCK_WAIT = 200
/** The advisory lock of whoever erases: one hub at a time. */
const LOCK = 7_305_001

/** @returns null while another hub over the same database has a session */
export async function openSession(database: SessionDatabase): Promise<ErasureSession | null> {
  return 'embedded' in database ? embeddedSession(database.embedded) : serverSession(database.server)
}

/** The embedded database has one owner, one connection, and so nobody to wait for. */
function embeddedSession(pglite: PGlite): ErasureSession {
  return {
    async run<R>(statement: string) {
      const details: string[] = []
      const results = await pglite.exec(statement, { onNotice: ({ detail }) => void (detail && details.push(detail)) })
      // The caller says what the columns of its statement are.
      return { rows: (results.at(-1)?.rows ?? []) as R[], details }
    },
    close: async () => undefined,
  }
}

async function serverSession(connectionString: string): Promise<ErasureSession | null> {
  const client = new pg.Client({ connectionString, application_name: 'countertop-erasure' })
  let details: string[] = []
  client.on('notice', ({ detail }) => void (detail && details.push(detail)))
  // A connection that breaks fails the statement that is being run, or the next one.
  client.on('error', () => undefined)
  await client.connect()
  const session: ErasureSession = {
    async run<R>(statement: string) {
      details = []
      const { rows } = await client.query<R & pg.QueryResultRow>(statement)
      return { rows, details }
    },
    close: () => client.end(),
  }
  try {
    await session.run(`set lock_timeout = ${LOCK_WAIT}`)
    await session.run('set statement_timeout = 0')
    const { rows } = await session.run<{ mine: boolean }>(`select pg_try_advisory_lock(${LOCK}) as mine`)
    if (rows[0]?.mine) return session
  } catch (error) {
    await session.close()
    throw error
  }
  await session.close()
  return null
}
