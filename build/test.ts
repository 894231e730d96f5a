/** `npm test`: everything, from the system packages that the browser tests need to those tests themselves. */
import { summaryOf } from './rules/table.ts'
import { pairReports } from './rules/reports.ts'
import { runChecks } from './run/checks.ts'
import { phase } from './run/phases.ts'
import type { Outcome, Result } from './run/phases.ts'
import { clearReports } from './run/reports.ts'
import { build, endToEnd, integration, runSuite, setUp } from './run/suites.ts'

/** Whether every rule that is built has a test that ran just now and passed. */
async function rules(): Promise<Result> {
  const pairing = pairReports()
  process.stdout.write(`  ${summaryOf(pairing)}\n`)
  return { ok: pairing.ok, output: pairing.problems.join('\n') }
}

clearReports()
const outcomes: Outcome[] = []
const ready = await setUp()
outcomes.push(ready, ...(await runChecks()))
outcomes.push(await runSuite(integration))
const built = await build()
outcomes.push(built)
if (ready.ok && built.ok) outcomes.push(await runSuite(endToEnd))
outcomes.push(await phase('rules', rules))

let passed = 0
let failed = 0
for (const outcome of outcomes) {
  passed += outcome.passed
  failed += outcome.failed
}
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1
process.stdout.write(`${passed} passed, ${failed} failed\n`)
