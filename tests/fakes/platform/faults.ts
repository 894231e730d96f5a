/** What a platform does wrong next: each fault waits for the request it is meant for. */

/**
 * Whether the platform carries the request out although its answer goes wrong. A `slow` one is carried out before the wait
 * (`done`) or after it (`none`), and then not at all if the client has gone.
 */
export type Effect = 'none' | 'done'

export type Fault = { effect: Effect } & (
  | { type: 'answer'; status: number; body: unknown; headers?: Record<string, string> }
  /** Says nothing for `ms`, then breaks the connection. */
  | { type: 'hang'; ms: number }
  /** Breaks the connection at once. */
  | { type: 'cut' }
  /** Answers 200 with something that is no answer of the platform. */
  | { type: 'garbage' }
  /** Answers as it should, `ms` late. */
  | { type: 'slow'; ms: number }
)

export type FaultMatch = {
  /** Any, when not given. */
  method?: string
  path: RegExp
  /** How many requests it befalls; 1 when not given. */
  times?: number
}

export class Faults {
  /** ms between a request being carried out and its answer, of every request that no fault befalls. May be changed. */
  latency: (method: string, path: string) => number = () => 0
  #waiting: { match: FaultMatch; left: number; fault: Fault }[] = []

  /** Plays the fault on the next requests that match; of several that match, the one set first. */
  next(match: FaultMatch, fault: Fault): void {
    this.#waiting.push({ match, left: match.times ?? 1, fault })
  }

  /** The fault for a request, which is then used up once. */
  take(method: string, path: string): Fault | null {
    const found = this.#waiting.find(
      ({ match }) => (match.method ?? method).toUpperCase() === method.toUpperCase() && match.path.test(path),
    )
    if (!found) return null
    found.left -= 1
    if (found.left <= 0) this.#waiting = this.#waiting.filter((one) => one !== found)
    return found.fault
  }

  clear(): void {
    this.#waiting = []
  }

  /** How many more requests a fault waits for. */
  pending(): number {
    return this.#waiting.reduce((sum, { left }) => sum + left, 0)
  }
}
