/** What an endpoint of LINE comes to: an answer that is checked before it leaves, or a refusal in LINE's form. */
import type { LineError } from './schemas.ts'

export type Outcome = {
  status: number
  /** Of the endpoint's own form when the status is 2xx. */
  body: unknown
  headers?: Record<string, string>
}

export type BytesOutcome = { status: 200; bytes: Buffer; mime: string }

export const ok = (body: object = {}, status = 200): Outcome => ({ status, body })

export const refused = (status: number, message: string, more: Omit<LineError, 'message'> = {}): Outcome => ({
  status,
  body: { message, ...more } satisfies LineError,
})

/** One field that cannot be; `property` is its place in the request's body. */
export const invalidField = (property: string, message: string): Outcome =>
  refused(400, 'The request body has 1 error(s)', { details: [{ message, property }] })

export const FAILED_TO_SEND = 'Failed to send messages'
