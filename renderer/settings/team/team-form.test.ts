import { describe, expect, it } from 'vitest'
import { TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import type { Team } from '../../../backend/domain/rows.ts'
import { flagOf, flagToKeep, granted, isSameFlag, isSameGrants, ownFlag } from './team-form.ts'

const team = (more: Partial<Team> = {}): Team =>
  newTeam({ id: TeamId.parse('team'), name: '隊', modules: ['crm'], ...more })
/** A Monday noon in Taipei. */
const NOON = Date.UTC(2025, 5, 2, 4)
const MIDNIGHT_OF_10TH = Date.UTC(2025, 5, 9, 16)

describe('[COL-1] the flag of collaborations', () => {
  it('is on from midnight of the day in the team’s time zone, and today from now on', () => {
    expect(flagToKeep({ on: true, day: '2025-06-10' }, team(), NOON)).toEqual({ from: MIDNIGHT_OF_10TH, omoFrom: null })
    expect(flagToKeep({ on: true, day: '2025-06-02' }, team(), NOON)).toEqual({ from: NOON, omoFrom: null })
    const inNewYork = team({ timeZone: 'America/New_York' })
    expect(flagToKeep({ on: true, day: '2025-06-10' }, inNewYork, NOON)?.from).toBe(Date.UTC(2025, 5, 10, 4))
  })

  it('is a team’s own where it has OMO, and leaves the other alone', () => {
    const omo = team({ modules: ['omo'], collaboration: { from: 5, omoFrom: null } })
    expect([ownFlag(omo), flagOf(omo)]).toEqual(['omoFrom', { on: false, day: null }])
    expect(flagToKeep({ on: true, day: '2025-06-10' }, omo, NOON)).toEqual({ from: 5, omoFrom: MIDNIGHT_OF_10TH })
    expect(flagToKeep({ on: false, day: null }, omo, NOON)).toEqual({ from: 5, omoFrom: null })
  })

  it('keeps the moment it began when the day stays the same', () => {
    const since = NOON - 3_600_000
    const on = team({ collaboration: { from: since, omoFrom: null } })
    expect(flagOf(on)).toEqual({ on: true, day: '2025-06-02' })
    expect(flagToKeep(flagOf(on), on, NOON)?.from).toBe(since)
    expect(isSameFlag(flagOf(on), { on: true, day: '2025-06-03' })).toBe(false)
    expect(isSameFlag({ on: false, day: '2025-06-03' }, { on: false, day: null })).toBe(true)
  })

  it('is not kept without a day', () => {
    expect(flagToKeep({ on: true, day: null }, team(), NOON)).toBeUndefined()
    expect(flagToKeep({ on: true, day: 'nonsense' }, team(), NOON)).toBeUndefined()
  })
})

describe('[ROL-3] permissions', () => {
  it('are granted and taken role by role, each for itself; admins are not written down', () => {
    const { permissions } = team()
    const given = granted(granted(permissions, 'delete', 'marketer', true), 'delete', 'cs_agent', true)
    expect(given).toEqual({ delete: ['supervisor', 'cs_agent', 'marketer'], blacklist: ['supervisor'] })
    expect(granted(given, 'delete', 'supervisor', false).delete).toEqual(['cs_agent', 'marketer'])
    expect(granted(permissions, 'blacklist', 'admin', true).blacklist).toEqual(['supervisor'])
  })

  it('are the same whatever their order', () => {
    const one = { delete: ['supervisor', 'cs_agent'], blacklist: [] } satisfies Team['permissions']
    const other = { delete: ['cs_agent', 'supervisor', 'admin'], blacklist: [] } satisfies Team['permissions']
    expect(isSameGrants(one, other)).toBe(true)
    expect(isSameGrants(one, { ...one, blacklist: ['cs_agent'] })).toBe(false)
  })
})
