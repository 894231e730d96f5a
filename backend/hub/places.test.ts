import { expect, it } from 'vitest'
import { Places } from './places.ts'

it('gives each so many places, and the same place back only once', () => {
  const places = new Places(2)
  const first = places.take('a')
  const second = places.take('a')
  expect([places.take('a'), places.take('b') === null]).toEqual([null, false])
  first?.()
  first?.()
  expect([places.take('a') === null, places.take('a')]).toEqual([false, null])
  second?.()
  expect(places.take('a')).not.toBeNull()
})
