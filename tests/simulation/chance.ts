/** Chance that is the same for the same seed. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export class Chance {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** From 0, included, to 1, excluded. */
  readonly next = (): number => uniformFloat64(this.#generator)

  /** Whether something happens that happens in `share` of all cases. */
  is(share: number): boolean {
    return this.next() < share
  }

  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }
}
