/**
 * The crash loop: real processes under load are killed at random moments and started again, round after round; every now
 * and then all comes to rest, and what was acknowledged is compared with what is there.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { seeded } from '../../backend/hub/demo/random.ts'
import { Desk } from '../world/desk.ts'
import { startWorkstation } from '../world/places.ts'
import { until } from '../world/until.ts'
import { compareAll } from '../world/shop/compare.ts'
import type { Found } from '../world/shop/compare.ts'
import type { DatabaseKind } from '../world/shop/database.ts'
import { readDevice } from '../world/shop/device-state.ts'
import { readHub } from '../world/shop/hub-state.ts'
import { drawPlan, sayPlan } from './plan.ts'
import type { Moment, Plan } from './plan.ts'
import { Shop } from './shop.ts'
import { PASSWORD, emailOf } from '../world/shop/team.ts'
import type { Workplace } from '../world/shop/workplace.ts'

/** ms after which a moment that does not come is taken to be there. */
const MOMENT_WITHIN = 1_500
/** ms within which work has to reach the hub again. */
const FLOW_WITHIN = 20_000
const SHOWN_DIFFERENCES = 25

export type CrashOptions = {
  kind: DatabaseKind
  rounds: number
  seed: number
  /** Rounds between two comparisons. */
  compareEvery: number
  say: (line: string) => void
}

export type CrashReport = {
  database: DatabaseKind
  seed: number
  rounds: number
  /** Wall time of all rounds with their comparisons, by the round, in s. */
  secondsPerRound: number
  killed: Record<string, number>
  comparisons: number
  customerMessages: number
  /** Commands that the hub took, and how many of them it refused. */
  commands: number
  refused: number
  /** Actions whose answer was lost with the process: found to have been kept, and not. */
  unanswered: { kept: number; lost: number }
  /** How often a workstation asked for the password again, because the answer to a signing-in was lost. */
  signedInAgain: number
}

/** What was acknowledged is not what is there. Names the seed, the round, and the folder, which is kept. */
export class CrashFailure extends Error {
  override readonly name = 'CrashFailure'
}

/** Runs the rounds. @throws CrashFailure with what differs */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const shop = await Shop.open(options.kind, options.seed)
  const run = new Run(shop, options)
  try {
    await run.all()
  } catch (error) {
    const { complaints } = shop
    await shop.saveLogs()
    await shop.close()
    throw new CrashFailure(
      [
        `seed ${options.seed}, ${options.kind}, round ${run.round} (${run.plan && sayPlan(run.plan)})`,
        error instanceof Error ? error.message : String(error),
        ...complaints,
        `The folders are kept in ${shop.folder}`,
        `Again: npm run crash -- --database ${options.kind} --seed ${options.seed} --rounds ${options.rounds}`,
      ].join('\n'),
      { cause: error },
    )
  }
  await shop.close()
  await rm(shop.folder, { recursive: true, force: true })
  return run.report()
}

class Run {
  readonly #shop: Shop
  readonly #options: CrashOptions
  readonly #killed: Record<string, number> = {}
  readonly #unanswered = { kept: 0, lost: 0 }
  #counts = { customers: 0, taken: 0, refused: 0 }
  #comparisons = 0
  #seconds = 0
  round = 0
  /** What the round does. */
  plan: Plan | null = null

  constructor(shop: Shop, options: CrashOptions) {
    this.#shop = shop
    this.#options = options
  }

  async all(): Promise<void> {
    const { rounds, seed, kind, compareEvery, say } = this.#options
    const random = seeded(seed)
    const begun = performance.now()
    this.#shop.begin()
    while (this.round < rounds) {
      this.round += 1
      const plan = drawPlan(random, kind)
      this.plan = plan
      const from = performance.now()
      await this.#strike(plan)
      say(`round ${this.round}: ${sayPlan(plan)}; ${seconds(from)} s`)
      this.#complain()
      if (this.round % compareEvery === 0 || this.round === rounds) {
        const at = performance.now()
        await this.#compare()
        say(
          `  compared: ${this.#counts.customers} customers' messages, ${this.#counts.taken} commands; ${seconds(at)} s`,
        )
        if (this.round < rounds) await this.#goOn()
      }
    }
    this.#seconds = (performance.now() - begun) / 1000
  }

