/** `/notifications/…`, for the team's members: the statistics, and what admins set up. Each change leaves an audit entry (ROL-6). */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'
import { ChannelId } from '../../domain/ids.ts'
import { KEYS_MAX, KEY_NAME_MAX, SMS_TEXT_MAX, SmsFields } from '../../domain/notifications/limits.ts'
import { mayManageNotifications, mayReadNotifications } from '../../domain/notifications/permissions.ts'
import { StatisticsQuery } from '../../domain/notifications/views.ts'
import type { NotificationSettings } from '../../domain/notifications/views.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal, Verdict } from '../../domain/refusal.ts'
import type { Member, Time } from '../../domain/rows.ts'
import { cleanName, cleanText } from '../../domain/text.ts'
import { recordEvent } from '../accounts/audit.ts'
import type { AccountEvent } from '../accounts/audit.ts'
import { checked, refuseWith, signedIn } from '../answer.ts'
import type { Connections } from '../channels/connections.ts'
import type { Authenticator, HubCore, HubTransaction, Identity } from '../core.ts'
import { lineChannels } from './accept.ts'
import { listKeys, makeKey, revokeKey } from './keys.ts'
import { moduleMissing } from './module.ts'
import { normalisePhone } from './phone.ts'
import type { NotificationSettingsStore } from './settings-store.ts'
import { isSmsAddress, sendSms } from './sms.ts'
import { statisticsOf } from './statistics.ts'

const BODY_MAX = 32 * 1024
/** Tests of the SMS provider that a team may make within ten minutes: each costs money and reaches a phone. */
const TESTS = { points: 10, duration: 600 }

const KeyName = z.strictObject({ name: z.string().max(KEY_NAME_MAX) })
const KeyParam = z.object({ id: z.string().regex(/^[\w-]{16}$/) })
const Provider = z.strictObject({
  url: z.string().max(2_000),
  /** Not given: the one there is. */
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,1000}$/)
    .optional(),
  fields: SmsFields,
})
const Test = z.strictObject({ phone: z.string().max(100), text: z.string().max(2_000) })
const Choice = z.strictObject({ channelId: ChannelId.nullable() })

export type TeamParts = {
  core: Pick<HubCore, 'db' | 'row'>
  settings: NotificationSettingsStore
  connections: Pick<Connections, 'of'>
  authenticator: Authenticator
  publicUrl: () => string
  clock: () => Time
  smsTimeout?: number
}
type Change<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

