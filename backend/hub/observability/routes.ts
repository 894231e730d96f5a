/** `/healthz` for whoever watches over the process, `/metrics` for Prometheus. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { refuse } from '../../domain/refusal.ts'
import { refuseWith } from '../answer.ts'
import type { HubDatabase } from '../core.ts'
import type { Metrics } from './metrics.ts'

/** How long the database may take to answer, in ms, before the hub says that it is not well. */
const HEALTH_TIMEOUT = 2_000

/** @param metricsAccess a bearer token that `/metrics` wants; `open` for anybody who reaches the hub, `closed` for nobody */
export function observabilityRoutes(options: {
  db: HubDatabase
  metrics: Metrics
  metricsAccess: { token: string } | 'open' | 'closed'
  /** What the hub may not do to leave nothing of what was deleted. */
  erasure?: { missing(): readonly string[] }
  log: Logger
}) {
  const { db, metrics, metricsAccess, erasure, log } = options
  return new Hono()
    .get('/healthz', async (c) => {
      const well = await answers(db, log)
      const missing = erasure?.missing() ?? []
      return c.json({ ok: well, ...(missing.length > 0 ? { erasureLacks: missing } : {}) }, well ? 200 : 503)
    })
    .get('/metrics', async (c) => {
      if (metricsAccess === 'closed') return refuseWith(c, refuse('request.notFound', {}))
      if (metricsAccess !== 'open' && !isToken(c.req.header('authorization'), metricsAccess.token)) {
        return refuseWith(c, refuse('request.unauthorised', {}))
      }
      const { text, type } = await metrics.page()
      return c.body(text, 200, { 'content-type': type })
    })
}

async function answers(db: HubDatabase, log: Logger): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), HEALTH_TIMEOUT)
  })
  const ping = sql`select 1`.execute(db).then(
    () => true,
    (error: unknown) => {
      log.error({ err: error }, 'health: the database does not answer')
      return false
    },
  )
  try {
    return await Promise.race([ping, late])
  } finally {
    clearTimeout(timer)
  }
}

function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}
