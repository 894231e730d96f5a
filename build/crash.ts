/**
 * `npm run crash -- [--rounds N] [--seed S] [--database pglite|postgres|both] [--compare-every K] [--json]`: kills real
 * hubs, workstations and database servers under load, and compares what they acknowledged with what they have.
 *
 * `npm run crash -- --channels [--rounds N] [--seed S] [--database …] [--messages M] [--json]`: kills the hub while
 * customers of LINE and WhatsApp write M messages and members M more, and compares what went in and out.
 */
import { parseArgs } from 'node:util'
import { crashChannels } from '../tests/crash/channels.ts'
import type { ChannelsReport } from '../tests/crash/channels.ts'
import { CrashFailure, crash } from '../tests/crash/crash.ts'
import type { CrashReport } from '../tests/crash/crash.ts'
import { endWithParent } from './run/parent.ts'

const { values } = parseArgs({
  options: {
    channels: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    database: { type: 'string' },
    messages: { type: 'string', default: '1000' },
    'compare-every': { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})
const wholeNumber = (name: 'rounds' | 'seed' | 'compare-every' | 'messages', least: number, instead = ''): number => {
  const number = Number(values[name] ?? instead)
  if (!Number.isInteger(number) || number < least) throw new Error(`--${name} wants a whole number from ${least} on`)
  return number
}
const KINDS = { pglite: ['pglite'], postgres: ['postgres'], both: ['pglite', 'postgres'] } as const

/** Of the channels' run: customers of each platform, and groups. */
const CROWD = { people: 40, groups: 2 }

const rounds = wholeNumber('rounds', 1, values.channels ? '50' : '20')
const seed = wholeNumber('seed', 0)
const compareEvery = wholeNumber('compare-every', 1)
const messages = wholeNumber('messages', 2 * CROWD.people + CROWD.groups)
const database = values.database ?? (values.channels ? 'pglite' : 'both')
if (database !== 'pglite' && database !== 'postgres' && database !== 'both') {
  throw new Error('--database wants pglite, postgres or both')
}
endWithParent()
process.on('SIGTERM', () => process.exit(1))
process.on('SIGINT', () => process.exit(1))

const say = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`)
const reports: (CrashReport | ChannelsReport)[] = []
try {
  for (const kind of KINDS[database]) {
    say(`${kind}, seed ${seed}`)
    if (values.channels) {
      const report = await crashChannels({ kind, rounds, seed, inbound: messages, outbound: messages, ...CROWD, say })
      reports.push(report)
      say(channelsSummary(report))
    } else {
      const report = await crash({ kind, rounds, seed, compareEvery, say })
      reports.push(report)
      say(summary(report))
    }
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

function channelsSummary({ rounds: n, seconds, killed, ...report }: ChannelsReport): string {
  const { inbound, outbound, ends, uncertain, greeted, figures } = report
  const listed = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')
  return [
    `${n} rounds, ${seconds} s: nothing lost, nothing twice, nothing out of order`,
    `  killed: ${listed(killed)}`,
    `  ${inbound} messages of customers; ${outbound} to them: ${listed(ends)}`,
    `  of ${uncertain.all} that are shown as uncertain ${uncertain.reached} reached the customer`,
    `  friends were greeted: ${listed(greeted)}`,
    ...Object.entries(figures).map(([name, counts]) => `  ${name}: ${listed(counts)}`),
  ].join('\n')
}
