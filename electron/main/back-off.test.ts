import { expect, it } from 'vitest'
import { BackOff } from './back-off.ts'

it('doubles the wait up to 30 s', () => {
  const backOff = new BackOff()
  let now = 0
  const waits = Array.from({ length: 9 }, () => {
    const wait = backOff.next(now)
    now += wait + 100
    return wait
  })
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

it('begins anew after a minute without trouble', () => {
  const backOff = new BackOff()
  expect([backOff.next(0), backOff.next(1000), backOff.next(63_000), backOff.tries]).toEqual([500, 1000, 500, 1])
})
