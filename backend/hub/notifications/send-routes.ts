/** `/v1/notifications`, for the team's own systems (docs/notifications.md): who they are by their API key, what they ask, how it went. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { refuse } from '../../domain/refusal.ts'
import { checked, refuseWith } from '../answer.ts'
import { SendRequest, accept } from './accept.ts'
import type { AcceptParts } from './accept.ts'
import { findKey } from './keys.ts'
import type { KnownKey } from './keys.ts'
import { moduleMissing } from './module.ts'

/** Largest request, in bytes: two texts, every letter of them written as an escape. */
const BODY_MAX = 64 * 1024
/** Requests a minute for a key, and wrong keys a minute from an IP address. */
const LIMITS = { key: 600, wrong: 30, seconds: 60 }

const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/)
const Param = z.object({ id: z.string().regex(/^[\w-]{22}$/) })

export type SendParts = AcceptParts & {
  /** Something new is due. */
  onAccepted: () => void
  /** The IP address a request came from, for limits. */
  ipOf(request: { raw: Request; env: unknown }): string
  limits?: { key: number; wrong: number }
}
type Env = { Variables: { key: KnownKey } }

export function sendRoutes(parts: SendParts) {
  const { db, store, clock, onAccepted, ipOf } = parts
  const points = { ...LIMITS, ...parts.limits }
  const perKey = new RateLimiterMemory({ points: points.key, duration: LIMITS.seconds })
  const wrongKeys = new RateLimiterMemory({ points: points.wrong, duration: LIMITS.seconds })
  const small = bodyLimit({
    maxSize: BODY_MAX,
    onError: (c) => refuseWith(c, refuse('request.tooLarge', { max: BODY_MAX })),
  })
  const known = createMiddleware<Env>(async (c, next) => {
    const ip = ipOf({ raw: c.req.raw, env: c.env })
    const tried = await wrongKeys.get(ip)
    if (tried && tried.consumedPoints >= points.wrong) return refuseWith(c, tooMany(tried))
    const given = /^Bearer (\S{1,200})$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const key = given === undefined ? null : await findKey(db, given, clock())
    if (!key) {
      await consume(wrongKeys, ip)
      return refuseWith(c, refuse('request.unauthorised', {}))
    }
    const wait = await consume(perKey, `${key.teamId} ${key.id}`)
    if (wait) return refuseWith(c, tooMany(wait))
    const missing = await moduleMissing(db, key.teamId)
    if (missing) return refuseWith(c, missing)
    c.set('key', key)
    c.header('cache-control', 'no-store')
    await next()
  })
  return new Hono<Env>()
    .post('/v1/notifications', known, small, checked('json', SendRequest), async (c) => {
      const idempotencyKey = IdempotencyKey.safeParse(c.req.header('idempotency-key'))
      if (!idempotencyKey.success) return refuseWith(c, refuse('request.invalid', { field: 'idempotency-key' }))
      const answer = await accept(parts, c.get('key').teamId, idempotencyKey.data, c.req.valid('json'))
      if (!answer.ok) return refuseWith(c, answer.refusal)
      if (answer.isNew) onAccepted()
      return c.json(answer.accepted, 202)
    })
    .get('/v1/notifications/:id', known, checked('param', Param), async (c) => {
      const course = await store.course(c.get('key').teamId, c.req.valid('param').id)
      return course ? c.json(course) : refuseWith(c, refuse('request.notFound', {}))
    })
}

/** Null when there was a point left. */
async function consume(limiter: RateLimiterMemory, of: string): Promise<RateLimiterRes | null> {
  try {
    await limiter.consume(of)
    return null
  } catch (error) {
    // The library rejects with its answer when there are no points left, and with an Error for a fault.
    if (error instanceof RateLimiterRes) return error
    throw error
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes) {
  return refuse('request.tooMany', { seconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)) }, { instead: 'wait' })
}
