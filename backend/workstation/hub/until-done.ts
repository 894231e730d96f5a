/** Work towards the hub that is done over and over until nothing is left of it: one run at a time, again after a failure. */
import type { Logger } from 'pino'

export type UntilDoneParts = {
  /** Does what there is to do, and stops early when `isStopped`. False when something has to be tried again later. */
  work: (isStopped: () => boolean) => Promise<boolean>
  /** How long to wait before another try after a failure, in ms. */
  again: number
  log: Logger
  /** What is said when the work throws. */
  failed: string
}

export class UntilDone {
  readonly #parts: UntilDoneParts
  #running = false
  #asked = false
  #stopped = false
  #retry: NodeJS.Timeout | undefined

  constructor(parts: UntilDoneParts) {
    this.#parts = parts
  }

  /** Does what waits; when that is under way already, looks once more after it. */
  run(): void {
    if (this.#stopped) return
    if (this.#running) {
      this.#asked = true
      return
    }
    clearTimeout(this.#retry)
    this.#running = true
    const { work, again, log, failed } = this.#parts
    work(() => this.#stopped)
      .catch((error: unknown) => {
        log.error({ err: error }, failed)
        return false
      })
      .then((done) => {
        this.#running = false
        if (this.#stopped) return
        if (!done) this.#retry = setTimeout(() => this.run(), again)
        else if (this.#asked) this.run()
        this.#asked = false
      })
      .catch((error: unknown) => log.error({ err: error }, failed))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
  }
}
