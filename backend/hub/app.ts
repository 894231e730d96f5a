/** The hub's HTTP app: what holds for every request, around the routes of its parts. */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import { secureHeaders } from 'hono/secure-headers'
import type { Logger } from 'pino'
import { refuse } from '../domain/refusal.ts'
import { isBrokenOff, plainRequest } from '../sync/request-body.ts'
import { refuseWith } from './answer.ts'
import type { Metrics } from './observability/metrics.ts'

export type App = Hono<{ Variables: { requestId: string } }>

/**
 * Puts the routes that `mount` adds under one roof: security headers (a part that sets its own keeps them; no other site may read an answer),
 * a request id in log and answer, metrics, and coded answers for what is unknown, malformed or our fault.
 */
export function createApp(options: { mount(app: App): void; metrics: Metrics; log: Logger }): App {
  const { metrics, log } = options
  const app: App = new Hono()
  app.use(async (c, next) => {
    const begun = performance.now()
    const requestId = randomUUID()
    c.set('requestId', requestId)
    c.req.raw = plainRequest(c.req.raw)
    await next()
    c.header('x-request-id', requestId)
    const ms = performance.now() - begun
    metrics.request(c.req.method, c.res.status, ms / 1000)
    // The pattern, not the path: what is in a path was chosen by whoever asks.
    const line = { requestId, method: c.req.method, route: routePath(c, -1), status: c.res.status, ms: Math.round(ms) }
    log.debug(line, 'request')
  })
  app.use(
    secureHeaders({
      overwrite: false,
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      referrerPolicy: 'no-referrer',
      // Left to the policy above, so that the web chat can say who may frame it.
      xFrameOptions: false,
      // Left to whoever ends TLS in front of the hub.
      strictTransportSecurity: false,
    }),
  )
  options.mount(app)
  app.notFound((c) => refuseWith(c, refuse('request.notFound', {})))
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) {
      return refuseWith(c, refuse('request.invalid', { field: 'body' }))
    }
    if (isBrokenOff(error)) {
      log.info({ requestId: c.get('requestId'), method: c.req.method, route: routePath(c, -1) }, 'a request broke off')
      return refuseWith(c, refuse('request.invalid', { field: 'body' }))
    }
    log.error(
      { err: error, requestId: c.get('requestId'), method: c.req.method, route: routePath(c, -1) },
      'a request failed',
    )
    return refuseWith(c, refuse('internal.error', {}))
  })
  return app
}
