/**
 * The hub's log: JSON lines for its operator. It never has what people wrote, who they are, or anything secret: callers log
 * ids and codes alone, and what comes with an error is cut down to what cannot carry data.
 */
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

const SECRET_NAMES = [
  'password',
  'accessToken',
  'refreshToken',
  'storeKey',
  'authorization',
  'cookie',
  'email',
  'text',
  'name',
  'phone',
]
const REDACTED = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** @param destination where the lines go; standard error by default, so that standard output stays the caller's */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: '[redacted]' },
      serializers: { err: describeError },
    },
    destination,
  )
}

/**
 * An error without data: a database's own text may quote values, and its error carries the statement's parameters, so
 * of those only the code and the names in the schema are kept.
 */
export function describeError(error: unknown): Record<string, unknown> {
  // Somebody has cut it down already, or threw what is no error.
  if (!(error instanceof Error))
    return typeof error === 'object' && error !== null ? { ...error } : { type: typeof error }
  const fields = new Map(
    Object.entries(Object.getOwnPropertyDescriptors(error)).map(([key, { value }]) => [key, value]),
  )
  const code: unknown = fields.get('code')
  const fromDatabase = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(fromDatabase
      ? { table: fields.get('table'), constraint: fields.get('constraint') }
      : { message: error.message }),
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .join('\n'),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  }
}
