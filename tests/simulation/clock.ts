/**
 * The time of a simulated world. Timers of both ends fire in their order without waiting, and only when everything
 * before them has come to rest; so one seed gives one course of events.
 */
import { install } from '@sinonjs/fake-timers'

const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const
const realImmediate = setImmediate

/** Something that went on for so many turns of the event loop without an end is a loop. */
const TURNS_MAX = 100_000

export class SimClock {
  readonly #timers
  /** What is known to be under way outside of timers (queries of the database). */
  readonly #busy: () => boolean

  constructor(start: number, busy: () => boolean) {
    this.#timers = install({ now: start, toFake: [...TIMERS, 'Date'], shouldClearNativeTimers: true })
    this.#busy = busy
  }

  /** ms since 1970. */
  get now(): number {
    return this.#timers.now
  }

  /** Resolves when nothing more happens without time passing. */
  async rest(): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await new Promise<void>((resolve) => realImmediate(resolve))
      if (!this.#busy()) {
        await new Promise<void>((resolve) => realImmediate(resolve))
        if (!this.#busy()) return
      }
    }
    throw new Error('the world does not come to rest')
  }

  /** Lets `ms` pass, with all that happens in them. Ends early when `until` says so. */
  async pass(ms: number, until: () => boolean = () => false): Promise<void> {
    let over = false
    const end = this.#timers.setTimeout(() => (over = true), ms)
    await this.rest()
    while (!over && !until()) {
      this.#timers.next()
      await this.rest()
    }
    this.#timers.clearTimeout(end)
  }

  /** The calendar moves on by `ms` as if the computers had slept: timers do not run for it. */
  sleep(ms: number): void {
    this.#timers.setSystemTime(this.#timers.now + ms)
  }

  /** Gives the real clock back. */
  end(): void {
    this.#timers.uninstall()
  }
}
