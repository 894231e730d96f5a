import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TAKE_BACK } from '../../domain/replies/use.ts'
import { Departures } from './departures.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A store of times at which something leaves. */
function setUp(times: number[]) {
  const left: number[] = []
  let trouble: Error | null = null
  const store = {
    leave: (now: number) => {
      if (trouble) throw trouble
      const due = times.filter((at) => at <= now || at > now + TAKE_BACK)
      left.push(...due)
      times.splice(0, times.length, ...times.filter((at) => !due.includes(at)))
      return due.length > 0
    },
    nextDeparture: () => (times.length === 0 ? undefined : Math.min(...times)),
  }
  const onLeft = vi.fn()
  const departures = new Departures({ store, now: Date.now, log: pino({ level: 'silent' }), onLeft })
  const fail = (error: Error | null) => {
    trouble = error
  }
  return { departures, left, times, onLeft, fail }
}

it('[REP-6] what was sent leaves five seconds later, not before, each at its own time', () => {
  const start = Date.now()
  const { departures, left, times, onLeft } = setUp([start + TAKE_BACK])
  departures.look()
  vi.advanceTimersByTime(2_000)
  times.push(start + 2_000 + TAKE_BACK)
  departures.look()
  vi.advanceTimersByTime(2_999)
  expect([left, onLeft.mock.calls.length]).toEqual([[], 0])
  vi.advanceTimersByTime(1)
  expect(left).toEqual([start + TAKE_BACK])
  vi.advanceTimersByTime(2_000)
  expect([left.length, onLeft.mock.calls.length]).toEqual([2, 2])
  expect(vi.getTimerCount()).toBe(0)
})

it('[REP-6] what is due from before leaves at the start', () => {
  const { departures, left } = setUp([Date.now() - 60_000, Date.now() + 1_000])
  departures.look()
  expect(left).toHaveLength(1)
  vi.advanceTimersByTime(1_000)
  expect(left).toHaveLength(2)
})

it('[REP-6] a clock that is set back meanwhile makes nobody wait', () => {
  const { departures, left } = setUp([Date.now() + TAKE_BACK])
  departures.look()
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(TAKE_BACK)
  expect(left).toHaveLength(1)
})

it('what fails is tried again, and nothing leaves after the end', () => {
  const { departures, left, times, fail } = setUp([Date.now()])
  fail(new Error('the disk is full'))
  departures.look()
  fail(null)
  vi.advanceTimersByTime(TAKE_BACK)
  expect(left).toHaveLength(1)
  times.push(Date.now() + 1)
  departures.look()
  departures.stop()
  vi.advanceTimersByTime(TAKE_BACK)
  expect([left.length, times.length]).toEqual([1, 1])
})
