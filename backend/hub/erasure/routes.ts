/** `GET /erasures`: whether what the team deleted is gone for good (DEL-7). */
import { Hono } from 'hono'
import { signedIn } from '../answer.ts'
import type { SignedIn } from '../answer.ts'
import type { Authenticator } from '../core.ts'
import type { Erasure } from './erasure.ts'

/** The route, to be mounted at the root. `waiting`: how many of the team's deletions are not complete. */
export function erasureRoutes(erasure: Pick<Erasure, 'pending'>, authenticator: Authenticator) {
  return new Hono<SignedIn>().get('/erasures', signedIn(authenticator), async (c) =>
    c.json({ waiting: await erasure.pending(c.get('identity').teamId) }),
  )
}
