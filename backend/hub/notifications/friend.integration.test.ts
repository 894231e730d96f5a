import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HOURS, PHONE, TEXT, endWorlds, startNotifyWorld } from '../../../tests/notifications/world.ts'
import type { NotifyWorld } from '../../../tests/notifications/world.ts'
import { ContactId } from '../../domain/ids.ts'
import { makeLink, readLink } from './friend-link.ts'
import { PUBLIC_URL, RIVAL, SHOP } from './sample-notifications.ts'

const TOKEN = { path: /^\/oauth2\/v2\.1\/token$/ }
const VERIFY = { path: /^\/oauth2\/v2\.1\/verify$/ }

let world: NotifyWorld
beforeEach(async () => {
  world = await startNotifyWorld()
})
afterEach(() => world.close())
afterAll(endWorlds)

/** A phone's browser: it follows no redirect by itself and keeps its cookies. */
class Browser {
  #cookie = ''
  readonly #language: string

  constructor(language = 'zh-TW') {
    this.#language = language
  }

  /** @param address at the hub's public address */
  async open(address: string, method = 'GET') {
    const path = address.replace(PUBLIC_URL, '')
    const answer = await fetch(world.hub.url + path, {
      method,
      redirect: 'manual',
      headers: { 'accept-language': this.#language, ...(this.#cookie ? { cookie: this.#cookie } : {}) },
    })
    for (const given of answer.headers.getSetCookie()) {
      expect(given).toMatch(/HttpOnly|Max-Age=0/)
      this.#cookie = /Max-Age=0/.test(given) ? '' : (given.split(';')[0] ?? '')
    }
    return { status: answer.status, headers: answer.headers, html: await answer.text() }
  }

  /** From the page of the link on to LINE. */
  async goOn(link: string): Promise<string> {
    const { status, headers } = await this.open(link, 'POST')
    expect(status).toBe(303)
    return headers.get('location') ?? ''
  }
}

/** Sends a SMS with a link, and gives back the link. */
async function link(idempotencyKey = 'order-1', phone = PHONE): Promise<string> {
  await world.send({ sms: '請加好友', addFriendLink: true, phone }, idempotencyKey)
  await world.sweep()
  const text = world.smsTo(phone).at(-1) ?? ''
  const [words, address = ''] = text.split('\n')
  expect(words).toBe('請加好友')
  return address
}

async function contactOf(user: { id: string }, team = SHOP) {
  const { rows } = await world.database.executeSql(`select id from contact where external_id = $1`, [user.id])
  const [row] = z.array(z.object({ id: z.string() })).parse(rows)
  return row && world.hub.core.row(team, 'contact', ContactId.parse(row.id))
}

const title = (html: string) => /<h1>(.*)<\/h1>/.exec(html)?.[1]

describe('an add-friend link', () => {
  it('[NTF-5] a customer who adds the account through it gets LINE UID and phone matched, and is pushed to from then on', async () => {
    const address = await link()
    expect(address).toMatch(/^https:\/\/hub\.example\/f\/[\w-]{60,100}$/)
    expect(address).not.toContain('912345678')
    const browser = new Browser()
    const page = await browser.open(address)
    expect([page.status, title(page.html)]).toEqual([200, '加入 LINE 好友'])
    expect(page.html).toContain('好日子')
    expect(page.html).toContain('••••••678')
    expect(page.html).not.toMatch(/912345|<script|https?:/)

    const ann = world.shop.addUser({ name: 'Ann' })
    const login = await browser.goOn(address)
    const asked = new URL(login)
    expect(asked.origin + asked.pathname).toBe('https://access.line.me/oauth2/v2.1/authorize')
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: world.shop.loginChannelId,
      redirect_uri: `${PUBLIC_URL}/f/back`,
      bot_prompt: 'aggressive',
      nonce: expect.stringMatching(/^.{32}$/),
      state: expect.stringMatching(/^.{32}$/),
    })
    const done = await browser.open(world.shop.logIn(ann, login))
    expect([done.status, title(done.html)]).toEqual([200, '完成了'])
    await world.settled()
    await world.sweep()
    expect(await contactOf(ann)).toMatchObject({ matchedPhone: PHONE, phone: PHONE, subscribed: true })

    const next = await world.send({}, 'order-2')
    await world.sweep()
    expect(await world.short(next)).toEqual(['sent', 'push accepted'])
    expect(world.shown(ann)).toEqual([`push: ${TEXT}`])
    expect(world.line.calls.invalid()).toEqual([])
  })

