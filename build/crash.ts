/**
 * `npm run crash -- [--rounds N] [--seed S] [--database pglite|postgres|both] [--compare-every K] [--json]`: kills real
 * hubs, workstations and database servers under load, and compares what they acknowledged with what they have.
 */
import { parseArgs } from 'node:util'
import { CrashFailure, crash } from '../tests/crash/crash.ts'
import type { CrashReport } from '../tests/crash/crash.ts'
import { endWithParent } from './run/parent.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    database: { type: 'string', default: 'both' },
    'compare-every': { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})
const wholeNumber = (name: 'rounds' | 'seed' | 'compare-every', least: number): number => {
  const number = Number(values[name])
  if (!Number.isInteger(number) || number < least) throw new Error(`--${name} wants a whole number from ${least} on`)
  return number
}
const KINDS = { pglite: ['pglite'], postgres: ['postgres'], both: ['pglite', 'postgres'] } as const

const rounds = wholeNumber('rounds', 1)
const seed = wholeNumber('seed', 0)
const compareEvery = wholeNumber('compare-every', 1)
const { database } = values
if (database !== 'pglite' && database !== 'postgres' && database !== 'both') {
  throw new Error('--database wants pglite, postgres or both')
}
endWithParent()
process.on('SIGTERM', () => process.exit(1))
process.on('SIGINT', () => process.exit(1))

const say = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`)
const reports: CrashReport[] = []
try {
  for (const kind of KINDS[database]) {
    say(`${kind}, seed ${seed}`)
    const report = await crash({ kind, rounds, seed, compareEvery, say })
    reports.push(report)
    say(summary(report))
  }
} catch (error) {
  if (!(error instanceof CrashFailure)) throw error
  say(error.message)
  process.exitCode = 1
}
if (values.json) {
  process.stdout.write(`${JSON.stringify({ name: 'crash', ok: process.exitCode !== 1, seed, reports })}\n`)
}

function summary({ rounds: n, secondsPerRound, killed, comparisons, ...figures }: CrashReport): string {
  const kills = Object.entries(killed).map(([what, times]) => `${what} ${times}×`)
  const { customerMessages, commands, refused, unanswered, signedInAgain } = figures
  return [
    `${n} rounds, ${secondsPerRound} s each; compared ${comparisons} times, nothing lost, nothing twice`,
    `  killed: ${kills.join(', ')}`,
    `  ${customerMessages} customers' messages; ${commands} commands taken, ${refused} of them refused`,
    `  answers lost with the process: ${unanswered.kept} were kept, ${unanswered.lost} were not`,
    `  asked for the password again: ${signedInAgain}×`,
  ].join('\n')
}
