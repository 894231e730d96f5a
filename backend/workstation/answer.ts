/** How the local routes answer: a checked request, a value, or a refusal with its status. */
import { zValidator } from '@hono/zod-validator'
import type { Context } from 'hono'
import type { z } from 'zod'
import { refuse } from '../domain/refusal.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Result } from './service.ts'

/** The HTTP status that goes with a refusal. */
export function statusOf(refusal: Refusal): 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503 {
  switch (refusal.code) {
    case 'request.invalid':
    case 'request.unknownCommand':
      return 400
    case 'signIn.wrong':
    case 'request.unauthorised':
    case 'session.expired':
    case 'session.tokenReused':
      return 401
    case 'request.notFound':
    case 'conversation.notVisible':
    case 'attachment.missing':
      return 404
    case 'request.tooLarge':
    case 'attachment.tooLarge':
      return 413
    case 'request.tooMany':
    case 'signIn.slowed':
      return 429
    case 'internal.error':
      return 500
    case 'hub.unreachable':
    case 'hub.garbled':
    case 'signIn.needsHub':
    case 'request.offline':
      return 503
    default:
      return 409
  }
}

type Target = 'json' | 'query' | 'param'

/** Checks one part of the request; what does not fit is answered with the name of the first field that is wrong. */
export function checked<T extends Target, S extends z.ZodType>(target: T, schema: S) {
  return zValidator(target, schema, (result, c) => {
    if (result.success) return
    const field = result.error.issues[0]?.path.join('.') || target
    return c.json({ error: refuse('request.invalid', { field }) }, 400)
  })
}

/** Answers with what was asked for, or with the refusal and its status. */
export function answer<T>(c: Context, result: Result<T>) {
  return result.ok ? c.json(result.value) : c.json({ error: result.refusal }, statusOf(result.refusal))
}