  it('[NTF-4] [NTF-5] a match waits for the contact, which comes with the follow event, also after the hub was restarted', async () => {
    const address = await link()
    const browser = new Browser('en')
    const ann = world.shop.addUser({ name: 'Ann' })
    const done = await browser.open(world.shop.logIn(ann, await browser.goOn(address), { addsFriend: false }))
    expect([done.status, title(done.html)]).toEqual([200, 'Done'])
    expect(done.html).toContain('once you have added')
    expect(await contactOf(ann)).toBeUndefined()
    const { rows } = await world.database.executeSql(`select encode(phone, 'escape') as phone from phone_match`)
    expect(JSON.stringify(rows)).not.toContain('912345678')
    await world.restart()
    world.shop.follow(ann)
    await world.settled()
    await world.sweep()
    expect(await contactOf(ann)).toMatchObject({ matchedPhone: PHONE })
    expect((await world.database.executeSql(`select phone from phone_match`)).rows).toEqual([{ phone: null }])
  })

  it('[NTF-5] a contact that was there before is matched at once', async () => {
    const ann = world.shop.addUser({ name: 'Ann' })
    world.shop.follow(ann)
    await world.settled()
    const browser = new Browser()
    const done = await browser.open(world.shop.logIn(ann, await browser.goOn(await link())))
    expect(done.html).toContain('已經與手機號碼')
    expect(await contactOf(ann)).toMatchObject({ matchedPhone: PHONE })
  })

  it('[NTF-5] is good once: for the same LINE user again it changes nothing, for another it is refused', async () => {
    const address = await link()
    const [ann, eve] = [world.shop.addUser({ name: 'Ann' }), world.shop.addUser({ name: 'Eve' })]
    const through = async (user: typeof ann) => {
      const browser = new Browser()
      return browser.open(world.shop.logIn(user, await browser.goOn(address)))
    }
    expect((await through(ann)).status).toBe(200)
    expect((await through(ann)).status).toBe(200)
    const refused = await through(eve)
    expect([refused.status, title(refused.html)]).toEqual([410, '連結已經用過'])
    await world.settled()
    await world.sweep()
    expect(await contactOf(ann)).toMatchObject({ matchedPhone: PHONE })
    expect(await contactOf(eve)).toMatchObject({ matchedPhone: null })
  })

  it('[NTF-5] expires after 30 days', async () => {
    const address = await link()
    world.clock.now += 30 * 24 * HOURS - 1_000
    expect((await new Browser().open(address)).status).toBe(200)
    world.clock.now += 1_000
    for (const method of ['GET', 'POST']) {
      const page = await new Browser().open(address, method)
      expect([page.status, title(page.html)]).toEqual([410, '連結已過期'])
    }
  })

