/** `/auth/…` for workstations, `/workstations` and `/audit` for admins. Thin: what they do is beside this file. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { stream } from 'hono/streaming'
import { z } from 'zod'
import { refuse } from '../../domain/refusal.ts'
import { RefreshRequest, SignInRequest } from '../../sync/protocol.ts'
import { checked, refuseWith, signedIn } from '../answer.ts'
import type { SignedIn } from '../answer.ts'
import type { Authenticator } from '../core.ts'
import { exportAudit, readAudit, recordEvent } from './audit.ts'
import type { AccountsDeps } from './deps.ts'
import { refresh, signOut } from './session.ts'
import { signIn } from './sign-in.ts'
import { adminOnly, listWorkstations, removeWorkstation } from './workstations.ts'

const BODY_MAX = 16 * 1024

const AuditQuery = z.strictObject({
  /** An entry's `n`: only older ones. */
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})
const ExportQuery = z.strictObject({ format: z.enum(['ndjson', 'csv']).default('ndjson') })
const WorkstationParam = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) })

export function accountRoutes(deps: AccountsDeps, authenticator: Authenticator) {
  const small = bodyLimit({
    maxSize: BODY_MAX,
    onError: (c) => refuseWith(c, refuse('request.tooLarge', { max: BODY_MAX })),
  })
  const known = signedIn(authenticator)
  const admin = new Hono<SignedIn>()
    .get('/workstations', known, async (c) => {
      const { teamId, memberId } = c.get('identity')
      const refusal = await adminOnly(deps, teamId, memberId)
      return refusal ? refuseWith(c, refusal) : c.json({ workstations: await listWorkstations(deps, teamId) })
    })
    .post('/workstations/:id/remove', known, checked('param', WorkstationParam), async (c) => {
      const refusal = await removeWorkstation(deps, c.get('identity'), c.req.valid('param').id)
      return refusal ? refuseWith(c, refusal) : c.json({})
    })
    .get('/audit', known, checked('query', AuditQuery), async (c) => {
      const { teamId, memberId } = c.get('identity')
      const refusal = await adminOnly(deps, teamId, memberId)
      if (refusal) return refuseWith(c, refusal)
      const { before, limit } = c.req.valid('query')
      return c.json({ entries: await readAudit(deps.db, teamId, { before, limit }) })
    })
    .get('/audit/export', known, checked('query', ExportQuery), async (c) => {
      const identity = c.get('identity')
      const refusal = await adminOnly(deps, identity.teamId, identity.memberId)
      const event = { ...identity, what: 'audit.read', subject: null, refused: refusal?.code ?? null } as const
      await recordEvent(deps.db, event, deps.now())
      if (refusal) return refuseWith(c, refusal)
      const { format } = c.req.valid('query')
      c.header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
      c.header('content-disposition', `attachment; filename="audit.${format}"`)
      c.header('cache-control', 'no-store')
      return stream(c, async (out) => {
        for await (const part of exportAudit(deps.db, identity.teamId, format)) await out.write(part)
      })
    })
  return new Hono()
    .post('/auth/sign-in', small, checked('json', SignInRequest), async (c) => {
      const answer = await signIn(deps, c.req.valid('json'), deps.ipOf({ raw: c.req.raw, env: c.env }))
      c.header('cache-control', 'no-store')
      return answer.ok ? c.json(answer.session) : refuseWith(c, answer.refusal)
    })
    .post('/auth/refresh', small, checked('json', RefreshRequest), async (c) => {
      const answer = await refresh(deps, c.req.valid('json').refreshToken)
      c.header('cache-control', 'no-store')
      return answer.ok ? c.json(answer.session) : refuseWith(c, answer.refusal)
    })
    .post('/auth/sign-out', small, checked('json', RefreshRequest), async (c) => {
      await signOut(deps, c.req.valid('json').refreshToken)
      return c.json({})
    })
    .route('/', admin)
}
