/** The reports of test runs. Each is stamped with the sources it was made from: of others it proves nothing. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './hash.ts'
import { cacheFolder, root } from './paths.ts'

const reportsFolder = join(cacheFolder, 'reports')
const stampOf = (report: string): string => `${report}.sources`

/** What is made from the sources, or is no part of them; and the rules' text, which is read anew for each table. */
const LEFT_OUT =
  /^(\.git|node_modules|out|dist|\.cache|\.data|coverage|test-results|docs\/rules\.md)$|(^|\/)\.DS_Store$|\.log$/

/** One hash over everything that may change what a test comes to: the sources, their tests and how they are run. */
export function sourceHash(folder: string = root): string {
  return hashOf(folder, ['.'], (path) => LEFT_OUT.test(path))
}

/** The place of a report. */
export function reportPath(name: string): string {
  return join(reportsFolder, `${name}.json`)
}

/** The place of a report that is about to be written: nothing is there. */
export function freshReport(name: string): string {
  const path = reportPath(name)
  mkdirSync(reportsFolder, { recursive: true })
  rmSync(stampOf(path), { force: true })
  rmSync(path, { force: true })
  return path
}

/** Removes all reports, so that those that are there later are all of one run. */
export function clearReports(): void {
  rmSync(reportsFolder, { recursive: true, force: true })
}

/** Runs what writes the report, and stamps it, unless the sources changed while it ran. */
export async function stamping<T>(report: string, run: () => Promise<T>, folder: string = root): Promise<T> {
  const before = sourceHash(folder)
  const result = await run()
  if (existsSync(report) && sourceHash(folder) === before) writeFileSync(stampOf(report), before)
  return result
}

/** Whether there is a report that was made from the sources exactly as they are. */
export function isCurrent(report: string, folder: string = root): boolean {
  const stamp = stampOf(report)
  return existsSync(report) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash(folder)
}
