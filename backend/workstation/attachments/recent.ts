/** Files that colleagues and customers sent, as the hub gave them, in memory only and no more than fit. */
import type { Downloaded } from '../hub/client.ts'

export class RecentFiles {
  readonly #max: number
  readonly #files = new Map<string, Downloaded>()
  #bytes = 0

  /** `max` in bytes, all together. */
  constructor(max: number) {
    this.#max = max
  }

  get(id: string): Downloaded | undefined {
    const file = this.#files.get(id)
    if (file) {
      this.#files.delete(id)
      this.#files.set(id, file)
    }
    return file
  }

  /** Keeps a file; those that were not asked for longest go. */
  keep(id: string, file: Downloaded): void {
    if (file.bytes.length > this.#max || this.#files.has(id)) return
    this.#files.set(id, file)
    this.#bytes += file.bytes.length
    for (const [oldest, { bytes }] of this.#files) {
      if (this.#bytes <= this.#max) return
      this.#files.delete(oldest)
      this.#bytes -= bytes.length
    }
  }

  clear(): void {
    this.#files.clear()
    this.#bytes = 0
  }
}
