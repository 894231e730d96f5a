/**
 * Where platforms call: `GET` and `POST /channels/:channelId/webhook`. A call is answered as soon as its events are
 * durable; what they mean is looked at afterwards.
 */
import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import { ChannelId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { refuseWith } from '../answer.ts'
import { traceOf } from '../listeners.ts'
import type { Connections } from './connections.ts'
import type { Inbox } from './inbox.ts'
import type { RawEvent, Webhook } from './platform.ts'

/** Largest call, in bytes: WhatsApp's limit, the largest of the platforms. */
const CALL_MAX = 3 * 1024 * 1024
/** How often, in ms, it is noted that a platform calls. */
const NOTE_EVERY = 60_000

export type WebhookParts = {
  connections: Pick<Connections, 'find' | 'called'>
  inbox: Pick<Inbox, 'take'>
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
}

/** The path at which the platform of a channel calls. */
export function webhookPath(channelId: ChannelId): string {
  return `/channels/${channelId}/webhook`
}

/** The routes, to be mounted at the root. */
export function webhookRoutes({ connections, inbox, log, clock }: WebhookParts) {
  const noted = new Map<ChannelId, Time>()
  const find = async (param: string) => {
    const id = ChannelId.safeParse(param)
    const connected = id.success ? await connections.find(id.data) : null
    const webhook = connected?.connection.webhook
    return connected && webhook
      ? { place: { teamId: connected.teamId, channelId: connected.channel.id }, webhook }
      : null
  }
  return new Hono()
    .get('/channels/:channelId/webhook', async (c) => {
      const found = await find(c.req.param('channelId'))
      const answer = found?.webhook.challenge?.(new URL(c.req.url).searchParams) ?? null
      return answer === null ? refuseWith(c, refuse('request.notFound', {})) : c.text(answer)
    })
    .post(
      '/channels/:channelId/webhook',
      bodyLimit({
        maxSize: CALL_MAX,
        onError: (c) => refuseWith(c, refuse('request.tooLarge', { max: CALL_MAX })),
      }),
      async (c) => {
        const found = await find(c.req.param('channelId'))
        if (!found) return refuseWith(c, refuse('request.notFound', {}))
        const raw = new Uint8Array(await c.req.arrayBuffer())
        if (!found.webhook.isGenuine(raw, c.req.raw.headers)) {
          log.warn({ channel: found.place.channelId }, 'webhook: a call with a wrong signature')
          return refuseWith(c, refuse('request.unauthorised', {}))
        }
        await inbox.take(found.place, eventsOf(found.webhook, raw, log))
        const now = clock()
        const { teamId, channelId } = found.place
        if (now - (noted.get(channelId) ?? 0) >= NOTE_EVERY) {
          noted.set(channelId, now)
          await connections.called(teamId, channelId, now)
        }
        return c.body(null, 200)
      },
    )
}

/** The events of a genuine call; one that cannot be read is kept as it is, to be read by a later version of the hub. */
function eventsOf(webhook: Webhook, raw: Uint8Array, log: Logger): RawEvent[] {
  try {
    return webhook.events(JSON.parse(Buffer.from(raw).toString()))
  } catch (error) {
    log.warn({ err: traceOf(error) }, 'webhook: a call cannot be read')
    const id = createHash('sha256').update(raw).digest('hex')
    // What a database cannot hold as text is kept in base64.
    return [{ id: `unreadable-${id}`, event: { unreadable: Buffer.from(raw).toString('base64') } }]
  }
}
