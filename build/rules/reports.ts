/** Reads what the test runs reported, and pairs it with the rules. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { root } from '../run/paths.ts'
import { isCurrent, reportPath } from '../run/reports.ts'
import { suites } from '../run/suites.ts'
import { pairRules } from './pair.ts'
import type { Pairing, Test } from './pair.ts'

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
})

/** The tests of a report, and the files of which it has none because they could not be loaded. */
export function testsOf(report: unknown, folder: string): { tests: Test[]; trouble: string[] } {
  const trouble: string[] = []
  const tests = Report.parse(report).testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(folder, name).replaceAll('\\', '/')
    if (status === 'failed' && assertionResults.length === 0) trouble.push(`${file} could not be loaded.`)
    return assertionResults.map(({ ancestorTitles, title, ...test }) => {
      return { title: [...ancestorTitles, title].join(' › '), file, status: test.status }
    })
  })
  return { tests, trouble }
}

/** Pairs `docs/rules.md` with the reports of all suites. One that is not of these very sources is as good as none. */
export function pairReports(): Pairing {
  const tests: Test[] = []
  const trouble: string[] = []
  for (const { name, report } of suites) {
    const path = reportPath(report)
    if (!isCurrent(path)) {
      trouble.push(`“${name}” did not run to its end, or the sources changed while it did.`)
      continue
    }
    const read = testsOf(JSON.parse(readFileSync(path, 'utf8')), root)
    tests.push(...read.tests)
    trouble.push(...read.trouble)
  }
  return pairRules(readFileSync(join(root, 'docs', 'rules.md'), 'utf8'), tests, trouble)
}
