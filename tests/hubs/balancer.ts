/** Two hub processes on one PostgreSQL, behind one address each client knows: as behind a load balancer. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startHub, portOf } from '../world/places.ts'
import type { HubReady } from '../world/places.ts'
import type { Process } from '../world/process.ts'

export class HubProcess {
  readonly home: string
  readonly #env: Record<string, string>
  #process: Process<HubReady> | null = null
  #log = ''

  constructor(home: string, env: Record<string, string>) {
    this.home = home
    this.#env = env
  }

  /** Null while it does not run. */
  get url(): string | null {
    return this.#process?.url ?? null
  }

  get log(): string {
    return this.#log + (this.#process?.log ?? '')
  }

  async start(): Promise<void> {
    await mkdir(this.home, { recursive: true })
    this.#process = await startHub(this.home, 0, this.#env)
  }

  /** Ends it hard, whatever it is doing; what clients ask meanwhile goes to the other one. */
  async kill(): Promise<void> {
    const process = this.#process
    this.#process = null
    this.#log += process?.log ?? ''
    await process?.kill()
  }

  /** How many sockets of a kind it has open, by its own count. */
  async connections(kind: 'workstation' | 'webchat'): Promise<number> {
    const page = await (await fetch(`${this.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text()
    return Number(new RegExp(`^countertop_connections\\{kind="${kind}"\\} (\\d+)`, 'm').exec(page)?.[1] ?? -1)
  }
}

const TOKEN = 'for the eyes of this test'

/** The two, and where each client is sent: where it belongs while that one runs, otherwise to the other. */
export class TwoHubs {
  readonly a: HubProcess
  readonly b: HubProcess

  /** @param shared a folder for what both use */
  constructor(folder: string, shared: string, env: Record<string, string>) {
    const both = {
      ...env,
      COUNTERTOP_ATTACHMENTS: shared,
      COUNTERTOP_TRUST_PROXY: '1',
      COUNTERTOP_METRICS_TOKEN: TOKEN,
    }
    this.a = new HubProcess(join(folder, 'hub-a'), both)
    this.b = new HubProcess(join(folder, 'hub-b'), both)
  }

  /** For a cable: asked at each new connection; 0, where nobody answers, while neither runs. */
  portFor(n: number): () => number {
    const [first, second] = n % 2 === 0 ? [this.a, this.b] : [this.b, this.a]
    return () => {
      const url = first.url ?? second.url
      return url === null ? 0 : portOf(url)
    }
  }
}
