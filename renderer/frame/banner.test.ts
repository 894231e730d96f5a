import { describe, expect, it } from 'vitest'
import { refuse } from '../../backend/domain/refusal.ts'
import { bannerFor } from './banner.ts'
import type { Connection } from '../../backend/workstation/views.ts'

const online: Connection = { state: 'online', lastSyncAt: 1 }
const connecting: Connection = { state: 'connecting', lastSyncAt: 1 }
const syncing: Connection = { state: 'syncing', done: 1, total: 2, lastSyncAt: null }
const offline = (reason: ReturnType<typeof refuse> | null): Connection => ({
  state: 'offline',
  since: 1,
  lastSyncAt: 1,
  reason,
})

describe('the connection banner', () => {
  it('[SYN-7] is there only when there is something to know, a first sync included', () => {
    expect(
      [online, connecting, syncing, offline(null)].map((connection) => bannerFor(connection, true, 'none')),
    ).toEqual(['none', 'none', 'syncing', 'offline'])
  })

  it('does not come and go while the connection is tried again', () => {
    expect(bannerFor(connecting, true, 'offline')).toBe('offline')
    expect(bannerFor(connecting, true, 'refused')).toBe('refused')
  })

  it('tells a hub that refuses from a hub that is out of reach', () => {
    expect(bannerFor(offline(refuse('hub.unreachable', {})), true, 'none')).toBe('offline')
    expect(bannerFor(offline(refuse('session.expired', {}, { instead: 'sign-in' })), true, 'none')).toBe('refused')
    expect(bannerFor(offline(refuse('hub.protocol', { theirs: 2, ours: 1 })), true, 'none')).toBe('refused')
  })

  it('says so before all else when the backend itself is silent', () => {
    expect(bannerFor(online, false, 'none')).toBe('backend-gone')
  })
})
