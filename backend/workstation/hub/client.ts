/**
 * The hub over HTTP: each call answers a value or a refusal, whatever the network or the other end does. Every answer
 * is checked against the protocol before anybody sees it.
 */
import { z } from 'zod'
import type { Logger } from 'pino'
import type { ConversationId } from '../../domain/ids.ts'
import { ATTACHMENT_MAX } from '../../domain/attachments.ts'
import { Refusal, refuse } from '../../domain/refusal.ts'
import { Message } from '../../domain/rows.ts'
import { AttachmentInfo, Session, SnapshotLine } from '../../sync/protocol.ts'
import type { SignInRequest, SnapshotQuery } from '../../sync/protocol.ts'
import type { Result } from '../service.ts'
import type { KeptFile, Upload } from '../store/member-store.ts'
import { splitLines } from './lines.ts'

const ANSWER_MAX = 8 * 1024 * 1024
const LINE_MAX = 32 * 1024 * 1024
const Failure = z.object({ error: Refusal })
const Messages = z.object({ messages: z.array(Message) })

export type HubTiming = {
  /** How long a small request may take, in ms. */
  request: number
  /** How long an upload or download may take, or what the hub asks of others, in ms. */
  transfer: number
  /** How long a snapshot may be silent, in ms. */
  silence: number
}
export const HUB_TIMING: HubTiming = { request: 10_000, transfer: 120_000, silence: 40_000 }

export type Downloaded = { bytes: Uint8Array; mime: string; name: string }

/** Something asked of the hub for a member; `isLong` when it asks others in turn. */
export type HubRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  isLong?: boolean
}

/** The hub at this address; `base` has no slash at its end. */
export class HubClient {
  readonly base: string
  readonly #log: Logger
  readonly #timing: HubTiming
  readonly #request: typeof fetch

  constructor(base: string, log: Logger, timing: HubTiming = HUB_TIMING, request: typeof fetch = fetch) {
    this.base = base
    this.#log = log
    this.#timing = timing
    this.#request = request
  }

  /** Where the live socket is. */
  get socketUrl(): string {
    return `${this.base.replace(/^http/, 'ws')}/sync`
  }

  async signIn(request: SignInRequest): Promise<Result<Session>> {
    return this.#session('/auth/sign-in', request)
  }

  /** Changes a refresh token for a new session; the old token works for a short while longer. */
  async refresh(refreshToken: string): Promise<Result<Session>> {
    return this.#session('/auth/refresh', { refreshToken })
  }

