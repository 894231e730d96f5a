/** `npm run check`: everything that needs no browser, in under a minute. */
import { runChecks } from './run/checks.ts'

const outcomes = await runChecks()
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1
