/**
 * A list of any length behind an API that answers by offset: holds the windows seen lately, asks for those that come
 * into view, one question at a time, and asks again for the visible ones when the list went stale. While the order
 * is held (the pointer is over the rows) answers change what a row shows but not where it stands.
 */

export type Page<T> = { total: number; offset: number; rows: T[] }
export type FetchPage<T> = (offset: number, limit: number) => Promise<Page<T>>

/** Rows asked for at a time. */
export const PAGE_SIZE = 100
/** Pages kept at either side of what is in view: the rest of a long list is asked for again when it is wanted. */
const KEPT_BESIDE = 10

type Held<T> = { rows: T[]; stale: boolean }

export class PagedList<T extends { id: string }> {
  readonly #fetch: FetchPage<T>
  readonly #changed: () => void
  readonly #pages = new Map<number, Held<T>>()
  readonly #size: number
  #visible: [first: number, last: number] = [0, 0]
  #asking = false
  #closed = false
  #held = false
  #postponed: Page<T>[] = []
  /** Rows in the whole list; null before the first answer. */
  total: number | null = null
  /** Set while the last question failed; `retry` asks again. */
  failed: unknown = null

  /** @param changed called after everything that a screen should show again. */
  constructor(fetch: FetchPage<T>, changed: () => void, size: number = PAGE_SIZE) {
    this.#fetch = fetch
    this.#changed = changed
    this.#size = size
  }

  /** The row at `index`, or undefined while it is not here. */
  rowAt(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / this.#size))?.rows[index % this.#size]
  }

  /** Where the row with this id stands among those that are here, or -1. */
  indexOf(id: string): number {
    for (const [page, { rows }] of this.#pages) {
      const at = rows.findIndex((row) => row.id === id)
      if (at >= 0) return page * this.#size + at
    }
    return -1
  }

  /** Tells which rows are on screen (both ends included); asks for those that are missing or stale. */
  show(first: number, last: number): void {
    this.#visible = [first, last]
    this.#forget()
    void this.#ask()
  }

  /** Asks for the rows (both ends included) that are not here, wherever they are; resolves when there is an answer to each. */
  async bring(first: number, last: number): Promise<void> {
    for (let page = Math.floor(first / this.#size); page <= Math.floor(last / this.#size); page += 1) {
      if (this.#closed || this.#pages.has(page)) continue
      try {
        const answer = await this.#fetch(page * this.#size, this.#size)
        if (this.#closed) return
        this.#take(answer)
      } catch (error) {
        this.failed = error ?? new Error('no answer')
      }
      this.#changed()
    }
  }

  /** The list went stale: visible rows are asked for again, the others when they come into view. */
  refresh(): void {
    for (const page of this.#pages.values()) page.stale = true
    void this.#ask()
  }

  retry(): void {
    this.failed = null
    this.#changed()
    void this.#ask()
  }

  /** Holds the order of rows, or lets go and applies what came in meanwhile. */
  hold(held: boolean): void {
    if (this.#held === held) return
    this.#held = held
    if (held) return
    const postponed = this.#postponed
    this.#postponed = []
    for (const page of postponed) this.#apply(page)
    if (postponed.length > 0) this.#changed()
  }

  /** Whether a new order waits for the pointer to leave. */
  get postponed(): boolean {
    return this.#postponed.length > 0
  }

  /** No answer that is still on its way is used any more. */
  close(): void {
    this.#closed = true
  }

  /** Lets go of the pages that are far from what is in view. */
  #forget(): void {
    const first = Math.floor(this.#visible[0] / this.#size)
    const last = Math.floor(this.#visible[1] / this.#size)
    for (const page of this.#pages.keys()) {
      if (page >= first - KEPT_BESIDE && page <= last + KEPT_BESIDE) continue
      this.#pages.delete(page)
      this.#postponed = this.#postponed.filter(({ offset }) => offset !== page * this.#size)
    }
  }

  #next(): number | null {
    const end = this.total === null ? 0 : Math.max(0, this.total - 1)
    const first = Math.floor(Math.min(this.#visible[0], end) / this.#size)
    const last = Math.floor(Math.min(this.#visible[1], end) / this.#size)
    for (let page = first; page <= last; page += 1) if (!this.#pages.has(page)) return page
    for (let page = first; page <= last; page += 1) if (this.#pages.get(page)?.stale) return page
    return null
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#closed || this.failed !== null) return
    this.#asking = true
    try {
      for (let page = this.#next(); page !== null; page = this.#next()) {
        const known = this.#pages.get(page)
        // Before the question: a change during it makes the page stale again.
        if (known) known.stale = false
        const answer = await this.#fetch(page * this.#size, this.#size)
        if (this.#closed) return
        this.#take(answer)
        this.#changed()
      }
    } catch (error) {
      if (this.#closed) return
      this.failed = error ?? new Error('no answer')
      for (const page of this.#pages.values()) page.stale = true
      this.#changed()
    } finally {
      this.#asking = false
    }
  }

  #take(answer: Page<T>): void {
    const page = answer.offset / this.#size
    const known = this.#pages.get(page)
    if (!this.#held || !known || (answer.total === this.total && sameOrder(known.rows, answer.rows))) {
      this.#postponed = this.#postponed.filter((other) => other.offset !== answer.offset)
      this.#apply(answer)
      return
    }
    this.#postponed = [...this.#postponed.filter((other) => other.offset !== answer.offset), answer]
    known.rows = inOrderOf(known.rows, answer.rows)
  }

  #apply(answer: Page<T>): void {
    const page = answer.offset / this.#size
    const stale = this.#pages.get(page)?.stale ?? false
    this.#pages.set(page, { rows: answer.rows, stale })
    this.total = answer.total
    const last = Math.max(0, Math.ceil(answer.total / this.#size) - 1)
    for (const key of this.#pages.keys()) if (key > last) this.#pages.delete(key)
  }
}

function sameOrder<T extends { id: string }>(a: T[], b: T[]): boolean {
  return a.length === b.length && a.every((row, index) => row.id === b[index]?.id)
}

/** The rows of `shown`, each as `fresh` has it now, where it has it. */
export function inOrderOf<T extends { id: string }>(shown: T[], fresh: T[]): T[] {
  const byId = new Map(fresh.map((row) => [row.id, row]))
  return shown.map((row) => byId.get(row.id) ?? row)
}
