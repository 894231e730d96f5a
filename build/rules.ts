/** `npm run rules`: which rule is proven by which tests. Runs those suites that have no report of these very sources. */
import { parseArgs } from 'node:util'
import { pairReports } from './rules/reports.ts'
import { summaryOf, tableOf } from './rules/table.ts'
import { isCurrent, reportPath } from './run/reports.ts'
import { build, endToEnd, runSuite, setUp, suites } from './run/suites.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

for (const suite of suites) {
  if (isCurrent(reportPath(suite.report))) {
    process.stdout.write(`✓ ${suite.name}  not run again: their report is of these sources\n`)
    continue
  }
  const isReady = suite !== endToEnd || ((await setUp()).ok && (await build()).ok)
  if (isReady) await runSuite(suite)
}

const pairing = pairReports()
if (values.json) process.stdout.write(`${JSON.stringify(pairing)}\n`)
else {
  const problems = pairing.problems.map((problem) => `✗ ${problem}\n`).join('')
  process.stdout.write(`\n${tableOf(pairing)}\n\n${problems}${summaryOf(pairing)}\n`)
}
process.exitCode = pairing.ok ? 0 : 1
