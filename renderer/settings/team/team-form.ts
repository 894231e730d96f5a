/** What an admin sets of the team, as plain values: the form of a flag with its day, and of permissions (COL-1, ROL-3). */
import { PERMISSIONS } from '../../../backend/domain/team/team.ts'
import type { Permission } from '../../../backend/domain/team/team.ts'
import { ROLES } from '../../../backend/domain/rows.ts'
import type { Role, Team, Time } from '../../../backend/domain/rows.ts'
import { dayKey, dayStart } from '../../i18n/time.ts'

/** `day` as `2026-11-20`, in the team's time zone; null while none is chosen. */
export type Flag = { on: boolean; day: string | null }
export type Grants = Team['permissions']

/** Which of the two flags is the team's own: a team with OMO has one of its own. */
export function ownFlag(team: Team): 'from' | 'omoFrom' {
  return team.modules.includes('omo') ? 'omoFrom' : 'from'
}

/** The flag as it is kept. */
export function flagOf(team: Team): Flag {
  const since = team.collaboration[ownFlag(team)]
  return since === null ? { on: false, day: null } : { on: true, day: dayKey(since, team.timeZone) }
}

/**
 * What is kept when the form is saved: from midnight of the day, for today from now on, and what is there already when the
 * day is the same. Undefined while no day is chosen.
 */
export function flagToKeep({ on, day }: Flag, team: Team, now: Time): Team['collaboration'] | undefined {
  const own = ownFlag(team)
  if (!on) return { ...team.collaboration, [own]: null }
  if (day === null || Number.isNaN(dayStart(day, team.timeZone))) return undefined
  if (isSameFlag({ on, day }, flagOf(team))) return team.collaboration
  const since = day === dayKey(now, team.timeZone) ? now : dayStart(day, team.timeZone)
  return { ...team.collaboration, [own]: since }
}

export function isSameFlag(one: Flag, other: Flag): boolean {
  return one.on === other.on && (!one.on || one.day === other.day)
}

/** Grants a permission to a role, or takes it away. */
export function granted(grants: Grants, permission: Permission, role: Role, may: boolean): Grants {
  const others = grants[permission].filter((one) => one !== role)
  return { ...grants, [permission]: inOrder(may ? [...others, role] : others) }
}

export function isSameGrants(one: Grants, other: Grants): boolean {
  return PERMISSIONS.every((name) => inOrder(one[name]).join() === inOrder(other[name]).join())
}

/** Admins have every permission: they are not written down. */
function inOrder(roles: readonly Role[]): Role[] {
  return ROLES.filter((role) => role !== 'admin' && roles.includes(role))
}
