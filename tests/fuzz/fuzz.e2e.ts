/** A short run of the fuzz over every door; `npm run fuzz -- --runs N` is the long one. */
import { expect, it } from 'vitest'
import { fuzz } from './run.ts'
import { TARGETS } from './target.ts'

it('[ROL-2] [SYN-3] nonsense and malice get coded answers, change nothing they may not, and disturb nobody', async () => {
  const report = await fuzz({ runs: 1_600, seed: 1, targets: TARGETS, only: null })
  expect(report.failures).toEqual([])
  expect(report.targets).toEqual({ 'hub-socket': 400, 'hub-http': 400, 'local-api': 400, webchat: 400 })
  // Enough of it was right for the rules to be asked at all.
  expect(report.commands.accepted).toBeGreaterThan(5)
  expect(report.exchanges).toBeGreaterThan(0)
})
