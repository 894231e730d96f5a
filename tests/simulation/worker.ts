/** A process of `simulate.ts`: plays the parts it is sent. */
import fc from 'fast-check'
import { plan } from './plan.ts'
import type { Plan } from './plan.ts'
import { Simulation } from './run.ts'
import { Part } from './simulate.ts'
import type { FromWorker } from './simulate.ts'
import type { z } from 'zod'

/** How long a failing plan is made smaller, in ms. */
const SHRINK_FOR = 120_000
const SHOWN = 12

const simulation = new Simulation()

process.on('message', (message) => {
  play(Part.parse(message)).then(say, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  })
})
process.on('disconnect', () => {
  simulation.close().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})

function say(said: z.infer<typeof FromWorker>): void {
  process.send?.(said)
}

async function play({ seed, runs, path }: Part): Promise<z.infer<typeof FromWorker>> {
  let failedAt: number | null = null
  let problems: string[] = []
  const property = fc.asyncProperty(plan, async (one: Plan) => {
    if (failedAt !== null && performance.now() - failedAt > SHRINK_FOR) return
    const found = await simulation.run(one)
    if (failedAt === null) say({ type: 'played', runs: 1 })
    if (found.length === 0) return
    failedAt ??= performance.now()
    problems = found.slice(0, SHOWN)
    throw new Error('something does not hold')
  })
  const result = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path === null ? {} : { path, endOnFailure: true }),
  })
  if (!result.failed) return { type: 'done', failure: null }
  return {
    type: 'done',
    failure: {
      seed,
      path: result.counterexamplePath ?? '',
      plan: JSON.stringify(result.counterexample?.[0]),
      problems,
    },
  }
}
