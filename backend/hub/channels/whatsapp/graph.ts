/**
 * Calls of the Graph API for one channel, each with a time limit. An answer says what is known of the call, since what has
 * certainly not been carried out may be tried again, and what may have been must not.
 */
import { z } from 'zod'
import { TryLater } from '../platform.ts'
import { meaningOf } from './errors.ts'

/** How long a call may take until its answer is read, in ms. */
export type Timeouts = {
  call: number
  /**
   * For sending: longer than the 10 s after which `fetch` gives up on a connection, so that a message which never left is
   * told from one that got no answer.
   */
  send: number
  /** For those that carry a file. */
  bytes: number
}

export type GraphCall = {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below the version, such as `1234/messages`. */
  path: string
  query?: Record<string, string>
  /** A form goes as multipart, anything else as JSON. */
  body?: unknown
  /** ms; a call's usual time when not given. */
  timeout?: number
}

const Refusal = z.object({
  message: z.string().default(''),
  code: z.int(),
  is_transient: z.boolean().optional(),
})
type Refusal = z.infer<typeof Refusal>

export type Answer =
  | { state: 'ok'; body: unknown }
  /** The platform says that it did not do it, and why. */
  | { state: 'refused'; refusal: Refusal; body: unknown }
  /** The request never left this machine. */
  | { state: 'unsent'; cause: unknown }
  /** Somebody answered, but not in the platform's words. `pause`: for how long to call less often, in ms. */
  | { state: 'odd'; status: number; pause: number }
  /** No answer, or half of one. */
  | { state: 'silent'; cause: unknown }

export interface Graph {
  call(call: GraphCall): Promise<Answer>
  /** A file at an address that the platform gave, with the token. Throws what `fetch` throws. @throws TryLater */
  open(url: string): Promise<Response>
}

const AGENT = 'Countertop'
/** What stops a connection before anything was written to it, besides what its `syscall` tells. */
const UNSENT = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const RETRY_AFTER_MAX = 60 * 60

/** @param base the API's origin, without a version and without a slash at its end */
export function createGraph(base: string, version: string, token: string, timeouts: Timeouts): Graph {
  const headers = { authorization: `Bearer ${token}`, 'user-agent': AGENT }
  return {
    async call({ method, path, query = {}, body, timeout = timeouts.call }) {
      const url = new URL(`${base}/${version}/${path}`)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const init: RequestInit = { method, headers, redirect: 'manual', signal: AbortSignal.timeout(timeout) }
      if (body instanceof FormData) {
        init.body = body
      } else if (body !== undefined) {
        init.headers = { ...headers, 'content-type': 'application/json' }
        init.body = JSON.stringify(body)
      }
      let response: Response
      let text: string
      try {
        response = await fetch(url, init)
        text = await response.text()
      } catch (cause) {
        return neverLeft(cause) ? { state: 'unsent', cause } : { state: 'silent', cause }
      }
      return answerOf(response, text)
    },
    async open(url) {
      const { protocol, origin } = new URL(url)
      // The token is for the platform alone, and goes over no line that others can read.
      if (protocol !== 'https:' && origin !== new URL(base).origin) throw new TryLater('a media address without TLS')
      return fetch(url, { headers, signal: AbortSignal.timeout(timeouts.bytes) })
    },
  }
}

/**
 * The body of a call that changes nothing, or may be made twice.
 * @throws TryLater for any other answer, with what it means
 */
export function bodyOf(answer: Answer): unknown {
  if (answer.state === 'ok') return answer.body
  throw tryLater(answer)
}

/** The refusal or silence as something to try again, whether or not that would be of use for sending. */
export function tryLater(answer: Exclude<Answer, { state: 'ok' }>): TryLater {
  switch (answer.state) {
    case 'refused': {
      const { code, again } = meaningOf(answer.refusal.code)
      const platformCode = String(answer.refusal.code)
      return new TryLater(`WhatsApp refused: ${platformCode}`, { code, platformCode, pause: again?.pause ?? 0 })
    }
    case 'odd': {
      const { status, pause } = answer
      const code = status === 429 ? 'channel.rateLimited' : 'channel.failed'
      return new TryLater(`WhatsApp answered ${status} without saying why`, { code, pause })
    }
    case 'unsent':
      return new TryLater('WhatsApp is out of reach', { cause: answer.cause })
    case 'silent':
      return new TryLater('WhatsApp did not answer', { cause: answer.cause })
  }
}

function answerOf(response: Response, text: string): Answer {
  const body = parsed(text)
  const refused = z.object({ error: Refusal }).safeParse(body)
  if (refused.success) return { state: 'refused', refusal: refused.data.error, body }
  if (response.ok && body !== undefined) return { state: 'ok', body }
  const seconds = Number(response.headers.get('retry-after') ?? '')
  const wait = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, RETRY_AFTER_MAX) : 10
  return { state: 'odd', status: response.status, pause: response.status === 429 ? wait * 1_000 : 0 }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

const Cause = z.object({
  code: z.string().optional(),
  syscall: z.string().optional(),
  errors: z.array(z.unknown()).optional(),
})

/** Whether the connection failed before it stood: by its name, its address or its certificate. */
function neverLeft(error: unknown): boolean {
  const cause = Cause.safeParse(error instanceof TypeError ? error.cause : error)
  if (!cause.success) return false
  const { code = '', syscall = '', errors = [] } = cause.data
  if (UNSENT.has(code) || syscall === 'connect' || syscall === 'getaddrinfo') return true
  // Several addresses of one name were tried, each in vain.
  return errors.length > 0 && errors.every(neverLeft)
}
