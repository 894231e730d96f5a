/**
 * `npm run simulate -- [--runs N] [--seed S] [--path P] [--workers W]`: plays N random courses of events (500 unless
 * told otherwise) and says what did not hold. With the seed and path that a failure named, it plays that one again.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { simulate } from '../tests/simulation/simulate.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string' },
    path: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
})

const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000_000) : Number(values.seed)
const [runs, workers] = [Number(values.runs), Number(values.workers)]
if (![seed, runs, workers].every(Number.isSafeInteger) || runs < 1 || workers < 1) {
  process.stderr.write('--runs, --seed and --workers want whole numbers\n')
  process.exit(2)
}

const begun = performance.now()
let shownAt = begun
const { played, failure } = await simulate({
  seed,
  runs,
  workers,
  path: values.path ?? null,
  onProgress: (done) => {
    if (performance.now() - shownAt < 10_000) return
    shownAt = performance.now()
    process.stdout.write(`  ${done} of ${runs}, ${rate(done)} a second\n`)
  },
})

if (failure) {
  process.stdout.write(`✗ after ${played} runs:\n${failure.problems.join('\n')}\n\n${failure.plan}\n\n`)
  process.stdout.write(`To play it again: npm run simulate -- --seed ${failure.seed} --path ${failure.path}\n`)
  process.exitCode = 1
} else process.stdout.write(`✓ ${played} runs from seed ${seed}, ${rate(played)} a second\n`)

function rate(done: number): string {
  return ((done * 1000) / (performance.now() - begun)).toFixed(2)
}
