/** What may come back at all: an answer is coded, or it is none of ours. */
import { z } from 'zod'
import { REFUSALS, Refusal } from '../../backend/domain/refusal.ts'
import type { HttpAnswer } from './http.ts'

const Failure = z.strictObject({ error: Refusal })
/** What Node's own HTTP reader and `ws` answer, without a body of ours, to what is not HTTP or not an upgrade. */
const BELOW_US = new Set([400, 405, 408, 413, 417, 426, 431])

/** What is wrong with a refusal; null when nothing is. */
export function refusalProblem(value: unknown): string | null {
  const parsed = Refusal.safeParse(value)
  if (!parsed.success) return `an answer without a known code: ${JSON.stringify(value)?.slice(0, 200)}`
  const { code, params } = parsed.data
  if (code === 'internal.error') return 'internal.error'
  const missing = REFUSALS[code].filter((name) => params[name] === undefined)
  return missing.length > 0 ? `${code} without ${missing.join(', ')}` : null
}

/**
 * What is wrong with an HTTP answer; null when nothing is.
 * @param isHttp whether the request was HTTP; what was not may be answered by the reader below us, without a code
 */
export function httpProblem(answer: HttpAnswer, isHttp: boolean): string | null {
  if (answer.status === null) return isHttp ? `no answer (${answer.failure})` : null
  const { status, text } = answer
  if (status < 400) return null
  if (status === 503 && text === '{"ok":false}') return 'the hub says it is not well'
  if (answer.method === 'HEAD') return status >= 500 ? `${status} to a HEAD` : null
  if (!isHttp && BELOW_US.has(status) && !text.startsWith('{')) return null
  const parsed = Failure.safeParse(parseJson(text))
  if (!parsed.success) return `${status} without a code: ${text.slice(0, 200)}`
  const problem = refusalProblem(parsed.data.error)
  return problem && `${status} ${problem}`
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The text as it arrives: half a surrogate pair cannot be sent. */
export function asSent(text: string): string {
  return text.toWellFormed()
}
