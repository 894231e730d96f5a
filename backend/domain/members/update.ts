/** An admin changes a colleague's role, stores or whether they are active; what they see follows (ROL-1, ROL-2). */
import { z } from 'zod'
import { MemberId, StoreId } from '../ids.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import { allow, asMember, defineCommand, get, put, reject } from '../rule.ts'
import { leaveAll } from '../collaboration/departure.ts'
import { Role } from '../rows.ts'
import type { Member } from '../rows.ts'

/** Change a colleague: admins, and nobody themself (a team must not lose its last admin by a slip). */
export function mayUpdateMember(actor: Member, other: Member['id']): Verdict {
  return actor.role === 'admin' && actor.id !== other
    ? ALLOWED
    : refused(refuse('member.mayNot', {}, { whoCould: ['admin'] }))
}

/** Changes what is given and leaves the rest. Who is deactivated leaves every collaboration (COL-10). */
export const updateMember = defineCommand({
  name: 'member.update',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject({
    memberId: MemberId,
    role: Role.optional(),
    storeIds: z.array(StoreId).max(1_000).optional(),
    active: z.boolean().optional(),
  }),
  *run({ memberId, ...change }, context) {
    const actor = yield* asMember(context)
    yield* allow(mayUpdateMember(actor, memberId))
    const member = yield* get('member', memberId)
    if (!member) return yield* reject(refuse('request.notFound', {}))
    for (const id of change.storeIds ?? []) {
      if (!(yield* get('store', id))) return yield* reject(refuse('request.invalid', { field: 'storeIds' }))
    }
    yield* put('member', {
      ...member,
      role: change.role ?? member.role,
      storeIds: change.storeIds ?? member.storeIds,
      active: change.active ?? member.active,
    })
    if (member.active && change.active === false) yield* leaveAll(memberId, context.now)
  },
})
