/**
 * The local API: thin routes over {@link Workstation}, typed end to end (`hc<AppType>`), every input checked here.
 * The sockets of `GET /api/live` are in `live.ts`, the door (Host, Origin, cookie) in `door.ts`.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { AttachmentId, ConversationId } from '../domain/ids.ts'
import { refuse } from '../domain/refusal.ts'
import { REPLY_FILE_MAX } from '../domain/replies/files.ts'
import { ATTACHMENT_MAX, attachmentHeaders } from '../domain/attachments.ts'
import { answer, checked, statusOf } from './answer.ts'
import { batchRoutes } from './batches/routes.ts'
import { blacklistRoutes } from './blacklist/routes.ts'
import { channelRoutes } from './channels/routes.ts'
import { notificationRoutes } from './notifications/routes.ts'
import { departingRoutes, replyRoutes } from './replies/routes.ts'
import type { Workstation } from './service.ts'
import {
  CommandRequest,
  Draft,
  ListQuery,
  MessagesQuery,
  PresenceUpdate,
  Retry,
  SearchQuery,
  SignIn,
  Unlock,
} from './views.ts'

export type { AppState, LiveEvent } from './views.ts'

/** What the door has learnt about the caller. */
export type AppEnv = { Variables: { window: string } }

const OPEN_TO_ALL = new Set(['/api/state', '/api/sign-in', '/api/unlock'])
const JSON_MAX = 1024 * 1024
/** Longest body where it is a file, by path, in bytes. */
const FILE_MAX = new Map([
  ['/api/attachments', ATTACHMENT_MAX],
  ['/api/replies/files', REPLY_FILE_MAX],
])

const conversationParam = z.object({ id: ConversationId })
const queueParam = z.object({ id: z.coerce.number().int().positive() })

/** Builds the API over a workstation. Mount it behind the door. */
export function createApi(workstation: Workstation) {
  return new Hono<AppEnv>()
    .use('/api/*', async (c, next) => {
      if (!OPEN_TO_ALL.has(c.req.path) && !workstation.isOpenFor(c.get('window'))) {
        return c.json({ error: refuse('request.unauthorised', {}, { instead: 'sign-in' }) }, 401)
      }
      await next()
    })
    .use('/api/*', async (c, next) => {
      const max = FILE_MAX.get(c.req.path) ?? JSON_MAX
      const limit = bodyLimit({
        maxSize: max,
        onError: (c) => c.json({ error: refuse('request.tooLarge', { max }) }, 413),
      })
      return limit(c, next)
    })
    .use('/api/*', async (c, next) => {
      // A body may come as slowly as its sender likes, and the next member may be here when it is whole.
      if (c.req.method !== 'GET' && !OPEN_TO_ALL.has(c.req.path)) {
        await c.req.arrayBuffer()
        if (!workstation.isOpenFor(c.get('window'))) {
          return c.json({ error: refuse('request.unauthorised', {}, { instead: 'sign-in' }) }, 401)
        }
      }
      return next()
    })
    .get('/api/state', (c) => c.json(workstation.state(c.get('window'))))
    .post('/api/sign-in', checked('json', SignIn), async (c) => {
      const { email, password } = c.req.valid('json')
      return answer(c, await workstation.signIn(c.get('window'), email, password))
    })
    .post('/api/unlock', checked('json', Unlock), async (c) =>
      answer(c, await workstation.unlock(c.get('window'), c.req.valid('json').password)),
    )
    .post('/api/lock', async (c) => c.json(await workstation.lock()))
    .post('/api/sign-out', async (c) => c.json(await workstation.signOut()))
    .get('/api/reference', (c) => c.json(workstation.reference()))
    .get('/api/counts', (c) => c.json(workstation.counts()))
    .get('/api/conversations', checked('query', ListQuery), (c) =>
      c.json(workstation.conversations(c.req.valid('query'))),
    )
    .get('/api/conversations/:id', checked('param', conversationParam), (c) =>
      answer(c, workstation.conversation(c.req.valid('param').id)),
    )
    .get(
      '/api/conversations/:id/messages',
      checked('param', conversationParam),
      checked('query', MessagesQuery),
      async (c) => answer(c, await workstation.messages(c.req.valid('param').id, c.req.valid('query'))),
    )
    .get('/api/search', checked('query', SearchQuery), (c) => c.json(workstation.search(c.req.valid('query'))))
    .post('/api/commands', checked('json', CommandRequest), (c) => c.json(workstation.command(c.req.valid('json'))))
    .put('/api/drafts/:id', checked('param', conversationParam), checked('json', Draft), (c) =>
      answer(c, workstation.saveDraft(c.req.valid('param').id, c.req.valid('json'))),
    )
    .post(
      '/api/attachments',
      checked('query', z.object({ conversationId: ConversationId, name: z.string().min(1).max(255) })),
      async (c) => {
        const { conversationId, name } = c.req.valid('query')
        const mime = c.req.header('content-type') ?? 'application/octet-stream'
        const bytes = new Uint8Array(await c.req.arrayBuffer())
        return answer(c, await workstation.addAttachment(conversationId, name, mime, bytes))
      },
    )
    .get('/api/attachments/:id', checked('param', z.object({ id: AttachmentId })), async (c) => {
      const result = await workstation.attachment(c.req.valid('param').id)
      if (!result.ok) return c.json({ error: result.refusal }, statusOf(result.refusal))
      const { bytes, mime, name } = result.value
      // A copy of these bytes alone: what a `Buffer` stands in may hold much else beside them.
      return c.body(new Uint8Array(bytes), 200, attachmentHeaders(mime, name))
    })
    .route('/api/channels', channelRoutes(workstation.channels))
    .route('/api/notifications', notificationRoutes(workstation.notifications))
    .route(
      '/api/replies',
      replyRoutes(() => workstation.replies),
    )
    .route(
      '/api/departing',
      departingRoutes(() => workstation.replies),
    )
    .route('/api/batches', batchRoutes(workstation))
    .route('/api/blacklist', blacklistRoutes(workstation.blacklist))
    .get('/api/erasures', async (c) => answer(c, await workstation.blacklist.erasures()))
    .get('/api/queue', (c) => c.json(workstation.queue()))
    .post('/api/queue/:id/retry', checked('param', queueParam), checked('json', Retry), (c) =>
      answer(c, workstation.retry(c.req.valid('param').id, c.req.valid('json').text)),
    )
    .post('/api/queue/:id/discard', checked('param', queueParam), (c) =>
      answer(c, workstation.discard(c.req.valid('param').id)),
    )
    .post('/api/wake', (c) => {
      workstation.wake()
      return c.json({})
    })
    .post('/api/presence', checked('json', PresenceUpdate), (c) => {
      workstation.presence(c.req.valid('json'))
      return c.json({})
    })
}

/** The type from which the renderer's client is made. */
export type AppType = ReturnType<typeof createApi>
