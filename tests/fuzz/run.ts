/** Plays inputs against the world, many at a time, and looks now and then at what lasts. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { Bystanders } from './bystanders.ts'
import { closeKept } from './http.ts'
import { hubHttp } from './hub-http.ts'
import { hubSocket } from './hub-socket.ts'
import { localApi } from './local-api.ts'
import { TARGETS } from './target.ts'
import type { Target, TargetName } from './target.ts'
import { Watch } from './watch.ts'
import type { Memory } from './watch.ts'
import { SLOTS, openWorld } from './world.ts'
import { webchat } from './webchat.ts'
import type { World } from './world.ts'

export type FuzzOptions = {
  runs: number
  seed: number
  targets: readonly TargetName[]
  /** The one input to play; null for all. */
  only: number | null
  /** Called after each stage. */
  onStage?(done: number, seconds: number): void
}

export type Failure = { run: number | null; target: TargetName | null; problem: string; shrunk: string | null }

export type FuzzReport = {
  ok: boolean
  runs: number
  seed: number
  seconds: number
  perSecond: number
  targets: Partial<Record<TargetName, number>>
  commands: { accepted: number; refused: number }
  exchanges: number
  slowestExchangeMs: number
  memory: Record<string, Memory>
  logLines: number
  failures: Failure[]
}

/** So many inputs are played between two looks at what lasts; the first look comes sooner. */
const STAGE = 2_000
const FIRST_STAGE = 200
/** After so many stages the members get new teams: those they had are a ruin by then. */
const RENEW_EVERY = 4
/** How long memory has to be given back, in ms. */
const CALM = 5_000

const ALL: Record<TargetName, Target> = { 'hub-socket': hubSocket, 'hub-http': hubHttp, 'local-api': localApi, webchat }

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const world = await openWorld()
  const watches = [new Watch('hub', world.hub), new Watch('workstation', world.workstation)]
  const bystanders = Bystanders.begin(world)
  const runner = new Runner(world, options)
  try {
    const begun = performance.now()
    const look = () => [...watches.flatMap((watch) => watch.check()), ...bystanders.problems]
    const numbers = options.only === null ? Array.from({ length: options.runs }, (_, n) => n) : [options.only]
    let stages = 0
    for (let from = 0; from < numbers.length && runner.failures.length === 0;) {
      const stage = numbers.slice(from, from + (from === 0 ? FIRST_STAGE : STAGE))
      await runner.stage(stage, look)
      from += stage.length
      stages += 1
      options.onStage?.(from, (performance.now() - begun) / 1000)
      if (stages % RENEW_EVERY === 0 && runner.failures.length === 0) await runner.renew()
    }
    const seconds = (performance.now() - begun) / 1000
    await bystanders.end()
    if (runner.played >= STAGE) await new Promise((resolve) => setTimeout(resolve, CALM))
    for (const problem of [...watches.flatMap((watch) => [...watch.check(), ...watch.settle()])])
      runner.fail(null, problem)
    if (bystanders.exchanges === 0) runner.fail(null, 'the bystanders never got to talk')
    return {
      ok: runner.failures.length === 0,
      runs: runner.played,
      seed: options.seed,
      seconds,
      perSecond: runner.played / seconds,
      targets: runner.counts,
      commands: runner.commands,
      exchanges: bystanders.exchanges,
      slowestExchangeMs: Math.round(bystanders.slowest),
      memory: Object.fromEntries(watches.map(({ name, memory }) => [name, memory])),
      logLines: watches.reduce((sum, { lines }) => sum + lines, 0),
      failures: runner.failures,
    }
  } finally {
    await bystanders.end()
    for (const watch of watches) watch.end()
    closeKept()
    await world.close()
  }
}

class Runner {
  readonly failures: Failure[] = []
  readonly counts: Partial<Record<TargetName, number>> = {}
  readonly commands = { accepted: 0, refused: 0 }
  played = 0
  readonly #world: World
  readonly #options: FuzzOptions

  constructor(world: World, options: FuzzOptions) {
    this.#world = world
    this.#options = options
  }

  /** Plays these inputs, as many at once as there are slots, then compares. */
  async stage(numbers: readonly number[], look: () => string[]): Promise<void> {
    const waiting = numbers.values()
    const slot = async (_: unknown, own: number) => {
      for (const run of waiting) {
        if (this.failures.length > 0) return
        await this.#playOne(run, own)
      }
    }
    await Promise.all(Array.from({ length: SLOTS }, slot))
    // One bug may fill a log.
    for (const problem of look().slice(0, 3)) this.fail(null, problem)
    for (const name of this.#options.targets) {
      for (const problem of await ALL[name].check(this.#world)) this.fail(runOf(problem), problem)
    }
    const { desk, playground } = this.#world
    for (const ledger of [playground.shop, playground.rival, desk]) {
      this.commands.accepted += ledger.accepted
      this.commands.refused += ledger.refused
      ledger.accepted = ledger.refused = 0
    }
  }

  renew(): Promise<void> {
    return this.#world.renew()
  }

  fail(run: number | null, problem: string, shrunk: string | null = null): void {
    const target = run === null ? null : this.#targetOf(run).name
    if (this.failures.length < 20) this.failures.push({ run, target, problem, shrunk })
  }

  async #playOne(run: number, slot: number): Promise<void> {
    const target = this.#targetOf(run)
    const property = this.#property(target, run, slot)
    const seed = seedOf(this.#options.seed, run)
    const [sampled] = fc.sample(property, { seed, numRuns: 1 })
    if (!sampled) return
    const problems = await this.#play(target, run, slot, sampled[0])
    this.played += 1
    this.counts[target.name] = (this.counts[target.name] ?? 0) + 1
    if (problems.length === 0) return
    const found = this.failures.length
    this.fail(run, problems.join('; '), shown(sampled[0]))
    const failure = this.failures[found]
    // Played again it may well be fine, when it depended on what came before: then it stands as it was.
    const again = await fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: 20_000 })
    if (failure && again.counterexample) {
      failure.shrunk = shown(again.counterexample[0])
      failure.problem += ` — shrunk: ${again.errorInstance instanceof Error ? again.errorInstance.message : ''}`
    }
  }

  #property(target: Target, run: number, slot: number) {
    return fc.asyncProperty(target.inputs, async (input) => {
      const problems = await this.#play(target, run, slot, input)
      if (problems.length > 0) throw new Error(problems.join('; '))
    })
  }

  async #play(target: Target, run: number, slot: number, input: unknown): Promise<string[]> {
    const address = `10.${(run >> 16) & 255}.${(run >> 8) & 255}.${run & 255}`
    try {
      return await target.play({ world: this.#world, run, slot, address }, input)
    } catch (error) {
      return [`the fuzz itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
    }
  }

  #targetOf(run: number): Target {
    const { targets } = this.#options
    return ALL[targets[run % targets.length] ?? TARGETS[0]]
  }
}

/** The input that a lasting problem names. */
function runOf(problem: string): number | null {
  const run = /\binput (\d+)/.exec(problem)?.[1]
  return run === undefined ? null : Number(run)
}

/** A seed of its own for each input, so that any one of them can be played alone. */
function seedOf(seed: number, run: number): number {
  return createHash('sha256').update(`${seed} ${run}`).digest().readInt32BE(0)
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input)
  return text.length > 3_000 ? `${text.slice(0, 3_000)}… (${text.length})` : text
}
