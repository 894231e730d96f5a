/** `/blacklist`, for members who may use it: who is on it, and taking somebody off (DEL-9). */
import { Hono } from 'hono'
import { z } from 'zod'
import { mayLift } from '../../domain/conversations/delete.ts'
import { ContactId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { BlacklistQuery } from '../../sync/blacklist.ts'
import { checked, refuseWith, signedIn } from '../answer.ts'
import type { SignedIn } from '../answer.ts'
import type { Authenticator, HubCore, Identity } from '../core.ts'
import { readAll } from '../store/rows.ts'
import { readBlacklist } from './read.ts'

const Param = z.object({ contactId: ContactId })

export type BlacklistParts = {
  core: Pick<HubCore, 'db' | 'row' | 'memberNow'>
  authenticator: Authenticator
  clock: () => Time
}

/** To be mounted at the root. */
export function blacklistRoutes({ core, authenticator, clock }: BlacklistParts) {
  const known = signedIn(authenticator)

  /** Why the member may not look at the list; null when they may. */
  async function against({ teamId, memberId }: Identity): Promise<Refusal | null> {
    const [member, [team]] = await Promise.all([core.row(teamId, 'member', memberId), readAll(core.db, teamId, 'team')])
    if (!member?.active || !team) return refuse('signIn.inactive', {})
    const verdict = mayLift(member, { team, now: clock() })
    return verdict.allowed ? null : verdict.refusal
  }

  return new Hono<SignedIn>()
    .get('/blacklist', known, checked('query', BlacklistQuery), async (c) => {
      const identity = c.get('identity')
      const refusal = await against(identity)
      if (refusal) return refuseWith(c, refusal)
      c.header('cache-control', 'no-store')
      return c.json(await readBlacklist(core.db, identity.teamId, c.req.valid('query')))
    })
    .post('/blacklist/:contactId/lift', known, checked('param', Param), async (c) => {
      const lifted = await core.memberNow(c.get('identity'), 'contact.lift', c.req.valid('param'))
      return lifted.ok ? c.json({}) : refuseWith(c, lifted.refusal)
    })
}
