import { describe, expect, it } from 'vitest'
import { ChannelId, TagId } from '../../../backend/domain/ids.ts'
import { NO_FILTERS, filterQuery, spanOf } from './filters.ts'

const noon = new Date('2026-11-22T12:00:00').getTime()
const at = (text: string): number => new Date(text).getTime()

describe('[CNV-11] filters', () => {
  it('compose, and say nothing of what is not chosen', () => {
    expect(filterQuery(NO_FILTERS, noon)).toEqual({})
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
      ),
    ).toEqual({ channelId: 'line', tagId: 'vip', unread: 'true', from: String(at('2026-11-22T00:00:00')) })
  })

  it('reach over whole days, also when given backwards or by halves', () => {
    const day = 86_400_000
    expect(spanOf({ preset: 'range', from: '2026-11-03', to: '2026-11-01' }, noon)).toEqual({
      from: at('2026-11-01T00:00:00'),
      to: at('2026-11-03T00:00:00') + day - 1,
    })
    expect(spanOf({ preset: 'range', from: '', to: '2026-11-01' }, noon)).toEqual({
      to: at('2026-11-01T00:00:00') + day - 1,
    })
    expect(spanOf({ preset: 'range', from: '2026-11-01', to: '' }, noon)).toEqual({ from: at('2026-11-01T00:00:00') })
    expect(spanOf({ preset: 'range', from: '', to: '' }, noon)).toEqual({})
    expect(spanOf({ preset: 'week' }, noon)).toEqual({ from: at('2026-11-16T00:00:00') })
  })
})
