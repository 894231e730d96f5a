/** One WebSocket as the hub uses it: frames in order, never more waiting than the other end can take, and a clear end. */
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { ClientFrame, FRAME_MAX } from '../../sync/protocol.ts'

/** Above this many bytes that the other end has not taken, nothing more is sent. */
const BUFFER_MAX = 2 * 1024 * 1024
/** Frames a client may send in a while. */
const FRAMES = { points: 2_000, duration: 10 }
/** Bytes of frames that may wait for the ones before them. */
const WAITING_MAX = 4 * 1024 * 1024
/** The close codes of this protocol. */
export const CLOSE = { error: 4000, replaced: 4001, restart: 1012 } as const

export type LinkEvents = {
  /** Called with one frame at a time; the next waits until it is settled. */
  frame(frame: ClientFrame): Promise<void>
  /** Called once. */
  closed(): void
}

export class Link {
  readonly #ws: WebSocket
  readonly #log: Logger
  readonly #events: LinkEvents
  readonly #limiter = new RateLimiterMemory(FRAMES)
  #work: Promise<void> = Promise.resolve()
  #waiting = 0
  #ending = false
  #heard = true
  #stuckSince: number | null = null
  #drained: (() => void) | null = null
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>

  constructor(ws: WebSocket, log: Logger, events: LinkEvents) {
    this.#ws = ws
    this.#log = log
    this.#events = events
    ws.on('message', (data, binary) => this.#receive(bytesOf(data), binary))
    ws.on('pong', () => (this.#heard = true))
    ws.on('error', (error) => log.info({ err: error }, 'sync: a connection broke'))
    this.closed = new Promise((resolve) => {
      ws.on('close', () => {
        this.#ending = true
        this.#drained?.()
        events.closed()
        resolve()
      })
    })
  }

  get open(): boolean {
    return !this.#ending && this.#ws.readyState === this.#ws.OPEN
  }

  /** Sends a frame and resolves when there is room for another; false when the connection is closed. */
  async send(text: string): Promise<boolean> {
    if (!this.open) return false
    this.#ws.send(text, () => {
      if (this.#ws.bufferedAmount < BUFFER_MAX / 2) this.#drained?.()
    })
    if (this.#ws.bufferedAmount > BUFFER_MAX) {
      this.#stuckSince ??= Date.now()
      await new Promise<void>((resolve) => (this.#drained = resolve))
      this.#drained = null
      this.#stuckSince = null
    }
    return this.open
  }

  /** Sends what is about this moment alone, unless the other end is behind. */
  sendIfIdle(text: string): void {
    if (this.open && this.#ws.bufferedAmount < BUFFER_MAX / 2) this.#ws.send(text)
  }

  /** Says why, and closes. */
  fail(error: Refusal): void {
    if (!this.open) return
    this.#ws.send(JSON.stringify({ type: 'error', error }))
    this.close(CLOSE.error, error.code)
  }

  close(code: number, reason: string): void {
    if (this.#ending) return
    this.#ending = true
    this.#drained?.()
    this.#ws.close(code, reason)
  }

  /** Asks for a sign of life, and drops a connection that gave none since, or has not taken what it was sent. */
  beat(patience: number): void {
    const stuck = this.#stuckSince !== null && Date.now() - this.#stuckSince > patience
    if (!this.#heard || stuck) return this.#ws.terminate()
    this.#heard = false
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping()
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #receive(bytes: Buffer, binary: boolean): void {
    this.#heard = true
    this.#waiting += bytes.byteLength
    if (this.#waiting > WAITING_MAX) return this.fail(refuse('request.tooMany', { seconds: 1 }, { instead: 'wait' }))
    this.#work = this.#work
      .then(() => this.#take(bytes, binary))
      .catch((error: unknown) => this.#broken(error))
      .finally(() => (this.#waiting -= bytes.byteLength))
  }

  async #take(bytes: Buffer, binary: boolean): Promise<void> {
    if (!this.open) return
    const wait = await this.#overLimit()
    if (wait > 0) return this.fail(refuse('request.tooMany', { seconds: wait }, { instead: 'wait' }))
    if (bytes.byteLength > FRAME_MAX) return this.fail(refuse('request.tooLarge', { max: FRAME_MAX }))
    const frame = binary ? null : parse(bytes.toString('utf8'))
    if (!frame) return this.fail(refuse('request.invalid', { field: 'frame' }))
    await this.#events.frame(frame)
  }

  async #overLimit(): Promise<number> {
    try {
      await this.#limiter.consume('frames')
      return 0
    } catch (limit) {
      if (limit instanceof RateLimiterRes) return Math.ceil(limit.msBeforeNext / 1000)
      throw limit
    }
  }

  #broken(error: unknown): void {
    this.#log.error({ err: error }, 'sync: a frame could not be handled')
    this.fail(refuse('internal.error', {}))
  }
}

function parse(text: string): ClientFrame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
  return ClientFrame.safeParse(value).data ?? null
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
