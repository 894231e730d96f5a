import { describe, expect, it } from 'vitest'
import { FAILURES } from '../../../backend/domain/channels/failures.ts'
import { problemKey } from './channel-problem.ts'

describe('what is wrong with a channel', () => {
  it('is told for every failure it may have, and for an account that is not connected', () => {
    expect(problemKey({ connected: true, problem: null })).toBeNull()
    expect(problemKey({ connected: false, problem: null })).toBe('inbox.problem.unconnected')
    const keys = FAILURES.map((code) => problemKey({ connected: true, problem: { code, since: 1 } }))
    expect(keys).not.toContain(null)
    expect(problemKey({ connected: true, problem: { code: 'channel.token', since: 1 } })).toBe('inbox.problem.token')
    expect(problemKey({ connected: true, problem: { code: 'channel.media', since: 1 } })).toBe('inbox.problem.other')
  })
})
