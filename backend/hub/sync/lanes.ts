/** Does one thing at a time for each name, in the order in which they were asked for. */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Starts `work` when everything before it under this name is over, and settles as it does. */
  run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const result = before.then(work)
    const forget = () => {
      if (this.#last.get(name) === end) this.#last.delete(name)
    }
    // The next one waits for the end of this one, however it ends; the failure itself goes to who asked.
    const end: Promise<void> = result.then(forget, forget)
    this.#last.set(name, end)
    return result
  }
}
