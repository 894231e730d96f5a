/**
 * The crash run of the channels: the hub is killed at random moments while customers write on LINE and WhatsApp and members
 * answer, with platforms that stumble, repeat and shuffle. In the end each customer's message is there once and in its
 * order, and each message to a customer reached them once or is shown as failed.
 */
import { rm } from 'node:fs/promises'
import { seeded } from '../../backend/hub/demo/random.ts'
import type { Random } from '../../backend/hub/demo/random.ts'
import type { DatabaseKind } from '../world/shop/database.ts'
import { until } from '../world/until.ts'
import { counted } from './channels/chat.ts'
import { compare } from './channels/compare.ts'
import type { Comparison } from './channels/compare.ts'
import { Crowd } from './channels/crowd.ts'
import { Market } from './channels/market.ts'
import type { Inhabitants } from './channels/market.ts'
import { passTime, readChannels } from './channels/state.ts'
import type { ChannelsState } from './channels/state.ts'
import { drawTrouble, sayTrouble } from './channels/trouble.ts'
import type { Moment, Trouble } from './channels/trouble.ts'
import { CrashFailure } from './crash.ts'

/** ms after which a moment that does not come is taken to be there. */
const MOMENT_WITHIN = 2_500
/** ms within which something has to go through again. */
const FLOW_WITHIN = 30_000
/** ms without a request after which everything that can happen is taken to have happened: the first time, and at most. */
const QUIET = [2_000, 60_000] as const
/** As long as the hub waits for WhatsApp's word on a message, in ms. */
const STATUS_WAIT = 2 * 60_000
const SHOWN_DIFFERENCES = 25

export type ChannelsOptions = Inhabitants & {
  kind: DatabaseKind
  /** How often the hub is killed. */
  rounds: number
  /** How many messages customers write, and how many members do. */
  inbound: number
  outbound: number
  seed: number
  say: (line: string) => void
}

export type ChannelsReport = Omit<Comparison, 'differences'> & {
  database: DatabaseKind
  seed: number
  rounds: number
  seconds: number
  killed: Record<string, number>
  /** Who added the LINE account, by how often they were greeted. */
  greeted: Record<string, number>
  figures: Record<string, Record<string, number>>
}

/** @throws CrashFailure with what differs, or went wrong */
export async function crashChannels(options: ChannelsOptions): Promise<ChannelsReport> {
  const market = await Market.open(options.kind, options.seed, options)
  const run = new ChannelsRun(market, options)
  try {
    const report = await run.all()
    await market.close()
    await rm(market.folder, { recursive: true, force: true })
    return report
  } catch (error) {
    const { complaints } = market
    await market.saveLogs()
    await market.close()
    const { kind, seed, rounds, inbound } = options
    throw new CrashFailure(
      [
        `channels, seed ${seed}, ${kind}, round ${run.round} (${run.trouble && sayTrouble(run.trouble)})`,
        error instanceof Error ? error.message : String(error),
        ...complaints,
        `The folders are kept in ${market.folder}`,
        `Again: npm run crash -- --channels --database ${kind} --seed ${seed} --rounds ${rounds} --messages ${inbound}`,
      ].join('\n'),
      { cause: error },
    )
  }
}

class ChannelsRun {
  readonly #market: Market
  readonly #options: ChannelsOptions
  readonly #troubles: Random
  readonly #crowd: Crowd
  readonly #killed: string[] = []
  round = 0
  /** What the round does. */
  trouble: Trouble | null = null

  constructor(market: Market, options: ChannelsOptions) {
    this.#market = market
    this.#options = options
    this.#troubles = seeded(options.seed)
    this.#crowd = new Crowd(market, options.seed, options)
  }

