/**
 * The way of an add-friend link (NTF-5): `/f/:token` says what it is for, LINE Login says who has come and offers to add the
 * account, and `/f/back` matches that LINE user with the link's phone number. Only LINE's word counts for who it is.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Logger } from 'pino'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import type { ChannelId, TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import { seal, unseal } from '../accounts/seal.ts'
import type { Connections } from '../channels/connections.ts'
import { TryLater } from '../channels/platform.ts'
import type { Login } from '../channels/platform.ts'
import type { HubCore } from '../core.ts'
import { readLink } from './friend-link.ts'
import { FRIEND_PAGE_CSS, friendPageHeaders, friendPageHtml } from './friend-page.ts'
import type { FriendPage } from './friend-page.ts'
import type { PhoneMatches } from './matches.ts'
import { maskedPhone } from './phone.ts'
import type { NotificationStore } from './store.ts'

const COOKIE = 'countertop_friend'
const COOKIE_CONTEXT = 'friend login'
/** How long somebody may take at LINE, in ms. */
const LOGIN_WITHIN = 10 * 60 * 1000
/** Pages a minute from one IP address. */
const PER_IP = { points: 60, duration: 60 }

/** What the browser keeps while its user is at LINE, sealed. */
const Going = z.strictObject({ token: z.string(), state: z.string(), nonce: z.string(), until: z.number() })
type Going = z.infer<typeof Going>

export type FriendParts = {
  core: Pick<HubCore, 'row'>
  store: Pick<NotificationStore, 'ofLink'>
  matches: PhoneMatches
  connections: Pick<Connections, 'of'>
  keys: { link: Uint8Array }
  publicUrl: () => string
  ipOf(request: { raw: Request; env: unknown }): string
  log: Logger
  clock: () => Time
}

/** A link that is good. */
type Good = { id: string; phone: string; teamId: TeamId; channelId: ChannelId; login: Login; team: string }
type Status = 200 | 400 | 404 | 409 | 410 | 429 | 503

export function friendRoutes(parts: FriendParts) {
  const { core, matches, keys, publicUrl, clock, log, ipOf } = parts
  const perIp = new RateLimiterMemory(PER_IP)
  const returnTo = () => `${publicUrl()}/f/back`

  const show = (c: Context, page: FriendPage, status: Status, loginOrigin: string | null = null) =>
    c.body(friendPageHtml(page, c.req.header('accept-language')), status, friendPageHeaders(loginOrigin))

  async function isTooMany(c: Context): Promise<boolean> {
    const { consumedPoints } = await perIp.penalty(ipOf({ raw: c.req.raw, env: c.env }))
    return consumedPoints > PER_IP.points
  }

  /** The link of the token, or the page that says why it is not good. */
  async function look(token: string): Promise<Good | { page: FriendPage; status: Status }> {
    const link = readLink(keys.link, token)
    if (!link) return { page: { kind: 'broken', again: null }, status: 404 }
    const of = clock() < link.until ? await parts.store.ofLink(link.id) : null
    if (!of) return { page: { kind: 'expired', again: null }, status: 410 }
    const connected = await parts.connections.of(of)
    const login = connected?.connection.notices?.login
    const team = await core.row(of.teamId, 'team', of.teamId)
    if (!login || !team) return { page: { kind: 'closed', again: null }, status: 409 }
    return { ...of, id: link.id, phone: link.phone, login, team: team.name }
  }

  return new Hono()
    .get('/f/page.css', (c) =>
      c.body(FRIEND_PAGE_CSS, 200, {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'public, max-age=3600',
      }),
    )
    .get('/f/back', async (c) => {
      if (await isTooMany(c)) return show(c, { kind: 'notNow', again: null }, 429)
      const going = readGoing(keys.link, getCookie(c, COOKIE))
      const { code, state, error } = c.req.query()
      if (!going || going.until <= clock() || !isSame(state ?? '', going.state)) {
        return show(c, { kind: 'elsewhere', again: null }, 400)
      }
      deleteCookie(c, COOKIE, { path: '/f' })
      const again = `/f/${going.token}`
      const good = await look(going.token)
      if ('page' in good) return show(c, good.page, good.status)
      if (error !== undefined || !code || code.length > 500) return show(c, { kind: 'cancelled', again }, 200)
      try {
        const who = await good.login.whoIs({ code, returnTo: returnTo(), nonce: going.nonce })
        if (who === null) return show(c, { kind: 'elsewhere', again }, 400)
        return await match(c, good, who)
      } catch (failure) {
        if (!(failure instanceof TryLater)) throw failure
        log.warn({ channel: good.channelId, why: failure.message }, 'friend link: LINE Login did not answer')
        return show(c, { kind: 'notNow', again }, 503)
      }
    })
    .get('/f/:token', async (c) => {
      if (await isTooMany(c)) return show(c, { kind: 'notNow', again: null }, 429)
      const token = c.req.param('token')
      const good = await look(token)
      if ('page' in good) return show(c, good.page, good.status)
      const { team, phone, login } = good
      const origin = new URL(login.address({ returnTo: returnTo(), state: '', nonce: '' })).origin
      return show(c, { kind: 'begin', team, phone: maskedPhone(phone), action: `/f/${token}` }, 200, origin)
    })
    .post('/f/:token', async (c) => {
      if (await isTooMany(c)) return show(c, { kind: 'notNow', again: null }, 429)
      const token = c.req.param('token')
      const good = await look(token)
      if ('page' in good) return show(c, good.page, good.status)
      const random = () => randomBytes(24).toString('base64url')
      const going: Going = { token, state: random(), nonce: random(), until: clock() + LOGIN_WITHIN }
      setCookie(c, COOKIE, writeGoing(keys.link, going), {
        path: '/f',
        httpOnly: true,
        // Sent along when LINE sends the browser back.
        sameSite: 'Lax',
        secure: publicUrl().startsWith('https:'),
        maxAge: LOGIN_WITHIN / 1_000,
      })
      return c.redirect(good.login.address({ returnTo: returnTo(), state: going.state, nonce: going.nonce }), 303)
    })

  async function match(c: Context, { teamId, channelId, id, phone, team }: Good, externalId: string) {
    const isTheirs = await matches.add({ teamId, channelId, notificationId: id, externalId, phone }, clock())
    if (!isTheirs) return show(c, { kind: 'used', again: null }, 410)
    await matches.apply(clock())
    const known = await matches.isApplied(teamId, id)
    return show(c, { kind: 'done', team, phone: maskedPhone(phone), known }, 200)
  }
}

function writeGoing(key: Uint8Array, going: Going): string {
  return Buffer.from(seal(key, Buffer.from(JSON.stringify(going)), COOKIE_CONTEXT)).toString('base64url')
}

/** Null for what this hub did not write. */
function readGoing(key: Uint8Array, cookie: string | undefined): Going | null {
  if (!cookie || !/^[\w-]{60,2000}$/.test(cookie)) return null
  try {
    const opened = unseal(key, Buffer.from(cookie, 'base64url'), COOKIE_CONTEXT)
    return Going.parse(JSON.parse(Buffer.from(opened).toString()))
  } catch {
    // Somebody else's, or changed: as good as none, which the page says.
    return null
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
