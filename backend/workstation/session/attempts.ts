/** Slows the guessing of a password (SHF-1): failures are counted on disk, so that a restart forgives none. */
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from 'pino'
import { readIfThere, writeAtomically } from './atomic-file.ts'

const Count = z.strictObject({ failed: z.number().int().nonnegative(), lastAt: z.number().int().nonnegative() })
type Count = z.infer<typeof Count>

const FREE = 3
const FIRST_DELAY = 2_000
const LONGEST_DELAY = 60 * 60 * 1000

/** How long to wait after the last of so many failures, in ms: nothing after the first three, then twice as long each time. */
export function delayAfter(failed: number): number {
  return failed < FREE ? 0 : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(failed - FREE, 20))
}

export class Attempts {
  readonly #path: string
  readonly #now: () => number
  readonly #log: Logger

  constructor(folder: string, now: () => number, log: Logger) {
    this.#path = join(folder, 'attempts.json')
    this.#now = now
    this.#log = log
  }

  /**
   * Counts an attempt as failed before it is made, so that ending the process in the middle forgives nothing;
   * {@link succeeded} takes it back.
   * @returns 0 when it may be made, otherwise how many seconds to wait (the attempt is not counted then)
   */
  async begin(): Promise<number> {
    const { failed, lastAt } = await this.#read()
    const delay = delayAfter(failed)
    // A clock that was set back must not lock anyone out for longer than the delay itself.
    const left = Math.min(delay, lastAt + delay - this.#now())
    if (left > 0) return Math.ceil(left / 1000)
    await this.#write({ failed: failed + 1, lastAt: this.#now() })
    return 0
  }

  /** Forgets all failures. */
  async succeeded(): Promise<void> {
    await this.#write({ failed: 0, lastAt: 0 })
  }

  async #read(): Promise<Count> {
    const text = await readIfThere(this.#path)
    if (text === undefined) return { failed: 0, lastAt: 0 }
    try {
      return Count.parse(JSON.parse(text))
    } catch (error) {
      this.#log.warn({ err: error }, 'the count of failed attempts cannot be read; the next one has to wait')
      return { failed: FREE, lastAt: this.#now() }
    }
  }

  async #write(count: Count): Promise<void> {
    await writeAtomically(this.#path, JSON.stringify(count))
  }
}
