/** An admin changes what the team goes by: from when on members collaborate, and which roles may delete (COL-1, ROL-3). */
import { z } from 'zod'
import { allow, asMemberNow, defineCommand, put } from '../rule.ts'
import { Team } from '../rows.ts'
import { mayManageTeam } from './team.ts'

/** Changes what is given and leaves the rest. */
export const updateTeam = defineCommand({
  name: 'team.update',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject({
    collaboration: Team.shape.collaboration.optional(),
    permissions: Team.shape.permissions.optional(),
  }),
  *run({ collaboration, permissions }, context) {
    const { member, moment } = yield* asMemberNow(context)
    yield* allow(mayManageTeam(member))
    const { team } = moment
    yield* put('team', {
      ...team,
      collaboration: collaboration ?? team.collaboration,
      permissions: permissions
        ? { delete: [...new Set(permissions.delete)], blacklist: [...new Set(permissions.blacklist)] }
        : team.permissions,
    })
  },
})