  report(): CrashReport {
    const { kind, seed, rounds } = this.#options
    return {
      database: kind,
      seed,
      rounds,
      secondsPerRound: Math.round((this.#seconds / rounds) * 100) / 100,
      killed: this.#killed,
      comparisons: this.#comparisons,
      customerMessages: this.#counts.customers,
      commands: this.#counts.taken,
      refused: this.#counts.refused,
      unanswered: this.#unanswered,
      signedInAgain: this.#shop.workplaces.reduce((sum, place) => sum + place.signedInAgain, 0),
    }
  }

  /** One round: cut, wait for the moment, kill, start again. */
  async #strike(plan: Plan): Promise<void> {
    const shop = this.#shop
    const isStruck = ({ worker }: Workplace) => plan.workers.includes(worker)
    for (const place of shop.workplaces) if (plan.cut.includes(place.worker)) place.cable.cut()
    await this.#momentOf(plan.moment)
    await Promise.all([
      ...(plan.hub ? [this.#kill('hub', () => shop.killHub())] : []),
      ...shop.workplaces.filter(isStruck).map((place) => this.#kill(place.worker, () => place.kill())),
      ...(plan.server ? [this.#kill('postgres', () => this.#killServer(plan))] : []),
    ])
    await new Promise((resolve) => setTimeout(resolve, plan.downFor))
    const { againAfter } = plan
    const startHub = async () => {
      if (plan.server) await shop.database.server?.start()
      if (!plan.hub) return
      if (againAfter !== null) await this.#kill('hub while starting', () => shop.killStartingHub(againAfter))
      await shop.startHub()
    }
    await Promise.all([startHub(), ...shop.workplaces.filter(isStruck).map((place) => place.start())])
    await Promise.all(shop.workplaces.map((place) => (plan.cut.includes(place.worker) ? undefined : place.reconnect())))
    if (plan.flow) await this.#flows()
    for (const place of shop.workplaces) if (plan.cut.includes(place.worker)) await place.reconnect()
  }

  async #kill(what: string, kill: () => Promise<void>): Promise<void> {
    this.#killed[what] = (this.#killed[what] ?? 0) + 1
    await kill()
  }

  async #killServer({ server }: Plan): Promise<void> {
    if (server) await this.#shop.database.server?.kill(server)
  }

  /** Waits for a moment under load: a time, or just after something has set out for the hub. */
  async #momentOf(moment: Moment): Promise<void> {
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    if (moment.after === 'time') return void (await pause(moment.ms))
    const { workplaces, street } = this.#shop
    const cables = moment.after === 'push' ? workplaces.map(({ cable }) => cable) : [street]
    const type = moment.after === 'push' ? '{"type":"push"' : '{"type":"send"'
    let left = moment.n
    const passed = new Promise<void>((resolve) => {
      for (const cable of cables) {
        cable.onText = (text) => {
          if (text.startsWith(type) && --left === 0) resolve()
        }
      }
    })
    await Promise.race([passed, pause(MOMENT_WITHIN)])
    for (const cable of cables) cable.onText = () => undefined
    await pause(moment.ms)
  }

  /** Waits until the hub has accepted something of a customer again. */
  async #flows(): Promise<void> {
    const accepted = () =>
      this.#shop.customers.reduce((sum, { written }) => sum + written.filter((one) => one.accepted).length, 0)
    const before = accepted()
    await until('work reaches the hub again', () => accepted() > before, { within: FLOW_WITHIN })
  }

  /** Everything comes to rest, is killed, looked at and compared. */
  async #compare(): Promise<void> {
    const shop = this.#shop
    await shop.settle()
    const refused = await Promise.all(shop.workplaces.map((place) => place.refused()))
    const fresh = await Promise.all(shop.workplaces.map((place) => this.#freshHome(place)))
    this.#complain()
    await Promise.all([shop.killHub(), ...shop.workplaces.map((place) => place.kill())])
    const hub = await shop.database.read(readHub)
    const found: Found[] = []
    for (const [n, place] of shop.workplaces.entries()) {
      const home = fresh[n] ?? ''
      found.push({
        place,
        device: await readDevice(place.home, place.cable.url, place.worker),
        fresh: await readDevice(home, place.cable.url, place.worker),
        refused: refused[n] ?? [],
      })
    }
    const { differences, resolved, ...counts } = compareAll(hub, shop.customers, found)
    if (differences.length > 0) {
      const rest = differences.length - SHOWN_DIFFERENCES
      const more = rest > 0 ? [`… and ${rest} more`] : []
      throw new Error(
        ['what was acknowledged is not what is there', ...differences.slice(0, SHOWN_DIFFERENCES), ...more].join(
          '\n  ',
        ),
      )
    }
    for (const { place, deed, kept } of resolved) {
      place.ledger.resolve(deed, kept)
      this.#unanswered[kept ? 'kept' : 'lost'] += 1
    }
    this.#counts = counts
    this.#comparisons += 1
    await Promise.all(fresh.map((home) => rm(home, { recursive: true, force: true })))
  }

  /** Starts everything again after a comparison. */
  async #goOn(): Promise<void> {
    const shop = this.#shop
    await Promise.all([shop.startHub(), ...shop.workplaces.map((place) => place.start())])
    shop.begin()
  }

  /** The folder of a workstation at which the member signs in for the first time, and which has everything. */
  async #freshHome({ worker, cable }: Workplace): Promise<string> {
    const home = join(this.#shop.folder, `fresh-${worker}-${this.round}`)
    const process = await startWorkstation(home, cable.url)
    await new Desk(process.url).signIn(emailOf(worker), PASSWORD)
    await process.stop()
    return home
  }

  #complain(): void {
    const { complaints } = this.#shop
    if (complaints.length > 0) throw new Error('a process ended or answered as it must not')
  }
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}