export function teamRoutes(parts: TeamParts) {
  const { core, settings, connections, authenticator, publicUrl, clock } = parts
  const { db } = core
  const tests = new RateLimiterMemory(TESTS)
  const known = signedIn(authenticator)
  const small = bodyLimit({
    maxSize: BODY_MAX,
    onError: (c) => refuseWith(c, refuse('request.tooLarge', { max: BODY_MAX })),
  })

  const against = async (identity: Identity, may: (member: Member) => Verdict): Promise<Refusal | null> => {
    const member = await core.row(identity.teamId, 'member', identity.memberId)
    if (!member?.active) return refuse('signIn.inactive', {})
    const missing = await moduleMissing(db, identity.teamId)
    if (missing) return missing
    const verdict = may(member)
    return verdict.allowed ? null : verdict.refusal
  }

  /** Changes something as an admin, with its audit entry in the same transaction; a refusal leaves one too. */
  async function change<T>(
    identity: Identity,
    what: AccountEvent['what'],
    subject: string | null,
    work: (trx: HubTransaction) => Promise<Change<T>>,
  ): Promise<Change<T>> {
    const refusal = await against(identity, mayManageNotifications)
    return db.transaction().execute(async (trx) => {
      const result: Change<T> = refusal ? { ok: false, refusal } : await work(trx)
      const refused = result.ok ? null : result.refusal.code
      await recordEvent(trx, { ...identity, what, subject, refused }, clock())
      return result
    })
  }

  async function shown(identity: Identity): Promise<NotificationSettings> {
    const { teamId } = identity
    const sms = await settings.sms(teamId)
    const channels = await lineChannels(db, teamId)
    return {
      keys: await listKeys(db, teamId),
      sms: sms && { url: sms.url, fields: { ...sms.fields } },
      channelId: await settings.channelId(teamId),
      channels: await Promise.all(
        channels.map(async ({ id, name }) => {
          const connected = await connections.of({ teamId, channelId: id })
          return { id, name, login: (connected?.connection.notices?.login ?? null) !== null }
        }),
      ),
      sendUrl: `${publicUrl()}/v1/notifications`,
      callbackUrl: `${publicUrl()}/f/back`,
    }
  }

  return new Hono()
    .get('/notifications/statistics', known, checked('query', StatisticsQuery), async (c) => {
      const identity = c.get('identity')
      const refusal = await against(identity, mayReadNotifications)
      if (refusal) return refuseWith(c, refusal)
      const team = await core.row(identity.teamId, 'team', identity.teamId)
      return c.json(await statisticsOf(db, identity.teamId, team?.timeZone ?? 'Asia/Taipei', c.req.valid('query')))
    })
    .get('/notifications/settings', known, async (c) => {
      const refusal = await against(c.get('identity'), mayManageNotifications)
      return refusal ? refuseWith(c, refusal) : c.json(await shown(c.get('identity')))
    })
    .post('/notifications/keys', known, small, checked('json', KeyName), async (c) => {
      const identity = c.get('identity')
      const { teamId, memberId: by } = identity
      const name = cleanName(c.req.valid('json').name)
      const made = await change(identity, 'notificationKey.make', null, async (trx) => {
        if (name === '') return no(refuse('text.empty', {}))
        const inUse = (await listKeys(trx, teamId)).filter(({ revokedAt }) => revokedAt === null)
        if (inUse.length >= KEYS_MAX) return no(refuse('notification.keys', { max: KEYS_MAX }))
        return yes(await makeKey(trx, { teamId, name, by, now: clock() }))
      })
      c.header('cache-control', 'no-store')
      return made.ok ? c.json(made.value, 201) : refuseWith(c, made.refusal)
    })
    .post('/notifications/keys/:id/revoke', known, checked('param', KeyParam), async (c) => {
      const identity = c.get('identity')
      const { id } = c.req.valid('param')
      const done = await change(identity, 'notificationKey.revoke', id, async (trx) =>
        (await revokeKey(trx, identity.teamId, id, clock())) ? yes({}) : no(refuse('request.notFound', {})),
      )
      return done.ok ? c.json({}) : refuseWith(c, done.refusal)
    })
    .put('/notifications/sms', known, small, checked('json', Provider), async (c) => {
      const identity = c.get('identity')
      const { url, token: given, fields } = c.req.valid('json')
      const before = await settings.sms(identity.teamId)
      // Only where it was given for: another address could be anybody's.
      const token = given ?? (before && sameOrigin(before.url, url) ? before.token : undefined)
      const done = await change(identity, 'smsProvider.change', null, async (trx) => {
        if (!isSmsAddress(url)) return no(refuse('sms.address', {}))
        if (token === undefined) return no(refuse('request.invalid', { field: 'token' }))
        await settings.setSms(trx, identity.teamId, { url, token, fields })
        return yes({})
      })
      return done.ok ? c.json({}) : refuseWith(c, done.refusal)
    })
    .delete('/notifications/sms', known, async (c) => {
      const identity = c.get('identity')
      const done = await change(identity, 'smsProvider.remove', null, async (trx) => {
        await settings.setSms(trx, identity.teamId, null)
        return yes({})
      })
      return done.ok ? c.json({}) : refuseWith(c, done.refusal)
    })
    .post('/notifications/sms/test', known, small, checked('json', Test), async (c) => {
      const identity = c.get('identity')
      const { phone, text } = c.req.valid('json')
      const to = normalisePhone(phone)
      const allowed = await change(identity, 'smsProvider.test', null, async () =>
        to === null ? no(refuse('notification.phone', {})) : yes(to),
      )
      if (!allowed.ok) return refuseWith(c, allowed.refusal)
      const words = cleanText(text).trim()
      if (words === '') return refuseWith(c, refuse('text.empty', {}))
      if (words.length > SMS_TEXT_MAX) {
        return refuseWith(c, refuse('text.tooLong', { length: words.length, max: SMS_TEXT_MAX }))
      }
      const wait = await secondsToWait(tests, identity.teamId)
      if (wait > 0) return refuseWith(c, refuse('request.tooMany', { seconds: wait }, { instead: 'wait' }))
      const provider = await settings.sms(identity.teamId)
      if (!provider) return refuseWith(c, refuse('sms.unconfigured', {}))
      const sent = await sendSms(
        provider,
        { to: allowed.value, text: words, reference: `test-${randomUUID()}` },
        parts.smsTimeout,
      )
      if (sent.type === 'accepted') return c.json({})
      const { status } = sent
      return refuseWith(c, status === undefined ? refuse('sms.unreachable', {}) : refuse('sms.refused', { status }))
    })
    .put('/notifications/channel', known, small, checked('json', Choice), async (c) => {
      const identity = c.get('identity')
      const { channelId } = c.req.valid('json')
      const channels = await lineChannels(db, identity.teamId)
      const done = await change(identity, 'notification.chooseChannel', channelId, async (trx) => {
        if (channelId !== null && !channels.some(({ id }) => id === channelId)) {
          return no(refuse('notification.channel', {}, { instead: 'choose-other' }))
        }
        await settings.setChannel(trx, identity.teamId, channelId)
        return yes({})
      })
      return done.ok ? c.json({}) : refuseWith(c, done.refusal)
    })
}

function yes<T>(value: T): { ok: true; value: T } {
  return { ok: true, value }
}
function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}

function sameOrigin(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)]
  return a !== null && b !== null && a.origin === b.origin
}

async function secondsToWait(limiter: RateLimiterMemory, of: string): Promise<number> {
  try {
    await limiter.consume(of)
    return 0
  } catch (error) {
    // The library rejects with its answer when there are no points left, and with an Error for a fault.
    if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1_000))
    throw error
  }
}
