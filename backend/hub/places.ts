/** A bounded number of places for each who asks, such as an address: one alone cannot fill the house. */
export class Places {
  readonly #taken = new Map<string, number>()
  readonly #max: number

  /** @param max how many places each may have at a time */
  constructor(max: number) {
    this.#max = max
  }

  /** Takes a place; gives back how to leave it (again and again is once), or null when all are taken. */
  take(who: string): (() => void) | null {
    const taken = this.#taken.get(who) ?? 0
    if (taken >= this.#max) return null
    this.#taken.set(who, taken + 1)
    let isMine = true
    return () => {
      if (!isMine) return
      isMine = false
      const left = (this.#taken.get(who) ?? 1) - 1
      if (left > 0) this.#taken.set(who, left)
      else this.#taken.delete(who)
    }
  }
}
