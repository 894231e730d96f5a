/** A few rounds of the crash loop on each database; `npm run crash` does as many as one likes. */
import { expect, it } from 'vitest'
import { crash } from './crash.ts'

const ROUNDS = 3

// Seeds whose first rounds strike the hub, workstations and, where there is one, the database server.
it.each([
  { kind: 'pglite', seed: 3, struck: ['hub', 'cs_agent'] },
  { kind: 'postgres', seed: 19, struck: ['hub', 'cs_agent', 'postgres'] },
] as const)(
  '[SYN-2] [SYN-3] [SYN-4] [SYN-6] [ROL-2] what was acknowledged survives SIGKILL under load, once and in order ($kind)',
  { timeout: 300_000 },
  async ({ kind, seed, struck }) => {
    const report = await crash({ kind, seed, rounds: ROUNDS, compareEvery: ROUNDS, say: () => undefined })
    expect(Object.keys(report.killed)).toEqual(expect.arrayContaining([...struck]))
    expect(report).toMatchObject({ rounds: ROUNDS, comparisons: 1 })
    expect(Math.min(report.customerMessages, report.commands)).toBeGreaterThan(0)
  },
)
