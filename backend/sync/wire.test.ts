import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { WireLock, recorded, wireNow, wireParts, wireProblem } from './wire.ts'

const now = wireNow()
/** A record of the sources as they are. */
const out = { ...now, released: true }
const notOut = { ...now, released: false }

/** The sources with another shape of one row. */
function changed() {
  return wireNow({ ...wireParts(), 'row message': { type: 'string' } })
}

it('what goes over the wire is what was recorded for this protocol number', () => {
  const lock = WireLock.parse(JSON.parse(readFileSync(new URL('./protocol.lock.json', import.meta.url), 'utf8')))
  // In lists: then what is wrong is shown whole.
  expect([wireProblem(lock, now)]).toEqual([null])
})

it('a change names what changed; before the number is released it is recorded anew', () => {
  expect(wireProblem(notOut, changed())).toMatch(/\(row message\).*then run `npm run protocol`/)
  expect(recorded(notOut, changed())).toEqual({ ...changed(), released: false })
})

it('once the number is released, a change wants the next one', () => {
  expect(wireProblem(out, changed())).toContain(`raise PROTOCOL in backend/sync/protocol.ts to ${now.protocol + 1}`)
  expect(() => recorded(out, changed())).toThrow('raise PROTOCOL')
  const next = { ...changed(), protocol: now.protocol + 1 }
  expect(wireProblem(out, next)).toContain('npm run protocol')
  expect(recorded(out, next)).toEqual({ ...next, released: false })
})

it('a number never goes back, and only what is recorded is released', () => {
  const later = { ...notOut, protocol: now.protocol + 1 }
  expect(wireProblem(later, now)).toContain('never goes back')
  expect(() => recorded(later, now)).toThrow('never goes back')
  expect(() => recorded(notOut, changed(), true)).toThrow('Only what is recorded')
  expect(recorded(notOut, now, true)).toEqual(out)
})

it('the order in which a shape is written down makes no difference; anything else does', () => {
  const hash = (part: unknown) => wireNow({ part }).hash
  expect(hash({ a: 1, required: ['x', 'y'] })).toBe(hash({ required: ['y', 'x'], a: 1 }))
  expect(hash({ a: ['x', 'y'] })).not.toBe(hash({ a: ['y', 'x'] }))
  expect(hash({ minimum: 0 })).not.toBe(hash({ minimum: 1 }))
})