  it('[NTF-5] that was changed, or made by somebody else, is refused', async () => {
    const address = await link()
    const token = address.split('/').at(-1) ?? ''
    const bytes = Buffer.from(token, 'base64url')
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const page = await new Browser().open(`/f/${changed.toString('base64url')}`)
      expect([at, page.status, title(page.html)]).toEqual([at, 404, '連結無法辨識'])
    }
    const other = makeLink(Buffer.alloc(32, 9), { id: 'A'.repeat(22), phone: PHONE, until: world.clock.now + HOURS })
    for (const bad of [other, token.slice(0, -1), `${token}A`, 'x', '%00', 'x'.repeat(3_000), '..%2f..%2fetc']) {
      expect((await new Browser().open(`/f/${bad}`)).status).toBe(404)
    }
  })

  it('[NTF-5] one team’s link, and its login, are no good for another’s', async () => {
    const { key } = await world.makeKey('rival/admin')
    await world.hub.as('rival/admin', '/notifications/sms', {
      method: 'PUT',
      body: JSON.stringify({ url: world.sms.url, token: 'token-of-the-sms-provider', fields: FIELDS }),
    })
    const ours = await link()
    await world.post({ phone: '+886987654321', text: TEXT, addFriendLink: true }, { as: key })
    await world.sweep()
    const theirs = world.smsTo('+886987654321')[0]?.split('\n')[1] ?? ''
    expect((await new Browser().open(theirs)).html).toContain('別家')

    // Somebody who came by our link comes back with what LINE gave for theirs.
    const [browser, other] = [new Browser(), new Browser()]
    const eve = world.rival.addUser({ name: 'Eve' })
    const [atOurs, atTheirs] = [new URL(await browser.goOn(ours)), await other.goOn(theirs)]
    const back = new URL(world.rival.logIn(eve, atTheirs))
    expect(title((await browser.open(back.href)).html)).toBe('請重新開始')
    await browser.goOn(ours)
    back.searchParams.set('state', atOurs.searchParams.get('state') ?? '')
    expect(title((await browser.open(back.href)).html)).toBe('請重新開始')
    expect((await world.database.executeSql(`select * from phone_match`)).rows).toEqual([])
    expect((await other.open(world.rival.logIn(eve, atTheirs))).status).toBe(200)
    expect((await world.database.executeSql(`select team_id from phone_match`)).rows).toEqual([{ team_id: RIVAL }])
  })

  it('[NTF-5] only the ID token that LINE vouches for, made for this very visit, counts', async () => {
    const address = await link()
    const ann = world.shop.addUser({ name: 'Ann' })
    const withToken = async (idToken: string) => {
      const browser = new Browser()
      const login = new URL(await browser.goOn(address))
      const code = world.shop.loginCodes.add(idToken, `${PUBLIC_URL}/f/back`, world.clock.now)
      return browser.open(`/f/back?code=${code}&state=${login.searchParams.get('state')}`)
    }
    for (const idToken of [
      world.shop.idToken(ann),
      world.shop.idToken(ann, { nonce: 'of another visit' }),
      world.shop.idToken(ann, { expired: true }),
      world.rival.idToken(world.rival.addUser()),
      'forged.by.somebody',
    ]) {
      expect((await withToken(idToken)).status).toBe(400)
    }
    expect((await world.database.executeSql(`select * from phone_match`)).rows).toEqual([])
  })

  it('[NTF-5] coming back without having gone, from another browser, twice, or too late, matches nobody', async () => {
    const address = await link()
    const ann = world.shop.addUser({ name: 'Ann' })
    const browser = new Browser()
    const login = await browser.goOn(address)
    const back = world.shop.logIn(ann, login)
    for (const [who, where] of [
      [new Browser(), back],
      [browser, '/f/back'],
      [browser, '/f/back?code=x&state=y'],
    ] as const) {
      expect(title((await who.open(where)).html)).toBe('請重新開始')
    }
    world.clock.now += 10 * 60_000
    expect(title((await browser.open(back)).html)).toBe('請重新開始')
    await browser.goOn(address)
    const again = await browser.goOn(address)
    const cancelled = new URL(`${PUBLIC_URL}/f/back?error=access_denied`)
    cancelled.searchParams.set('state', new URL(again).searchParams.get('state') ?? '')
    const page = await browser.open(cancelled.href)
    expect([page.status, title(page.html)]).toEqual([200, '沒有完成'])
    expect(page.html).toContain(`href="${address.replace(PUBLIC_URL, '')}"`)
    expect((await world.database.executeSql(`select * from phone_match`)).rows).toEqual([])
  })

  it.each([
    ['token', TOKEN],
    ['verify', VERIFY],
  ])('[NTF-5] while LINE Login fails at %s nothing changes, and the page says to try again', async (_, place) => {
    const address = await link()
    const ann = world.shop.addUser({ name: 'Ann' })
    const browser = new Browser()
    world.line.faults.next(place, { type: 'answer', effect: 'none', status: 500, body: {} })
    const page = await browser.open(world.shop.logIn(ann, await browser.goOn(address)))
    expect([page.status, title(page.html)]).toEqual([503, 'LINE 暫時沒有回應'])
    expect(page.html).toContain(`href="${address.replace(PUBLIC_URL, '')}"`)
    expect((await browser.open(world.shop.logIn(ann, await browser.goOn(address)))).status).toBe(200)
  })

  it('[NTF-5] needs LINE Login: without it a link is refused when asked for, and one that was sent says so', async () => {
    const address = await link()
    await world.hub.connect({ loginChannelSecret: '' })
    const answer = await world.post({ phone: PHONE, text: TEXT, addFriendLink: true }, { idempotencyKey: 'b' })
    expect([answer.status, await answer.json()]).toMatchObject([409, { error: { code: 'notification.noLogin' } }])
    const page = await new Browser().open(address)
    expect([page.status, title(page.html)]).toEqual([409, '目前無法加入'])
  })

  it('[NTF-5] the newest match of a number is the one that is pushed to', async () => {
    const [first, second] = [world.shop.addUser({ name: 'First' }), world.shop.addUser({ name: 'Second' })]
    for (const [n, user] of [first, second].entries()) {
      const browser = new Browser()
      await browser.open(world.shop.logIn(user, await browser.goOn(await link(`order-${n}`, n === 0 ? PHONE : PHONE))))
      await world.settled()
      await world.sweep()
      world.clock.now += HOURS
      // What comes next is to go by SMS again, so that it has a link.
      if (n === 0) world.shop.sending.monthlyQuota = 0
    }
    world.shop.sending.monthlyQuota = null
    const id = await world.send({}, 'last')
    await world.sweep()
    expect(await world.short(id)).toEqual(['sent', 'push accepted'])
    expect(world.shown(second)).toEqual([`push: ${TEXT}`])
  })

  it('its pages let nothing in, and tell nobody where they were', async () => {
    const page = await new Browser().open(await link())
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self' https://access.line.me")
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect((await new Browser().open('/f/page.css')).headers.get('content-type')).toContain('text/css')
  })
})

