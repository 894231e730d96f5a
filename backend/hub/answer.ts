/** How the hub's routes answer: a refusal with its status, a checked request, who asks. */
import { zValidator } from '@hono/zod-validator'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { z } from 'zod'
import { refuse } from '../domain/refusal.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Authenticator, Identity } from './core.ts'

/** The HTTP status that goes with a refusal. */
export function statusOf(refusal: Refusal) {
  switch (refusal.code) {
    case 'request.invalid':
    case 'request.unknownCommand':
    case 'attachment.empty':
    case 'text.empty':
    case 'text.tooLong':
    case 'reply.name':
    case 'reply.variable':
    case 'notification.phone':
    case 'notification.channel':
    case 'sms.address':
      return 400
    case 'request.unauthorised':
    case 'signIn.wrong':
    case 'signIn.inactive':
    case 'session.expired':
    case 'session.tokenReused':
    case 'workstation.removed':
      return 401
    case 'member.mayNot':
    case 'module.missing':
    case 'reply.roleMayNot':
    case 'reply.mayNotShare':
    case 'reply.notYours':
      return 403
    case 'request.notFound':
    case 'conversation.notVisible':
    case 'attachment.missing':
      return 404
    case 'request.tooLarge':
    case 'attachment.tooLarge':
      return 413
    case 'attachment.type':
      return 415
    case 'hub.protocol':
      return 426
    case 'request.tooMany':
    case 'signIn.slowed':
    case 'attachment.quota':
      return 429
    case 'internal.error':
      return 500
    case 'sms.refused':
    case 'sms.unreachable':
      return 502
    default:
      return 409
  }
}

/** Answers with a refusal: `{ error }` and its status. */
export function refuseWith(c: Context, refusal: Refusal) {
  const wait = refusal.params['seconds']
  if (typeof wait === 'number') c.header('retry-after', String(wait))
  return c.json({ error: refusal }, statusOf(refusal))
}

/** Checks one part of the request; what does not fit is refused with the name of the first field that is wrong. */
export function checked<T extends 'json' | 'query' | 'param', S extends z.ZodType>(target: T, schema: S) {
  return zValidator(target, schema, (result, c) => {
    if (result.success) return
    return refuseWith(c, refuse('request.invalid', { field: result.error.issues[0]?.path.join('.') || target }))
  })
}

export type SignedIn = { Variables: { identity: Identity } }

/** Lets only requests with a good access token through, and says whose it is. */
export function signedIn(authenticator: Authenticator) {
  return createMiddleware<SignedIn>(async (c, next) => {
    const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (!token) return refuseWith(c, refuse('request.unauthorised', {}, { instead: 'sign-in' }))
    const answer = await authenticator.authenticate(token)
    if (!answer.ok) return refuseWith(c, answer.refusal)
    c.set('identity', answer.identity)
    await next()
  })
}
