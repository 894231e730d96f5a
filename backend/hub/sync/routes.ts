/** What members fetch in bulk over HTTP: the snapshot, and messages older than those a device holds. */
import { Hono } from 'hono'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { z } from 'zod'
import { ConversationId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { SnapshotQuery } from '../../sync/protocol.ts'
import { checked, refuseWith, signedIn } from '../answer.ts'
import type { SignedIn } from '../answer.ts'
import type { Authenticator, HubCore } from '../core.ts'
import { snapshotLines } from './snapshot.ts'

const OlderQuery = z.strictObject({
  /** Only messages with a smaller ordinal. */
  before: z.coerce.number().int().positive().max(2_000_000_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** `GET /sync/snapshot` and `GET /conversations/:id/messages`, both for signed-in, active members. */
export function bulkRoutes(core: HubCore, authenticator: Authenticator, clock: () => Time, log: Logger) {
  const routes = new Hono<SignedIn>()
  const inactive = refuse('signIn.inactive', {})

  routes.get('/sync/snapshot', signedIn(authenticator), checked('query', SnapshotQuery), async (c) => {
    const query = c.req.valid('query')
    const { version, epoch, after } = query
    const resume =
      version !== undefined && epoch !== undefined && after !== undefined ? { version, epoch, after } : null
    const given = Object.values(query).filter((value) => value !== undefined).length
    if (!resume && given > 0) {
      const missing = version === undefined ? 'version' : epoch === undefined ? 'epoch' : 'after'
      return refuseWith(c, refuse('request.invalid', { field: missing }))
    }
    const identity = c.get('identity')
    const lines = await snapshotLines(core.db, identity, resume, clock())
    if (!lines) return refuseWith(c, inactive)
    const headers = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' }
    return c.body(
      asStream(lines, (error) => log.error({ err: error, clientId: identity.clientId }, 'a snapshot broke')),
      {
        headers,
      },
    )
  })

  routes.get('/conversations/:id/messages', signedIn(authenticator), checked('query', OlderQuery), async (c) => {
    const { teamId, memberId } = c.get('identity')
    const id = ConversationId.safeParse(c.req.param('id'))
    const member = await core.row(teamId, 'member', memberId)
    if (!member?.active) return refuseWith(c, inactive)
    if (!id.success || !(await core.sees(teamId, member, id.data))) {
      return refuseWith(c, refuse('conversation.notVisible', {}))
    }
    const { before, limit } = c.req.valid('query')
    const { rows } = await sql<{ data: string }>`
      select data::text as data from message
      where team_id = ${teamId} and conversation_id = ${id.data}
        and (${before ?? null}::integer is null or ordinal < ${before ?? null}::integer)
      order by ordinal desc limit ${limit}`.execute(core.db)
    const texts = rows.map(({ data }) => data).reverse()
    return c.body(`{"messages":[${texts.join(',')}]}`, { headers: { 'content-type': 'application/json' } })
  })
  return routes
}

/** Lines as bytes, each read when the reader has room for it. What fails breaks the stream off, so it cannot look whole. */
function asStream(lines: AsyncGenerator<string, void>, onError: (error: unknown) => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let cancelled = false
  return new ReadableStream({
    async pull(controller) {
      try {
        const line = await lines.next()
        // The reader may have gone while the line was read.
        if (cancelled) return
        if (line.done) controller.close()
        else controller.enqueue(encoder.encode(`${line.value}\n`))
      } catch (error) {
        onError(error)
        if (!cancelled) controller.error(error)
      }
    },
    async cancel() {
      cancelled = true
      await lines.return()
    },
  })
}
