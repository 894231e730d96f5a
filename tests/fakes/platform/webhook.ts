/**
 * What a fake platform tells the hub: each body is posted, signed, to its recipient's address, and again until it is taken,
 * as platforms do. A body that waits for its next attempt does not hold up those behind it unless `keepsOrder` says so:
 * the platforms promise no order either. Several recipients never wait for each other.
 */

export type Recipient = {
  /** Whose deliveries wait for each other: the account's id. */
  key: string
  /** Asked for at each attempt: the hub may come back somewhere else. */
  address: () => string
  /** The headers that go with the raw body: its signature. */
  sign: (raw: string) => Record<string, string>
}

export type DeliverySettings = {
  /** ms for an answer. */
  timeoutMs: number
  /** ms between two attempts. */
  retryAfterMs: number
  /** How often a body is posted before it is given up; a body already taken counts anew. */
  attempts: number
  /** How many at the same time for each recipient. */
  parallel: number
  /** Whether a body that waits for its next attempt holds up those behind it. */
  keepsOrder: boolean
  /** Asked after a body was taken: whether it is delivered once more all the same, as a redelivery. */
  duplicate: () => boolean
}

export type Attempt = {
  /** From 1, over all recipients, in the order the attempts ended. */
  n: number
  recipient: string
  /** From 1, for this body. */
  attempt: number
  /** When it was posted, by the fake's clock. */
  at: number
  /** null when no answer came. */
  status: number | null
  /** Why no answer came; null when one did. */
  failure: string | null
  /** How long it took. */
  ms: number
  body: unknown
  /** The hub had taken it before. */
  isDuplicate: boolean
}

/** What came of one attempt. */
export type Posted = Pick<Attempt, 'status' | 'failure'>

type Waiting = { recipient: Recipient; body: unknown; attempt: number; isDuplicate: boolean }
type Lane = { queue: Waiting[]; busy: number; resting: number }

export type DeliveriesParts = {
  now?: () => number
  settings?: Partial<DeliverySettings>
  /** What a body becomes when it is posted again. */
  redelivered?: (body: unknown) => unknown
}

export class Deliveries {
  /** May be changed while it runs. */
  readonly settings: DeliverySettings
  /** Each attempt so far. */
  readonly log: Attempt[] = []
  readonly #now: () => number
  readonly #redelivered: (body: unknown) => unknown
  readonly #lanes = new Map<string, Lane>()
  readonly #closing = new AbortController()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #listeners = new Set<(attempt: Attempt) => void>()
  #idle: (() => void)[] = []
  #isPaused = false

  constructor({ now = Date.now, settings, redelivered = (body) => body }: DeliveriesParts = {}) {
    this.#now = now
    this.#redelivered = redelivered
    this.settings = {
      timeoutMs: 2_000,
      retryAfterMs: 1_000,
      // A hub may be down for long, and again and again.
      attempts: 1_000,
      parallel: 1,
      keepsOrder: false,
      duplicate: () => false,
      ...settings,
    }
  }

  /** Posts the body as soon as its turn comes; what becomes of it is in {@link log}. */
  send(recipient: Recipient, body: unknown): void {
    const lane = this.#lane(recipient)
    lane.queue.push({ recipient, body, attempt: 1, isDuplicate: false })
    this.#advance(lane)
  }

  /** Holds back what has not been posted yet, and what comes, until {@link resume}. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    for (const lane of this.#lanes.values()) this.#advance(lane)
  }

  /** How many bodies are not taken yet, counting those under way. */
  waiting(): number {
    let sum = 0
    for (const { queue, busy, resting } of this.#lanes.values()) sum += queue.length + busy + resting
    return sum
  }

  /** Resolves when every body has been taken or given up. */
  idle(): Promise<void> {
    if (this.waiting() === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /**
   * Calls back after each attempt.
   * @returns ends it
   */
  on(listener: (attempt: Attempt) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Posts nothing more; what waits is given up. */
  close(): void {
    this.#closing.abort()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const lane of this.#lanes.values()) {
      lane.queue = []
      lane.resting = 0
    }
    this.#tellIdle()
  }

  #lane({ key }: Recipient): Lane {
    const lane = this.#lanes.get(key) ?? { queue: [], busy: 0, resting: 0 }
    this.#lanes.set(key, lane)
    return lane
  }

  #advance(lane: Lane): void {
    const { parallel, keepsOrder } = this.settings
    while (!this.#isPaused && lane.busy < parallel && !(keepsOrder && lane.resting > 0)) {
      const next = lane.queue.shift()
      if (!next) return
      lane.busy += 1
      void this.#attempt(lane, next)
    }
  }

  async #attempt(lane: Lane, waiting: Waiting): Promise<void> {
    const { recipient, body, attempt, isDuplicate } = waiting
    const at = this.#now()
    const begin = performance.now()
    const { status, failure } = await this.#post(recipient, body)
    if (this.#closing.signal.aborted) return
    lane.busy -= 1
    const done: Attempt = {
      n: this.log.length + 1,
      recipient: recipient.key,
      attempt,
      at,
      status,
      failure,
      ms: performance.now() - begin,
      body,
      isDuplicate,
    }
    this.log.push(done)
    const isTaken = status !== null && status >= 200 && status < 300
    if (isTaken && !isDuplicate && this.settings.duplicate()) {
      this.#again(lane, { recipient, body: this.#redelivered(body), attempt: 1, isDuplicate: true })
    } else if (!isTaken && attempt < this.settings.attempts) {
      this.#again(lane, { ...waiting, body: this.#redelivered(body), attempt: attempt + 1 })
    }
    for (const listener of this.#listeners) listener(done)
    this.#advance(lane)
    this.#tellIdle()
  }

  #again(lane: Lane, waiting: Waiting): void {
    lane.resting += 1
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      lane.resting -= 1
      lane.queue.unshift(waiting)
      this.#advance(lane)
    }, this.settings.retryAfterMs)
    this.#timers.add(timer)
  }

  #post({ address, sign }: Recipient, body: unknown): Promise<Posted> {
    return postWebhook(address(), JSON.stringify(body), sign, {
      timeoutMs: this.settings.timeoutMs,
      signal: this.#closing.signal,
    })
  }

  #tellIdle(): void {
    if (this.waiting() > 0) return
    const told = this.#idle
    this.#idle = []
    for (const tell of told) tell()
  }
}

/**
 * Posts one signed body, once.
 * @param timeoutMs for the answer
 */
export async function postWebhook(
  address: string,
  raw: string,
  sign: Recipient['sign'],
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<Posted> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...sign(raw) },
      body: raw,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    // Read to its end, so that the connection can be used again.
    await answer.arrayBuffer()
    return { status: answer.status, failure: null }
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return { status: null, failure: cause instanceof Error ? cause.message || cause.name : String(cause) }
  }
}
