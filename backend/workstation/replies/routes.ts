/** Saved replies for the window: what there is, their files, and using one. Changing them is a command. */
import { Hono } from 'hono'
import { z } from 'zod'
import { attachmentHeaders } from '../../domain/attachments.ts'
import { AttachmentId, ReplyId } from '../../domain/ids.ts'
import { answer, checked, statusOf } from '../answer.ts'
import { ReplyUse } from '../views.ts'
import type { ReplyDesk } from './desk.ts'

/** To be mounted at `/api/replies`, behind the door. `desk` gives that of the member who is here. */
export function replyRoutes(desk: () => ReplyDesk) {
  return new Hono()
    .get('/', (c) => c.json(desk().all()))
    .post('/files', checked('query', z.object({ name: z.string().min(1).max(255) })), async (c) => {
      const mime = c.req.header('content-type') ?? 'application/octet-stream'
      const bytes = new Uint8Array(await c.req.arrayBuffer())
      return answer(c, await desk().addFile(c.req.valid('query').name, mime, bytes))
    })
    .get('/files/:id', checked('param', z.object({ id: AttachmentId })), async (c) => {
      const result = await desk().file(c.req.valid('param').id)
      if (!result.ok) return c.json({ error: result.refusal }, statusOf(result.refusal))
      const { bytes, mime, name } = result.value
      // A copy of these bytes alone: what a `Buffer` stands in may hold much else beside them.
      return c.body(new Uint8Array(bytes), 200, attachmentHeaders(mime, name))
    })
    .post('/:id/use', checked('param', z.object({ id: ReplyId })), checked('json', ReplyUse), async (c) =>
      answer(c, await desk().use(c.req.valid('param').id, c.req.valid('json'))),
    )
}

/** To be mounted at `/api/departing`, behind the door. */
export function departingRoutes(desk: () => ReplyDesk) {
  const param = z.object({ id: z.string().min(1).max(64) })
  return new Hono().delete('/:id', checked('param', param), (c) => answer(c, desk().takeBack(c.req.valid('param').id)))
}