describe('friends after a notification', () => {
  it('[NTF-4] still become contacts, new ones and those who come back', async () => {
    const [ann, bob] = [world.shop.addUser({ name: 'Ann', phone: PHONE }), world.shop.addUser({ name: 'Bob' })]
    world.shop.follow(bob)
    world.shop.unfollow(bob)
    const id = await world.send()
    await world.sweep()
    await world.settled()
    await world.sweep()
    expect((await world.course(id)).state).toBe('delivered')
    expect(await contactOf(ann)).toBeUndefined()
    expect(await contactOf(bob)).toMatchObject({ subscribed: false })
    world.shop.follow(ann)
    world.shop.follow(bob, { isUnblocked: true })
    await world.settled()
    // Who they are is known, their number is not: LINE's event says nothing of it.
    expect(await contactOf(ann)).toMatchObject({ subscribed: true, platformBlockedAt: null, matchedPhone: null })
    expect(await contactOf(bob)).toMatchObject({ subscribed: true, platformBlockedAt: null })
  })
})

describe('the last part of a link', () => {
  it('[NTF-5] says the same when it is read, and is short enough for a SMS', () => {
    const key = Buffer.alloc(32, 1)
    const what = { id: 'AbCdEfGhIjKlMnOpQrStUg', phone: '+886912345678', until: 1_800_000_000_000 }
    const token = makeLink(key, what)
    expect(token.length).toBeLessThan(90)
    expect(readLink(key, token)).toEqual(what)
    expect(makeLink(key, what)).not.toBe(token)
  })
})

const FIELDS = { to: '{to}', text: '{text}', reference: '{reference}' }