  /** The lines of a snapshot as they come, each checked; ends early, with a refusal, when one does not fit. */
  async *snapshot(
    token: string,
    query: z.infer<typeof SnapshotQuery>,
    signal: AbortSignal,
  ): AsyncGenerator<Result<SnapshotLine>> {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), this.#timing.silence)
    const parameters = new URLSearchParams()
    if (query.version !== undefined) parameters.set('version', String(query.version))
    if (query.epoch !== undefined) parameters.set('epoch', query.epoch)
    if (query.after !== undefined) parameters.set('after', query.after)
    try {
      const response = await this.#fetch(`/sync/snapshot?${parameters}`, {
        headers: bearer(token),
        signal: AbortSignal.any([signal, silence.signal]),
      })
      if (!response.ok) return yield { ok: false, refusal: await this.#failure(response) }
      if (!response.body) return yield garbled()
      for await (const line of splitLines(response.body, LINE_MAX)) {
        // While the device works on a line, it is not the hub that is silent.
        clearTimeout(timer)
        const checked = SnapshotLine.safeParse(parse(line))
        if (!checked.success) {
          this.#log.warn({ issues: issuesOf(checked.error) }, 'a snapshot line does not fit the protocol')
          return yield garbled()
        }
        yield { ok: true, value: checked.data }
        timer = setTimeout(() => silence.abort(), this.#timing.silence)
      }
    } catch (error) {
      yield this.#unreachable(error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Messages with an ordinal below `before`, oldest first. */
  async olderMessages(
    token: string,
    id: ConversationId,
    before: number | undefined,
    limit: number,
  ): Promise<Result<Message[]>> {
    const parameters = new URLSearchParams({ limit: String(limit) })
    if (before !== undefined) parameters.set('before', String(before))
    const result = await this.#json(Messages, `/conversations/${id}/messages?${parameters}`, { headers: bearer(token) })
    return result.ok ? { ok: true, value: result.value.messages } : result
  }

  /** Anything else that is answered with JSON of the protocol. */
  async ask<T>(token: string, schema: z.ZodType<T>, { method, path, body, isLong }: HubRequest): Promise<Result<T>> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const headers = { ...bearer(token), ...(body !== undefined && { 'content-type': 'application/json' }) }
    return this.#json(schema, path, { method, headers, ...json }, isLong ? this.#timing.transfer : undefined)
  }

  /** Uploads a file; repeating it changes nothing. */
  async upload(token: string, attachment: KeptFile, owner: Upload['owner']): Promise<Result<AttachmentInfo>> {
    const parameters = new URLSearchParams({ ...owner, name: attachment.name })
    return this.#json(
      AttachmentInfo,
      `/attachments/${attachment.id}?${parameters}`,
      {
        method: 'PUT',
        headers: { ...bearer(token), 'content-type': attachment.mime },
        body: new Uint8Array(attachment.bytes),
      },
      this.#timing.transfer,
    )
  }

  /** A file that somebody else sent. */
  async download(token: string, id: string): Promise<Result<Downloaded>> {
    try {
      const response = await this.#fetch(`/attachments/${id}`, {
        headers: bearer(token),
        signal: AbortSignal.timeout(this.#timing.transfer),
      })
      if (!response.ok) return { ok: false, refusal: await this.#failure(response) }
      const bytes = await readUpTo(response, ATTACHMENT_MAX)
      if (!bytes) return garbled()
      const disposition = response.headers.get('content-disposition') ?? ''
      return {
        ok: true,
        value: {
          bytes,
          mime: response.headers.get('content-type') ?? 'application/octet-stream',
          name: nameIn(disposition),
        },
      }
    } catch (error) {
      return this.#unreachable(error)
    }
  }

  async #session(path: string, body: unknown): Promise<Result<Session>> {
    const result = await this.#json(Session, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (result.ok && Buffer.from(result.value.storeKey, 'base64').length !== 32) return garbled()
    return result
  }

  async #json<T>(schema: z.ZodType<T>, path: string, init: RequestInit, timeout?: number): Promise<Result<T>> {
    try {
      const response = await this.#fetch(path, {
        ...init,
        signal: AbortSignal.timeout(timeout ?? this.#timing.request),
      })
      if (!response.ok) return { ok: false, refusal: await this.#failure(response) }
      const bytes = await readUpTo(response, ANSWER_MAX)
      const checked = schema.safeParse(bytes ? parse(bytes) : undefined)
      if (checked.success) return { ok: true, value: checked.data }
      this.#log.warn({ path: pathOf(path), issues: issuesOf(checked.error) }, 'an answer does not fit the protocol')
      return garbled()
    } catch (error) {
      return this.#unreachable(error)
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    // Called as a plain function: it is not a method of ours.
    const request = this.#request
    return request(this.base + path, { ...init, redirect: 'error', credentials: 'omit' })
  }

  async #failure(response: Response): Promise<Refusal> {
    const bytes = await readUpTo(response, ANSWER_MAX)
    const checked = Failure.safeParse(bytes ? parse(bytes) : undefined)
    if (checked.success) return checked.data.error
    this.#log.warn({ status: response.status }, 'the hub failed without saying why')
    // What stands in front of a hub that is down answers with one of these.
    return [502, 503, 504].includes(response.status) ? unreachableRefusal() : garbledRefusal()
  }

  #unreachable(error: unknown): { ok: false; refusal: Refusal } {
    this.#log.info({ reason: reasonOf(error) }, 'the hub cannot be reached')
    return { ok: false, refusal: unreachableRefusal() }
  }
}

/** The refusal for a hub that does not answer. */
export function unreachableRefusal(): Refusal {
  return refuse('hub.unreachable', {}, { instead: 'wait' })
}
/** The refusal for a hub whose answer makes no sense. */
export function garbledRefusal(): Refusal {
  return refuse('hub.garbled', {}, { instead: 'wait' })
}

function garbled(): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: garbledRefusal() }
}

/** What does not fit, without the values themselves: they may be what somebody wrote. */
export function issuesOf(error: z.ZodError): { path: string; code: string }[] {
  return error.issues.slice(0, 5).map(({ path, code }) => ({ path: path.join('.'), code }))
}

function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

function pathOf(path: string): string {
  return path.split('?')[0] ?? path
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    // Not JSON: the schema that the caller checks with refuses undefined.
    return undefined
  }
}

/** The body, or undefined when it is longer than `max` bytes. */
async function readUpTo(response: Response, max: number): Promise<Uint8Array | undefined> {
  if (!response.body) return new Uint8Array()
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body) {
    length += part.byteLength
    if (length > max) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function nameIn(disposition: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  if (encoded === undefined) return 'file'
  try {
    return decodeURIComponent(encoded)
  } catch {
    // A badly encoded name is no reason to withhold the file.
    return 'file'
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.name
  return error.name
}
