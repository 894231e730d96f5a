import { describe, expect, it } from 'vitest'
import { waitingFigure, waitingLevel } from './waiting.ts'

const MINUTE = 60_000

describe('waiting time', () => {
  it('is calm under 5 minutes, a warning from 5 and bad from 15', () => {
    expect([0, 5 * MINUTE - 1, 5 * MINUTE, 15 * MINUTE - 1, 15 * MINUTE, 9_000 * MINUTE].map(waitingLevel)).toEqual([
      'calm',
      'calm',
      'warn',
      'warn',
      'bad',
      'bad',
    ])
  })

  it('is told in its largest whole unit, and never below nothing', () => {
    expect([-5, 59_999, 61 * MINUTE, 1_439 * MINUTE, 3_000 * MINUTE].map(waitingFigure)).toEqual([
      { unit: 'minutes', count: 0 },
      { unit: 'minutes', count: 0 },
      { unit: 'hours', count: 1 },
      { unit: 'hours', count: 23 },
      { unit: 'days', count: 2 },
    ])
  })
})
