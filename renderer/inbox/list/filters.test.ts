import { describe, expect, it } from 'vitest'
import { ChannelId, TagId } from '../../../backend/domain/ids.ts'
import { NO_FILTERS, filterQuery, spanOf } from './filters.ts'

const TAIPEI = 'Asia/Taipei'
const noon = Date.parse('2026-11-22T12:00:00+08:00')
const at = (text: string): number => Date.parse(text)

describe('[CNV-11] filters', () => {
  it('compose, and say nothing of what is not chosen', () => {
    expect(filterQuery(NO_FILTERS, noon, TAIPEI)).toEqual({})
    expect(
      filterQuery(
        {
          ...NO_FILTERS,
          channelId: ChannelId.parse('line'),
          tagId: TagId.parse('vip'),
          unread: true,
          date: { preset: 'today' },
        },
        noon,
        TAIPEI,
      ),
    ).toEqual({ channelId: 'line', tagId: 'vip', unread: 'true', from: String(at('2026-11-22T00:00:00+08:00')) })
  })

  it('reach over whole days, also when given backwards or by halves', () => {
    const first = at('2026-11-01T00:00:00+08:00')
    expect(spanOf({ preset: 'range', from: '2026-11-03', to: '2026-11-01' }, noon, TAIPEI)).toEqual({
      from: first,
      to: at('2026-11-04T00:00:00+08:00') - 1,
    })
    expect(spanOf({ preset: 'range', from: '', to: '2026-11-01' }, noon, TAIPEI)).toEqual({
      to: at('2026-11-02T00:00:00+08:00') - 1,
    })
    expect(spanOf({ preset: 'range', from: '2026-11-01', to: '' }, noon, TAIPEI)).toEqual({ from: first })
    expect(spanOf({ preset: 'range', from: '', to: '' }, noon, TAIPEI)).toEqual({})
    expect(spanOf({ preset: 'week' }, noon, TAIPEI)).toEqual({ from: at('2026-11-16T00:00:00+08:00') })
  })

  it("take the team's days, whatever this computer's are", () => {
    // 23:00 on the 21st in London is the 22nd in Taipei.
    const late = at('2026-11-21T23:00:00Z')
    expect(spanOf({ preset: 'today' }, late, TAIPEI)).toEqual({ from: at('2026-11-22T00:00:00+08:00') })
    expect(spanOf({ preset: 'today' }, late, 'Europe/London')).toEqual({ from: at('2026-11-21T00:00:00Z') })
  })

  it('know days of 23 and 25 hours', () => {
    const day = (day: string) => spanOf({ preset: 'range', from: day, to: day }, noon, 'Europe/London')
    const hours = ({ from = 0, to = 0 }) => (to + 1 - from) / 3_600_000
    expect([day('2026-03-29'), day('2026-10-25'), day('2026-10-26')].map(hours)).toEqual([23, 25, 24])
  })
})
