import { describe, expect, it } from 'vitest'
import { ATTEMPTS, DELIVERED_WITHIN, afterAttempt, meansAfter } from './course.ts'
import type { Means, Move, Outcome, Tried } from './course.ts'

const NOW = 1_000_000
const HOUR = 60 * 60 * 1000
const tried = (means: Means, more: Partial<Tried> = {}): Tried => ({
  means,
  attempts: 1,
  maybe: false,
  begunAt: NOW,
  ...more,
})
const refused = (code: 'channel.blocked' | 'channel.token' | 'sms.rejected'): Outcome => ({
  type: 'refused',
  code,
  platformCode: null,
})
const later = (maybe: boolean, pause = 0): Outcome => ({
  type: 'later',
  code: 'channel.failed',
  platformCode: null,
  maybe,
  pause,
})
const then = (one: Tried, outcome: Outcome, now = NOW): Move['follows'] => afterAttempt(one, outcome, now).follows

describe('what follows from an attempt', () => {
  it('[NTF-1] a push or a SMS that is accepted is the end, a notification message waits a day for LINE’s word', () => {
    expect(then(tried('push'), { type: 'accepted' })).toEqual({ type: 'end', state: 'sent' })
    expect(then(tried('sms'), { type: 'accepted' })).toEqual({ type: 'end', state: 'sent' })
    expect(then(tried('pnp'), { type: 'accepted' })).toEqual({ type: 'wait', until: NOW + DELIVERED_WITHIN })
  })

  it('[NTF-1] what is refused for good is followed by the next means', () => {
    for (const means of ['push', 'pnp', 'sms'] as const) {
      expect(then(tried(means), refused('channel.blocked'))).toEqual({ type: 'next' })
    }
    expect([meansAfter('push', true), meansAfter('pnp', true), meansAfter('sms', true)]).toEqual(['pnp', 'sms', null])
    expect([meansAfter('push', false), meansAfter('pnp', false)]).toEqual(['pnp', null])
  })

  it('[NTF-1] after an attempt of which nothing is known, only a refusal that LINE gives for this very push counts', () => {
    const unsure = tried('push', { maybe: true })
    expect(then(unsure, refused('channel.blocked'))).toEqual({ type: 'next' })
    // A token that is refused says nothing about the attempt before.
    expect(then(unsure, refused('channel.token'))).toMatchObject({ type: 'again' })
    expect(then(tried('sms', { maybe: true }), refused('sms.rejected'))).toMatchObject({ type: 'again' })
  })

  it('[NTF-1] what certainly came to nothing is tried for some twenty minutes, and then the next means', () => {
    let now = NOW
    for (let attempts = 1; attempts < ATTEMPTS; attempts += 1) {
      const next = then(tried('push', { attempts }), later(false), now)
      if (next.type !== 'again') throw new Error(`after ${attempts}: ${next.type}`)
      expect(next.at).toBeGreaterThan(now)
      now = next.at
    }
    expect(now - NOW).toBeGreaterThan(10 * 60_000)
    expect(now - NOW).toBeLessThan(30 * 60_000)
    expect(then(tried('push', { attempts: ATTEMPTS }), later(false), now)).toEqual({ type: 'next' })
  })

  it('[NTF-1] a push of which nothing is known is tried for as long as LINE knows its key, and no longer', () => {
    let now = NOW
    let attempts = 1
    for (;;) {
      const next = then(tried('push', { attempts, maybe: true }), later(true), now)
      if (next.type !== 'again') {
        expect(next).toEqual({ type: 'end', state: 'uncertain' })
        break
      }
      now = next.at
      attempts += 1
    }
    expect(now - NOW).toBeGreaterThan(22 * HOUR)
    expect(now - NOW).toBeLessThan(23 * HOUR)
  })

  it('[NTF-1] a notification message of which nothing is known waits for its day, from when it left', () => {
    const late = afterAttempt(tried('pnp', { begunAt: NOW - HOUR }), { type: 'unknown' }, NOW)
    expect(late.follows).toEqual({ type: 'wait', until: NOW - HOUR + DELIVERED_WITHIN })
    expect(late.try).toMatchObject({ state: 'uncertain', code: 'channel.uncertain' })
  })

  it('[NTF-1] a SMS of which nothing is known after the last attempt is uncertain', () => {
    const last = tried('sms', { attempts: ATTEMPTS, maybe: true })
    expect(then(last, later(false))).toEqual({ type: 'end', state: 'uncertain' })
  })

  it('waits as long as the platform asks', () => {
    expect(then(tried('push'), later(false, 4_000))).toEqual({ type: 'again', at: NOW + 4_000 })
  })
})
