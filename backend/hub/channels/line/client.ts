/**
 * LINE's HTTP APIs for one account, with a limit on how long an answer may take, and each call's end as a value: what was
 * not refused and got no answer may have been done all the same.
 */
import { HTTPFetchError, messagingApi } from '@line/bot-sdk'
import { z } from 'zod'
import type { Outside } from '../platform.ts'
import type { LineAccount } from './account.ts'

/** How long to wait for LINE, in ms. */
export type Limits = {
  answer: number
  /** For the beginning of a picture or file, and then for each further piece of it. */
  content: number
}

export const LIMITS: Limits = { answer: 10_000, content: 15_000 }

export type LineClient = {
  api: messagingApi.MessagingApiClient
  /** In place of https://api-data.line.me, without a slash at its end. */
  dataUrl: string
  accessToken: string
  limits: Limits
}

/** Where LINE is, or its fake: `addresses` may name `line` and `lineData`. */
export function lineAddresses({ addresses }: Pick<Outside, 'addresses'>): { api: string; data: string } {
  return {
    api: addresses['line'] ?? 'https://api.line.me',
    data: (addresses['lineData'] ?? 'https://api-data.line.me').replace(/\/+$/, ''),
  }
}

/** The account's client; it keeps nothing. */
export function lineClient(
  { accessToken }: Pick<LineAccount, 'accessToken'>,
  outside: Pick<Outside, 'addresses'>,
  limits = LIMITS,
): LineClient {
  const { api, data } = lineAddresses(outside)
  return {
    api: new messagingApi.MessagingApiClient({ channelAccessToken: accessToken, baseURL: api }),
    dataUrl: data,
    accessToken,
    limits,
  }
}

/** LINE's no: nothing was done. */
export type Refused = {
  end: 'refused'
  /** 4xx */
  status: number
  /** In LINE's words, at most 200 characters. */
  message: string
  /** How long LINE asks to wait, in ms; null when it does not say. */
  retryAfter: number | null
}

/** How a call ended. `why` says it without anything of the request in it. */
export type End<T> =
  | { end: 'done'; value: T }
  | Refused
  /** LINE was not reached at all. */
  | { end: 'unsent'; why: string }
  /** LINE may have done it: it failed, did not answer in time, or answered something that is no answer. */
  | { end: 'unknown'; why: string }

/** Ends as `unknown` what takes longer than `ms`; the library has no way to break it off. */
export async function ask<T>(ms: number, call: () => Promise<unknown>, shape: z.ZodType<T>): Promise<End<T>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<End<T>>((resolve) => {
    timer = setTimeout(() => resolve({ end: 'unknown', why: `no answer within ${ms} ms` }), ms)
  })
  try {
    return await Promise.race([late, call().then((answer) => readAs(shape, answer), failed)])
  } finally {
    clearTimeout(timer)
  }
}

function readAs<T>(shape: z.ZodType<T>, answer: unknown): End<T> {
  const read = shape.safeParse(answer)
  return read.success ? { end: 'done', value: read.data } : { end: 'unknown', why: 'an answer of another form' }
}

function failed(error: unknown): Exclude<End<never>, { end: 'done' }> {
  if (error instanceof HTTPFetchError) return refusal(error.status, error.headers, error.body)
  return failedFetch(error)
}

const REFUSAL_MAX = 200
const LineError = z.object({
  message: z.string(),
  details: z.array(z.object({ message: z.string().optional(), property: z.string().optional() })).optional(),
})

/** What an answer other than 2xx means. */
export function refusal(status: number, headers: Headers, body: string): Refused | { end: 'unknown'; why: string } {
  // Only a 4xx says that nothing was done; 408 is some gateway's, which cannot know.
  if (status < 400 || status >= 500 || status === 408) return { end: 'unknown', why: `status ${status}` }
  const seconds = z.coerce
    .number()
    .positive()
    .safeParse(headers.get('retry-after') ?? undefined)
  return {
    end: 'refused',
    status,
    message: wordsOf(body) ?? `status ${status}`,
    retryAfter: seconds.success ? seconds.data * 1_000 : null,
  }
}

function wordsOf(body: string): string | null {
  const error = LineError.safeParse(parsed(body))
  if (!error.success) return null
  const { message, details } = error.data
  const first = [details?.[0]?.property, details?.[0]?.message].filter((word) => word).join(': ')
  return (first === '' ? message : `${message} (${first})`).slice(0, REFUSAL_MAX).toWellFormed()
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // Not LINE's own words, such as a gateway's page: the status has to do.
    return null
  }
}

/** What it means that a request failed without an answer. */
export function failedFetch(error: unknown): { end: 'unsent' | 'unknown'; why: string } {
  if (!(error instanceof Error)) return { end: 'unknown', why: 'failed' }
  const causes = causesOf(error)
  // Not its message: one about an answer that cannot be read quotes it.
  const why = causes[0]?.code ?? error.name
  return { end: causes.length > 0 && causes.every(isBeforeSending) ? 'unsent' : 'unknown', why }
}

const NetworkError = z.object({ code: z.string().optional(), syscall: z.string().optional() })
type NetworkError = z.infer<typeof NetworkError>

/** One for each address that was tried. */
function causesOf({ cause }: Error): NetworkError[] {
  const all: unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  return all.flatMap((one) => NetworkError.safeParse(one).data ?? [])
}

const isBeforeSending = ({ code, syscall }: NetworkError): boolean =>
  syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT'
