/** How much memory a process has in the computer's RAM. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const KIB_IN_MB = 1_000_000 / 1_024

/** In MB (a million bytes), as `ps` says. @throws where there is no such program */
export async function residentOf(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)])
  const kib = Number(stdout.trim())
  if (!(kib > 0)) throw new Error(`ps said nothing of process ${pid}`)
  return kib / KIB_IN_MB
}

/** Looks again and again until it is stopped, and knows the highest that it saw. */
export class Watch {
  readonly #pid: number
  readonly #every: NodeJS.Timeout
  #highest = 0
  #failure: unknown = null

  constructor(pid: number, every = 100) {
    this.#pid = pid
    this.#every = setInterval(() => {
      this.now().catch((error: unknown) => {
        this.#failure = error
      })
    }, every)
  }

  async now(): Promise<number> {
    const resident = await residentOf(this.#pid)
    this.#highest = Math.max(this.#highest, resident)
    return resident
  }

  /** The highest so far; the next one begins anew. */
  async highest(): Promise<number> {
    await this.now()
    if (this.#failure) throw this.#failure
    const highest = this.#highest
    this.#highest = 0
    return highest
  }

  stop(): void {
    clearInterval(this.#every)
  }
}
