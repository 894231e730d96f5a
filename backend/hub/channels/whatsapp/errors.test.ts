import { describe, expect, it } from 'vitest'
import { meaningOf } from './errors.ts'

describe('WhatsApp’s error codes', () => {
  it.each([
    ['channel.windowClosed', [131047]],
    ['channel.notReachable', [131026]],
    ['channel.heldBack', [131049, 130472]],
    ['channel.optedOut', [131050]],
    ['channel.templateParameters', [132000, 132012, 132005, 132018]],
    ['channel.templateMissing', [132001]],
    ['channel.templatePaused', [132015, 132016]],
    ['channel.token', [0, 3, 10, 190, 200, 249, 299, 131005]],
    ['channel.restricted', [368, 131031, 131045]],
    ['channel.quota', [131042]],
    ['channel.kind', [131051]],
    ['channel.media', [131052, 131053]],
    ['channel.rejected', [100, 131008, 131009, 131021, 33, 199, 300, 999_999, -1]],
  ] as const)('mean %s for good', (code, numbers) => {
    expect(numbers.map(meaningOf)).toEqual(numbers.map(() => ({ code, again: null })))
  })

  it('of a slowed account make its channel wait, the more the longer the platform counts', () => {
    const pauses = [130429, 4, 80007, 131048].map((code) => {
      expect(meaningOf(code).code).toBe('channel.rateLimited')
      return meaningOf(code).again?.pause
    })
    expect(pauses).toEqual([10_000, 60_000, 60_000, 300_000])
  })

  it('of too many messages to one customer hold up nobody else', () => {
    expect(meaningOf(131056)).toEqual({ code: 'channel.rateLimited', again: { pause: 0 } })
  })

  it.each([1, 2, 131000, 131016, 131057, 133004, 139102, 139103])('%i may work later', (code) => {
    expect(meaningOf(code)).toEqual({ code: 'channel.failed', again: { pause: 0 } })
  })
})
