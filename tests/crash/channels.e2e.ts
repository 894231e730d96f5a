/** A few rounds of the channels' crash run; `npm run crash -- --channels` does as many as one likes. */
import { expect, it } from 'vitest'
import { crashChannels } from './channels.ts'

const ROUNDS = 6
const MESSAGES = 120

it(
  '[SYN-3] [CNV-10] killed under load, the hub loses no customer’s message and repeats none, and what it sends arrives once or is shown as failed',
  { timeout: 300_000 },
  async () => {
    const report = await crashChannels({
      kind: 'pglite',
      seed: 1,
      rounds: ROUNDS,
      inbound: MESSAGES,
      outbound: MESSAGES,
      people: 12,
      groups: 1,
      say: () => undefined,
    })
    expect(Object.values(report.killed).reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(ROUNDS)
    expect(Math.min(report.inbound, report.outbound)).toBeGreaterThanOrEqual(MESSAGES)
    for (const figures of Object.values(report.figures)) {
      expect(Math.min(figures['of them repeats'] ?? 0, figures['of them without an answer'] ?? 0)).toBeGreaterThan(0)
    }
  },
)
