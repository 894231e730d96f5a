/**
 * The web chat over HTTP, under `/chat`:
 *
 * | route | gives |
 * |---|---|
 * | `GET /:channelId`, `GET /:channelId/embed` | the customer page, whole or for a frame in another site |
 * | `GET /:channelId/embed.js` | the script a shop puts on its own site |
 * | `POST /:channelId/visitor` | `{ fresh }`, and the cookie by which the visitor is known from now on |
 * | `POST /:channelId/attachments?name` | what the file was found to be; the bytes as the body |
 * | `GET /:channelId/attachments/:id` | the bytes, of the visitor's own conversation |
 * | `GET /assets/:file` | the page's scripts and styles |
 */
import type { IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { ATTACHMENT_MAX, attachmentHeaders } from '../../../domain/attachments.ts'
import { AttachmentId, ChannelId } from '../../../domain/ids.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Time } from '../../../domain/rows.ts'
import { checked, refuseWith } from '../../answer.ts'
import { assetResponse, assetRoutes } from './assets.ts'
import type { Asset } from './assets.ts'
import type { CustomerFiles } from './files.ts'
import type { Throttle } from './limits.ts'
import { languageFor, pageHeaders, pageHtml } from './page.ts'
import type { ChatPlace, ChatStore, Present } from './store.ts'
import { VISITOR_LIFE, visitorCookieName } from './visitor.ts'
import type { Visitor, VisitorSigner } from './visitor.ts'

export type ChatRoutesParts = {
  store: ChatStore
  files: CustomerFiles
  signer: VisitorSigner
  throttle: Throttle
  assets: ReadonlyMap<string, Asset>
  clock: () => Time
  addressOf: (request: IncomingMessage) => string
}

/** What the server adds to a request; without one (a test) the address is unknown. */
type Env = { Bindings: { incoming?: IncomingMessage }; Variables: { place: ChatPlace; visitor: Present | null } }

const FileName = z.object({ name: z.string().min(1).max(255) })

export function chatRoutes({ store, files, signer, throttle, assets, clock, addressOf }: ChatRoutesParts) {
  const address = (c: Context<Env>) => (c.env?.incoming ? addressOf(c.env.incoming) : '')

  /** Finds the channel and who asks. */
  const inChannel = createMiddleware<Env>(async (c, next) => {
    const channelId = ChannelId.safeParse(c.req.param('channelId'))
    const place = channelId.success ? await store.place(channelId.data) : null
    if (!place) return refuseWith(c, refuse('request.notFound', {}))
    c.set('place', place)
    const visitor = signer.verify(place.channel.id, getCookie(c, visitorCookieName(place.channel.id)), clock())
    c.set('visitor', visitor && (await store.present(place.teamId, visitor)))
    await next()
  })

  /** Lets only our own page write: another site's page would do it in the visitor's name. */
  const fromOwnPage = createMiddleware<Env>(async (c, next) => {
    const origin = c.req.header('origin')
    if (!isOwnOrigin(origin, c.req.header('host'))) return refuseWith(c, refuse('request.unauthorised', {}))
    await next()
  })

  const remember = (c: Context<Env>, visitor: Visitor) => {
    const { channel } = c.get('place')
    const isSecure = isHttps(c)
    setCookie(c, visitorCookieName(channel.id), signer.sign(channel.id, visitor.id, clock()), {
      path: '/chat',
      httpOnly: true,
      maxAge: VISITOR_LIFE / 1000,
      // In a shop's frame the cookie is a third party's: partitioned, it is one visitor's with one shop.
      ...(isSecure ? { secure: true, sameSite: 'None', partitioned: true } : { sameSite: 'Lax' }),
    })
  }

  const page = (embedded: boolean) => (c: Context<Env>) => {
    const visitor = c.get('visitor')
    if (visitor && signer.isOld(visitor, clock())) remember(c, visitor)
    const html = pageHtml({
      place: c.get('place'),
      embedded,
      known: visitor !== null,
      language: languageFor(c.req.header('accept-language')),
    })
    return c.body(html, 200, pageHeaders(embedded))
  }

  return new Hono<Env>()
    .route('/', assetRoutes(assets))
    .use('/:channelId/*', inChannel)
    .get('/:channelId', inChannel, page(false))
    .get('/:channelId/embed', page(true))
    .get('/:channelId/embed.js', (c) => {
      const script = assets.get('embed.js')
      if (!script) throw new Error('the embed script is missing')
      return assetResponse(script, c.req.header('if-none-match'), true)
    })
    .post('/:channelId/visitor', fromOwnPage, async (c) => {
      const known = c.get('visitor')
      const tooMany = known ? null : await throttle('visitorsOfAddress', address(c))
      if (tooMany) return refuseWith(c, tooMany)
      remember(c, known ?? signer.create(clock()))
      return c.json({ fresh: known === null })
    })
    .post('/:channelId/attachments', fromOwnPage, checked('query', FileName), async (c) => {
      const visitor = c.get('visitor')
      if (!visitor) return refuseWith(c, refuse('request.unauthorised', {}))
      // Nothing is kept of what reaches nobody (DEL-8).
      if (visitor.isSuppressed) return refuseWith(c, refuse('request.tooMany', { seconds: 3_600 }, { instead: 'wait' }))
      const { name } = c.req.valid('query')
      const tooMany = (await throttle('files', visitor.id)) ?? (await throttle('filesOfAddress', address(c)))
      if (tooMany) return refuseWith(c, tooMany)
      const size = sizeOf(c.req.raw.headers)
      if (size > ATTACHMENT_MAX) {
        return refuseWith(c, refuse('attachment.tooLarge', { name, max: ATTACHMENT_MAX }, { instead: 'choose-other' }))
      }
      const tooMuch =
        (await throttle('bytes', visitor.id, size)) ?? (await throttle('bytesOfAddress', address(c), size))
      if (tooMuch) return refuseWith(c, tooMuch)
      const owner = { teamId: c.get('place').teamId, conversationId: visitor.conversationId }
      const body = c.req.raw.body ?? new Blob([]).stream()
      const stored = await files.store(owner, name, c.req.header('content-type') ?? '', body)
      return stored.ok ? c.json(stored.info) : refuseWith(c, stored.refusal)
    })
    .get('/:channelId/attachments/:id', checked('param', z.object({ id: AttachmentId })), async (c) => {
      const visitor = c.get('visitor')
      const owner = visitor && { teamId: c.get('place').teamId, conversationId: visitor.conversationId }
      const found = owner && (await files.open(owner, c.req.valid('param').id))
      // The same answer for what is not there and for what is somebody else's.
      if (!found) return refuseWith(c, refuse('attachment.missing', { name: '' }))
      const { name, mime, size } = found.info
      return c.body(found.bytes, 200, { ...attachmentHeaders(mime, name), 'content-length': String(size) })
    })
}

/** Whether a browser's `Origin` is the host that was asked; other programs send none. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** How many bytes the body may have: what is said, which the server holds it to, or as many as are taken at all. */
function sizeOf(headers: Headers): number {
  const said = headers.has('transfer-encoding') ? null : headers.get('content-length')
  return said === null ? ATTACHMENT_MAX : Number(said)
}

function isHttps(c: Context): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim()
  return (forwarded ?? new URL(c.req.url).protocol.replace(':', '')) === 'https'
}
