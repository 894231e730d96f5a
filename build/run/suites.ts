/** The suites of tests, each with a report of its own. */
import { testChromium } from '../setup/chromium.ts'
import { testDisplay } from '../setup/display.ts'
import { testElectron } from '../setup/electron.ts'
import { phase, vitest } from './phases.ts'
import type { Outcome, Result } from './phases.ts'
import { freshReport } from './reports.ts'
import { buildIfStale } from './stale.ts'

export type Suite = {
  name: string
  /** The name of its report. */
  report: string
  run: (report: string) => Promise<Result>
}

export const unitTests: Suite = {
  name: 'unit tests',
  report: 'unit',
  run: (report) => vitest(['unit', 'renderer'], report),
}

export const integration: Suite = {
  name: 'integration',
  report: 'integration',
  run: (report) => vitest(['integration'], report),
}

/** Runs only after {@link setUp} and {@link build}. */
export const endToEnd: Suite = {
  name: 'end to end',
  report: 'e2e',
  run: async (report) => {
    const display = await testDisplay()
    try {
      return await vitest(['e2e'], report, true, { DISPLAY: display.name })
    } finally {
      await display.close()
    }
  },
}

/** Every suite: a rule may be proven in any. */
export const suites: readonly Suite[] = [unitTests, integration, endToEnd]

export function runSuite({ name, report, run }: Suite): Promise<Outcome> {
  return phase(name, () => run(freshReport(report)))
}

/** Finds or fetches the browsers that tests drive. */
export function setUp(): Promise<Outcome> {
  return phase('set-up', async () => {
    const { executablePath: chromium } = await testChromium()
    const { executablePath: electron } = await testElectron()
    process.stdout.write(`  Chromium: ${chromium}\n  Electron: ${electron}\n`)
    return { ok: true, output: '' }
  })
}

export function build(): Promise<Outcome> {
  return phase('build', async () => {
    await buildIfStale(() => undefined)
    return { ok: true, output: '' }
  })
}
