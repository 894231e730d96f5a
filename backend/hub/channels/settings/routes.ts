/** How admins add channels, change them, and connect them to their platforms, over HTTP. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { CAPABILITIES } from '../../../domain/channels/capabilities.ts'
import { ChannelId } from '../../../domain/ids.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import { AccountFields, ChannelAdd, ChannelChange } from '../../../sync/channel-settings.ts'
import type { ChannelCheck, ChannelView, TemplateRefresh } from '../../../sync/channel-settings.ts'
import { checked, refuseWith, signedIn } from '../../answer.ts'
import type { SignedIn } from '../../answer.ts'
import type { Authenticator, Identity } from '../../core.ts'
import { traceOf } from '../../listeners.ts'
import { readAll } from '../../store/rows.ts'
import type { ChannelPlace } from '../platform.ts'
import { connectAccount, disconnectAccount } from './account.ts'
import { checkAccount, mayAsk, readTemplates } from './asking.ts'
import { whyNot } from './parts.ts'
import type { SettingsParts } from './parts.ts'
import { viewOf } from './view.ts'

const Param = z.object({ id: ChannelId })
const BODY_MAX = 256 * 1024
/** How often a channel's platform is asked; LINE lets itself be asked to call us 60 times an hour. */
export const ASK_LIMITS = { check: { points: 12, duration: 900 }, templates: { points: 12, duration: 300 } } as const

export interface ChannelSettings {
  /** To be mounted at the root. */
  routes: Hono<SignedIn>
  /** Resolves when nothing is asked of a platform any more. */
  settled(): Promise<void>
}

export function createChannelSettings(parts: SettingsParts, auth: Authenticator): ChannelSettings {
  const { core, log } = parts
  const limits = {
    check: new RateLimiterMemory(ASK_LIMITS.check),
    templates: new RateLimiterMemory(ASK_LIMITS.templates),
  }
  const background = new Set<Promise<void>>()

  /** The templates of a channel that was just connected; asked for once more each day. */
  function readInBackground(place: ChannelPlace): void {
    const work = readTemplates(parts, place)
      .then((read) => log.info({ channel: place.channelId, ...read }, 'the templates were asked for'))
      .catch((error: unknown) => log.error({ err: traceOf(error), channel: place.channelId }, 'asking for templates'))
      .finally(() => void background.delete(work))
    background.add(work)
  }

  /** @throws when there is no such channel */
  async function view({ teamId, channelId }: ChannelPlace): Promise<ChannelView> {
    const channel = await core.row(teamId, 'channel', channelId)
    if (!channel) throw new Error('a channel that was just changed is not there')
    return viewOf(parts, teamId, channel)
  }
  const placeOf = ({ teamId }: Identity, channelId: ChannelId): ChannelPlace => ({ teamId, channelId })
  const ask = (
    identity: Identity,
    channelId: ChannelId,
    name: Parameters<typeof mayAsk>[3],
    limit: keyof typeof limits,
  ) => mayAsk(parts, identity, channelId, name, () => tooMany(limits[limit], `${identity.teamId} ${channelId}`))

  const known = signedIn(auth)
  const small = bodyLimit({
    maxSize: BODY_MAX,
    onError: (c) => refuseWith(c, refuse('request.tooLarge', { max: BODY_MAX })),
  })
  const routes = new Hono<SignedIn>()
    .get('/channels/settings', known, async (c) => {
      const { teamId, memberId } = c.get('identity')
      const refusal = whyNot(await core.row(teamId, 'member', memberId))
      if (refusal) return refuseWith(c, refusal)
      const channels = await readAll(core.db, teamId, 'channel')
      return c.json({ channels: await Promise.all(channels.map((channel) => viewOf(parts, teamId, channel))) })
    })
    .post('/channels', known, small, checked('json', ChannelAdd), async (c) => {
      const identity = c.get('identity')
      const given = c.req.valid('json')
      const added = await core.memberNow(identity, 'channel.add', given)
      return added.ok ? c.json(await view(placeOf(identity, given.channelId))) : refuseWith(c, added.refusal)
    })
    .patch('/channels/:id', known, small, checked('param', Param), checked('json', ChannelChange), async (c) => {
      const identity = c.get('identity')
      const channelId = c.req.valid('param').id
      const changed = await core.memberNow(identity, 'channel.configure', { channelId, ...c.req.valid('json') })
      return changed.ok ? c.json(await view(placeOf(identity, channelId))) : refuseWith(c, changed.refusal)
    })
    .put('/channels/:id/account', known, small, checked('param', Param), checked('json', AccountFields), async (c) => {
      const identity = c.get('identity')
      const place = placeOf(identity, c.req.valid('param').id)
      const refusal = await connectAccount(parts, identity, place.channelId, c.req.valid('json'))
      if (refusal) return refuseWith(c, refusal)
      const now = await view(place)
      if (CAPABILITIES[now.channel.kind].templates) readInBackground(place)
      return c.json(now)
    })
    .delete('/channels/:id/account', known, checked('param', Param), async (c) => {
      const identity = c.get('identity')
      const place = placeOf(identity, c.req.valid('param').id)
      const refusal = await disconnectAccount(parts, identity, place.channelId)
      return refusal ? refuseWith(c, refusal) : c.json(await view(place))
    })
    .post('/channels/:id/check', known, checked('param', Param), async (c) => {
      const place = placeOf(c.get('identity'), c.req.valid('param').id)
      const refusal = await ask(c.get('identity'), place.channelId, 'channel.check', 'check')
      if (refusal) return refuseWith(c, refusal)
      const steps = await checkAccount(parts, place)
      return c.json({ steps, view: await view(place) } satisfies ChannelCheck)
    })
    .post('/channels/:id/templates', known, checked('param', Param), async (c) => {
      const place = placeOf(c.get('identity'), c.req.valid('param').id)
      const refusal = await ask(c.get('identity'), place.channelId, 'channel.readTemplates', 'templates')
      if (refusal) return refuseWith(c, refusal)
      const read = await readTemplates(parts, place)
      return c.json((read.ok ? { ...read, view: await view(place) } : read) satisfies TemplateRefresh)
    })
  return {
    routes,
    async settled() {
      while (background.size > 0) await Promise.all(background)
    },
  }
}

async function tooMany(limiter: RateLimiterMemory, key: string): Promise<Refusal | null> {
  try {
    await limiter.consume(key)
    return null
  } catch (error) {
    // The library rejects with its answer when there are no points left, and with an Error for a fault.
    if (!(error instanceof RateLimiterRes)) throw error
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
    return refuse('request.tooMany', { seconds }, { instead: 'wait' })
  }
}
