import { beforeEach, describe, expect, it } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { leftWords } from './window-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const times = [
  6 * 24 * HOUR + 3 * HOUR + 59 * MINUTE,
  24 * HOUR,
  3 * HOUR + 12 * MINUTE + 59_999,
  2 * HOUR,
  HOUR - 1,
  MINUTE,
  MINUTE - 1,
  0,
]

beforeEach(() => setLocale('zh-Hant-TW'))

describe('[CNV-9] the time left to reply', () => {
  it('is told in the largest units, never more than there is', () => {
    expect(times.map(leftWords)).toEqual([
      '6 天 3 小時',
      '24 小時 0 分',
      '3 小時 12 分',
      '2 小時 0 分',
      '59 分',
      '1 分',
      '1 分鐘以內',
      '1 分鐘以內',
    ])
  })

  it('is told in English as well', () => {
    setLocale('en')
    expect(times.slice(0, 5).map(leftWords)).toEqual(['6 d 3 h', '24 h 0 min', '3 h 12 min', '2 h 0 min', '59 min'])
  })
})
