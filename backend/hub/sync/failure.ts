/** Sorts out what a database transaction failed of. */

const RETRY = ['40001', '40P01']
/** Connection, resources, operator, system: the database is in trouble, not the command. */
const OUTAGE_CLASSES = ['08', '53', '57', '58', 'XX']
/** What pg, PGlite and Kysely say, without a code, when a connection is gone. */
const CONNECTION_LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|PGlite (instance )?is (already )?closed|driver has already been destroyed|Postgres connection has been discarded)/

/** Whether PostgreSQL asks to run the transaction again (serialization failure, deadlock). */
export function isRetryable(error: unknown): boolean {
  return RETRY.includes(codeOf(error))
}

/** Whether the database is out of reach or out of order, so that the same command may well succeed later. */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error)
  if (/^[0-9A-Z]{5}$/.test(code)) return isRetryable(error) || OUTAGE_CLASSES.includes(code.slice(0, 2))
  return /^E[A-Z]+$/.test(code) || (error instanceof Error && CONNECTION_LOST.test(error.message))
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code: unknown = Object.getOwnPropertyDescriptor(error, 'code')?.value
  return typeof code === 'string' ? code : codeOf(error.cause)
}
