/** `npm run fuzz -- --runs N [--seed S] [--target NAME] [--only N] [--json]`: nonsense and malice against every door. */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { fuzz } from '../tests/fuzz/run.ts'
import type { Failure } from '../tests/fuzz/run.ts'
import { TARGETS } from '../tests/fuzz/target.ts'
import type { TargetName } from '../tests/fuzz/target.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    target: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const numberOf = (name: string, text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`--${name} wants a number, not ${text}`)
}
const isTarget = (name: string): name is TargetName => TARGETS.some((one) => one === name)

const { target } = values
if (target !== undefined && !isTarget(target)) throw new Error(`--target is one of ${TARGETS.join(', ')}`)
const seed = values.seed === undefined ? randomInt(2 ** 31) : numberOf('seed', values.seed)
const say = (line: string) => process.stderr.write(`${line}\n`)
say(`seed ${seed}`)
const report = await fuzz({
  runs: numberOf('runs', values.runs),
  seed,
  targets: target === undefined ? TARGETS : [target],
  only: values.only === undefined ? null : numberOf('only', values.only),
  onStage: (done, seconds) => say(`${done} inputs, ${Math.round(done / seconds)}/s`),
})

const replay = ({ run }: Failure): string =>
  run === null
    ? `npm run fuzz -- --runs ${report.runs} --seed ${seed}${target === undefined ? '' : ` --target ${target}`}`
    : `npm run fuzz -- --seed ${seed} --only ${run}${target === undefined ? '' : ` --target ${target}`}`
for (const failure of report.failures) {
  say(`\n✗ ${failure.target ?? 'all'}${failure.run === null ? '' : `, input ${failure.run}`}: ${failure.problem}`)
  if (failure.shrunk) say(`  ${failure.shrunk}`)
  say(`  again: ${replay(failure)}`)
}
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const { runs, perSecond, commands, memory, exchanges, slowestExchangeMs } = report
  const held = Object.entries(memory).map(
    ([name, { peak, settled }]) => `${name} ${mib(settled)} (at most ${mib(peak)})`,
  )
  say(`\n${runs} inputs, ${Math.round(perSecond)}/s: ${JSON.stringify(report.targets)}`)
  say(`commands: ${commands.accepted} accepted, ${commands.refused} refused, all as the rules have it`)
  say(`bystanders: ${exchanges} exchanges, the slowest message took ${slowestExchangeMs} ms`)
  say(`memory: ${held.join(', ')}; ${report.failures.length} failures`)
}
process.exitCode = report.ok ? 0 : 1

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
