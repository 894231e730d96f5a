/** What holds in a team at a moment: its modules (ROL-5), its flag for collaborations (COL-1), its permissions (ROL-3). */
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import { MODULES } from '../rows.ts'
import type { Member, Module, Role, Team, Time } from '../rows.ts'

/** The team as it is set, and the hub's time: by these some permissions go. */
export type Moment = { team: Team; now: Time }

/** What may be granted to roles; admins have both (ROL-3). */
export type Permission = keyof Team['permissions']
export const PERMISSIONS = ['delete', 'blacklist'] as const satisfies Permission[]

/** A team with everything in its plan and nothing of it changed: no collaborations yet, deleting left to supervisors. */
export function newTeam(given: Pick<Team, 'id' | 'name'> & Partial<Team>): Team {
  return {
    timeZone: 'Asia/Taipei',
    modules: [...MODULES],
    collaboration: { from: null, omoFrom: null },
    permissions: { delete: ['supervisor'], blacklist: ['supervisor'] },
    ...given,
  }
}

/** Whether members collaborate: by the team's flag, or by the one of its own that a team with OMO has (COL-1). */
export function isCollaborating({ team, now }: Moment): boolean {
  const { from, omoFrom } = team.collaboration
  const since = team.modules.includes('omo') ? omoFrom : from
  return since !== null && since <= now
}

/** The roles that have a permission. */
export function rolesWith(permission: Permission, team: Team): Role[] {
  return ['admin', ...team.permissions[permission].filter((role) => role !== 'admin')]
}

/** Whether the member has a permission (ROL-3). */
export function mayBy(permission: Permission, member: Member, team: Team): Verdict {
  const roles = rolesWith(permission, team)
  if (roles.includes(member.role)) return ALLOWED
  return refused(refuse('conversation.roleMayNot', {}, { whoCould: roles, instead: 'ask-admin' }))
}

/** Whether the team's plan has a module (ROL-5). */
export function hasModule(team: Pick<Team, 'modules'>, module: Module): Verdict {
  return team.modules.includes(module) ? ALLOWED : refused(refuse('module.missing', { module }))
}

/** Change what the team goes by: admins. */
export function mayManageTeam(member: Member): Verdict {
  return member.role === 'admin' ? ALLOWED : refused(refuse('member.mayNot', {}, { whoCould: ['admin'] }))
}
