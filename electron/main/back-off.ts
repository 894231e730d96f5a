/** How long to wait before the next try: 0.5, 1, 2, 4 … 30 s, and from the beginning after a time without trouble. */

const FIRST = 500
const LONGEST = 30_000
const CALM = 60_000

export class BackOff {
  #tries = 0
  #lastTry = Number.NEGATIVE_INFINITY

  /** How many tries in a row there have been. */
  get tries(): number {
    return this.#tries
  }

  /** Milliseconds to wait before the next try. `now` is in milliseconds of any clock that does not go back. */
  next(now: number): number {
    if (now - this.#lastTry > CALM) this.#tries = 0
    const wait = Math.min(FIRST * 2 ** this.#tries, LONGEST)
    this.#tries += 1
    // The wait itself is no calm.
    this.#lastTry = now + wait
    return wait
  }
}
