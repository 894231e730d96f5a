/** `npm test`: everything, from the system packages that the browser tests need to those tests themselves. */
import { freshReport, runChecks } from './run/checks.ts'
import { phase, vitest } from './run/phases.ts'
import type { Outcome, Result } from './run/phases.ts'
import { buildIfStale } from './run/stale.ts'
import { testChromium } from './setup/chromium.ts'
import { testDisplay } from './setup/display.ts'
import { testElectron } from './setup/electron.ts'

async function setUp(): Promise<Result> {
  const { executablePath: chromium } = await testChromium()
  const { executablePath: electron } = await testElectron()
  process.stdout.write(`  Chromium: ${chromium}\n  Electron: ${electron}\n`)
  return { ok: true, output: '' }
}

async function build(): Promise<Result> {
  await buildIfStale(() => undefined)
  return { ok: true, output: '' }
}

async function endToEnd(): Promise<Result> {
  const display = await testDisplay()
  try {
    return await vitest(['e2e'], freshReport('e2e'), true, { DISPLAY: display.name })
  } finally {
    await display.close()
  }
}

const outcomes: Outcome[] = []
const ready = await phase('set-up', setUp)
outcomes.push(ready, ...(await runChecks()))
outcomes.push(await phase('integration', () => vitest(['integration'], freshReport('integration'))))
const built = await phase('build', build)
outcomes.push(built)
if (ready.ok && built.ok) outcomes.push(await phase('end to end', endToEnd))

let passed = 0
let failed = 0
for (const outcome of outcomes) {
  passed += outcome.passed
  failed += outcome.failed
}
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1
process.stdout.write(`${passed} passed, ${failed} failed\n`)
