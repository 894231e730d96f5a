/** Lets what was sent by 發送 leave when its time has come (REP-6); what is due from before leaves at the start. */
import type { Logger } from 'pino'
import { TAKE_BACK } from '../../domain/replies/use.ts'
import type { MemberStore } from '../store/member-store.ts'

export type DepartureParts = {
  store: Pick<MemberStore, 'leave' | 'nextDeparture'>
  /** Milliseconds since 1970. */
  now: () => number
  log: Logger
  /** Something is in the queue now. */
  onLeft: () => void
}

export class Departures {
  readonly #parts: DepartureParts
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(parts: DepartureParts) {
    this.#parts = parts
  }

  /** Queues what is due, and waits for what leaves next: call it at the start, and when one was added. */
  look(): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    try {
      const { store, now, onLeft } = this.#parts
      if (store.leave(now())) onLeft()
      const next = store.nextDeparture()
      if (next === undefined) return
      // A clock that was set back in the meantime makes nobody wait for longer.
      this.#wait(Math.min(Math.max(0, next - now()), TAKE_BACK))
    } catch (error) {
      this.#parts.log.error({ err: error }, 'what was to leave could not be queued')
      this.#wait(TAKE_BACK)
    }
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.look(), ms)
  }
}
