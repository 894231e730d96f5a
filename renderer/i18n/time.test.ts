import { beforeEach, describe, expect, it } from 'vitest'
import { setLocale } from './index.ts'
import { ago, clock, dayAfter, dayKey, dayLabel, dayShort, dayStart, duration, fullTime, listTime } from './time.ts'
import type { Here } from './time.ts'

/** Sunday 2026-11-22, 14:05:09 in Taipei. */
const now = Date.parse('2026-11-22T06:05:09Z')
const zh: Here = { locale: 'zh-Hant-TW', timeZone: 'Asia/Taipei', now }
const en: Here = { ...zh, locale: 'en' }
const taipei = (text: string): number => Date.parse(`${text}+08:00`)

beforeEach(() => setLocale('zh-Hant-TW'))

describe('times', () => {
  it('are shortest in lists', () => {
    expect([
      listTime(now, zh),
      listTime(taipei('2026-11-22T00:00:00'), zh),
      listTime(taipei('2026-11-21T23:59:59'), zh),
      listTime(taipei('2026-11-20T12:00:00'), zh),
      listTime(taipei('2025-11-20T12:00:00'), zh),
    ]).toEqual(['14:05', '00:00', '昨天', '11/20', '2025/11/20'])
    setLocale('en')
    expect([listTime(taipei('2026-11-21T23:00:00'), en), listTime(taipei('2026-11-20T12:00:00'), en)]).toEqual([
      'Yesterday',
      'Nov 20',
    ])
  })

  it('name the day in the thread', () => {
    expect([
      dayLabel(now, zh),
      dayLabel(taipei('2026-11-21T00:00:00'), zh),
      dayLabel(taipei('2026-11-20T00:00:00'), zh),
      dayLabel(taipei('2025-11-20T00:00:00'), zh),
    ]).toEqual(['今天', '昨天', '11月20日 星期五', '2025年11月20日 星期四'])
    setLocale('en')
    expect(dayLabel(taipei('2026-11-20T00:00:00'), en)).toBe('Friday, November 20')
  })

  it('are those of the team, not of this computer', () => {
    const late = Date.parse('2026-11-21T17:30:00Z')
    expect([clock(late, zh), dayKey(late, 'Asia/Taipei'), dayKey(late, 'America/New_York')]).toEqual([
      '01:30',
      '2026-11-22',
      '2026-11-21',
    ])
  })

  it('are whole where one asks for it', () => {
    expect(fullTime(now, zh)).toBe('2026/11/22 14:05:09')
  })

  it('show how long in the largest whole unit', () => {
    const minute = 60_000
    expect([
      duration(-5),
      duration(40_000),
      duration(12.9 * minute),
      duration(3 * 60 * minute),
      duration(49 * 60 * minute),
    ]).toEqual(['0 秒', '40 秒', '12 分鐘', '3 小時', '2 天'])
    expect([ago(now - 59_000, now), ago(now - 12 * minute, now)]).toEqual(['剛剛', '12 分鐘前'])
  })
})

describe('days of the team', () => {
  it('begin at midnight in its zone, also when the clocks change', () => {
    expect(dayStart('2026-11-22', 'Asia/Taipei')).toBe(taipei('2026-11-22T00:00:00'))
    expect(dayStart('2026-03-29', 'Europe/London')).toBe(Date.parse('2026-03-29T00:00:00Z'))
    expect(dayStart('2026-03-30', 'Europe/London')).toBe(Date.parse('2026-03-29T23:00:00Z'))
    expect(dayStart('no day', 'Asia/Taipei')).toBeNaN()
  })

  it('are counted over the ends of months and years, and short within the year', () => {
    expect([dayAfter('2026-12-31', 1), dayAfter('2026-03-01', -1)]).toEqual(['2027-01-01', '2026-02-28'])
    expect([dayShort('2026-11-20', zh), dayShort('2025-11-20', zh)]).toEqual(['11/20', '2025/11/20'])
  })
})
