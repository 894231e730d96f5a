/** The hub's process, one after the other, on any port: the cables know which. */
import { killStartingHub, portOf, startHub } from '../world/places.ts'
import type { HubReady } from '../world/places.ts'
import type { Process } from '../world/process.ts'

export class Hubs {
  readonly #home: string
  readonly #env: Record<string, string>
  #process: Process<HubReady> | null = null
  #port = 0
  readonly #logs: string[] = []

  constructor(home: string, env: Record<string, string>) {
    this.#home = home
    this.#env = env
  }

  get port(): number {
    return this.#port
  }

  get fell(): string | null {
    return this.#process?.ended ?? null
  }

  get log(): string {
    return this.#process?.log ?? ''
  }

  /** The logs of all of them. */
  get everything(): string {
    return [...this.#logs, this.log].join('\n')
  }

  async start(): Promise<void> {
    this.#process = await startHub(this.#home, 0, this.#env)
    this.#port = portOf(this.#process.url)
  }

  killStarting(ms: number): Promise<void> {
    return killStartingHub(this.#home, this.#env, ms)
  }

  async kill(): Promise<void> {
    const process = this.#process
    this.#process = null
    // Nobody else may be taken for the hub meanwhile.
    this.#port = 0
    await process?.kill()
    if (process) this.#logs.push(process.log)
  }
}
