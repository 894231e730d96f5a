import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { isCurrent, sourceHash, stamping } from './reports.ts'

/** A project of a few files, with a place for a report outside the sources. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'reports-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('backend/a.ts', 'one')
  write('backend/a.test.ts', 'test')
  write('.cache/reports/x', '')
  const report = join(folder, '.cache', 'reports', 'unit.json')
  const run = (during: () => void = () => undefined) =>
    stamping(
      report,
      async () => {
        writeFileSync(report, '{}')
        during()
      },
      folder,
    )
  return { folder, report, run, write }
}

it('a report counts as long as the sources are those it was made from', async () => {
  const { folder, report, run, write } = project()
  expect(isCurrent(report, folder)).toBe(false)
  await run()
  expect(isCurrent(report, folder)).toBe(true)
  for (const path of [
    'backend/a.ts',
    'backend/a.test.ts',
    'backend/new.sql',
    'package-lock.json',
    'docs/protocol.md',
  ]) {
    write(path, 'changed')
    expect([path, isCurrent(report, folder)]).toEqual([path, false])
    await run()
    expect(isCurrent(report, folder)).toBe(true)
  }
  rmSync(join(folder, 'backend/new.sql'))
  expect(isCurrent(report, folder)).toBe(false)
})

it('is not stamped when the sources changed while it was made', async () => {
  const { folder, report, run, write } = project()
  await run(() => write('backend/a.ts', 'two'))
  expect(isCurrent(report, folder)).toBe(false)
  write('backend/a.ts', 'one')
  expect(isCurrent(report, folder)).toBe(false)
})

it('what is made from the sources changes nothing, nor does the text of the rules, which no test reads', () => {
  const { folder, write } = project()
  const before = sourceHash(folder)
  for (const path of ['out/main/index.cjs', 'node_modules/a/b.js', '.git/HEAD', '.cache/c', 'npm.log', 'docs/rules.md'])
    write(path, 'x')
  expect(sourceHash(folder)).toBe(before)
  write('backend/out/a.ts', 'x')
  expect(sourceHash(folder)).not.toBe(before)
})
