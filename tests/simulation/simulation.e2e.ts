import { expect, it } from 'vitest'
import { simulate } from './simulate.ts'

/** The same plans in every run of the tests; `npm run simulate` plays others. */
const SEED = 20_260_301

it('[SYN-2] [SYN-3] [SYN-4] [SYN-6] [ROL-1] [ROL-2] whatever is cut, lost, killed, restored or changed, in 500 courses of events', async () => {
  const { played, failure } = await simulate({ seed: SEED, runs: 500, workers: 2 })
  expect({ failure, played }).toEqual({ failure: null, played: 500 })
}, 600_000)
