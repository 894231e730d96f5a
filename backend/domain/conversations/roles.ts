/** The groups of roles that permissions speak of. */
import type { Member, Role } from '../rows.ts'

/** May reply in, close and transfer what others follow (CNV-2), and join what they may see by themselves (COL-3). */
export const MANAGING = ['admin', 'supervisor', 'cs_manager'] as const satisfies Role[]
/** 「管理角色」 of a collaboration: may add, remove and take over (COL-2, COL-5, COL-6). */
export const LEADING = [...MANAGING, 'marketing_cs'] as const satisfies Role[]
/** See what waits and may take it. */
export const TAKING = [...MANAGING, 'cs_agent', 'marketing_cs'] as const satisfies Role[]

export function has(roles: readonly Role[], member: Member): boolean {
  return roles.includes(member.role)
}
