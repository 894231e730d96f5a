/** The blacklist, for the window: each route passes on what the hub answers (DEL-9). */
import { Hono } from 'hono'
import { z } from 'zod'
import { ContactId } from '../../domain/ids.ts'
import { BlacklistQuery } from '../../sync/blacklist.ts'
import { answer, checked } from '../answer.ts'
import type { BlacklistDesk } from '../hub/blacklist.ts'

const Param = z.object({ contactId: ContactId })

/** To be mounted at `/api/blacklist`, behind the door. */
export function blacklistRoutes(desk: BlacklistDesk) {
  return new Hono()
    .get('/', checked('query', BlacklistQuery), async (c) => answer(c, await desk.page(c.req.valid('query'))))
    .post('/:contactId/lift', checked('param', Param), async (c) =>
      answer(c, await desk.lift(c.req.valid('param').contactId)),
    )
}