  async all(): Promise<ChannelsReport> {
    const { rounds, seed, kind, say } = this.#options
    const begun = performance.now()
    await this.#crowd.begin()
    say(`everybody has written: ${seconds(begun)} s`)
    while (this.round < rounds) {
      this.round += 1
      const trouble = drawTrouble(this.#troubles)
      this.trouble = trouble
      const from = performance.now()
      await this.#strike(trouble)
      say(`round ${this.round}: ${sayTrouble(trouble)}; ${seconds(from)} s`)
      this.#complain()
    }
    const from = performance.now()
    const hub = await this.#settle()
    say(`at rest: ${seconds(from)} s`)
    const { line, sides } = this.#market
    const { differences, ...compared } = compare(hub, sides, this.#crowd.replies)
    for (const { userId, times } of line.greetings()) {
      if (times > 1) differences.push(`LINE ${userId} was greeted ${times} times`)
    }
    if (differences.length > 0) {
      const rest = differences.length - SHOWN_DIFFERENCES
      const more = rest > 0 ? [`… and ${rest} more`] : []
      throw new Error(['not as it must be', ...differences.slice(0, SHOWN_DIFFERENCES), ...more].join('\n  '))
    }
    return {
      database: kind,
      seed,
      rounds,
      seconds: Number(seconds(begun)),
      killed: counted(this.#killed),
      ...compared,
      greeted: counted(line.greetings().map(({ times }) => `${times} times`)),
      figures: Object.fromEntries(sides.map((side) => [side.name, side.figures()])),
    }
  }

  /** One round: load, trouble, the kill, and the start. */
  async #strike(trouble: Trouble): Promise<void> {
    const market = this.#market
    for (const [n, side] of market.sides.entries()) {
      for (let i = 0; i < (trouble.upsets[n] ?? 0); i++) side.upset()
      if (trouble.newcomers[n]) side.newcomer()
    }
    const load = this.#crowd.write(this.#options.rounds - this.round + 1)
    const { cutAt, againAfter } = trouble
    const cut = cutAt === null ? null : pause(cutAt).then(() => this.#cutLines())
    await this.#momentOf(trouble.moment)
    await this.#kill(`hub, after ${trouble.moment.after}`, () => market.hubs.kill())
    await pause(trouble.downFor)
    if (againAfter !== null) await this.#kill('hub, while it started', () => market.hubs.killStarting(againAfter))
    await market.hubs.start()
    await Promise.all([load, cut])
    await market.reconnect()
    if (trouble.flow) await this.#flows()
  }

  async #kill(what: string, kill: () => Promise<void>): Promise<void> {
    this.#killed.push(what)
    await kill()
  }

  /** Calls that the hub has taken lose their answers. */
  #cutLines(): void {
    this.#market.street.cut()
    this.#market.street.plug()
  }

  /** Waits for a moment under load: a time, or just after so much more was carried out or taken. */
  async #momentOf(moment: Moment): Promise<void> {
    if (moment.after === 'taken') await Promise.race([this.#taken(moment.n), pause(MOMENT_WITHIN)])
    if (moment.after === 'carried') {
      const carried = () => this.#market.sides.reduce((sum, side) => sum + side.carried(), 0)
      const end = carried() + moment.n
      const last = performance.now() + MOMENT_WITHIN
      while (carried() < end && performance.now() < last) await pause(1)
    }
    if (moment.ms > 0) await pause(moment.ms)
  }

  /** Resolves in the moment in which a platform hears that the hub has taken its `n`th call from now. */
  #taken(n: number): Promise<void> {
    const { line, whatsapp } = this.#market
    let left = n
    return new Promise((resolve) => {
      const ends = [line, whatsapp].map(({ fake }) =>
        fake.deliveries.on(({ status }) => {
          if (status !== 200 || --left > 0) return
          for (const end of ends) end()
          resolve()
        }),
      )
    })
  }

  /** Waits until something goes through, from each platform or to one. */
  async #flows(): Promise<void> {
    const through = () => this.#market.sides.reduce((all, side) => all + side.carried() + side.taken(), 0)
    const before = through()
    await until('something goes through again', () => through() > before, { within: FLOW_WITHIN })
  }

  /**
   * Everybody goes home, and the platforms tell what they have to tell. Then the hub is stopped now and then to see whether
   * something is left, and what it waits for is made to have come.
   */
  async #settle(): Promise<ChannelsState> {
    const { sides, workplaces, hubs, database } = this.#market
    for (const side of sides) side.calm()
    await this.#market.reconnect()
    for (const place of workplaces) await place.settled()
    for (const place of workplaces) {
      for (const { refusal } of await place.refused()) throw new Error(`a reply was refused: ${refusal?.code}`)
    }
    await Promise.all(sides.map((side) => side.idle()))
    for (const side of sides) side.repeat()
    for (let quiet: number = QUIET[0]; ; quiet = Math.min(quiet * 2, QUIET[1])) {
      await this.#quiet(quiet)
      this.#complain()
      await hubs.kill()
      const state = await database.read(readChannels)
      if (state.left.length === 0) return state
      this.#options.say(`  left: ${state.left.join(', ')}`)
      if (quiet === QUIET[1]) return state
      await database.prepare((db) => passTime(db, STATUS_WAIT))
      await hubs.start()
    }
  }

  /** Resolves when for so many ms nothing has been asked or told. */
  async #quiet(ms: number): Promise<void> {
    const { sides, line, whatsapp } = this.#market
    const asked = () =>
      [line, whatsapp].reduce((sum, { fake }) => sum + fake.calls.all().length + fake.deliveries.log.length, 0)
    for (let before = -1; before !== asked();) {
      before = asked()
      await pause(ms)
      await Promise.all(sides.map((side) => side.idle()))
    }
  }

  #complain(): void {
    if (this.#market.complaints.length > 0) throw new Error('a process ended as it must not')
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}
