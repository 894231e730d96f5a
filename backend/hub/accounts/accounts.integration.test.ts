import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SignJWT, UnsecuredJWT } from 'jose'
import { sql } from 'kysely'
import { Session } from '../../sync/protocol.ts'
import { MemberId } from '../../domain/ids.ts'
import { PASSWORD, SHOP, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'
import { csvField } from './audit.ts'
import { ATTEMPTS, WINDOW } from './limits.ts'
import { HubSecret } from './secret.ts'
import { GRACE } from './session.ts'
import { SESSION_LIFE } from './sign-in.ts'
import { ACCESS_LIFE } from './token.ts'

let hub: SampleHub
beforeAll(async () => {
  hub = await openSampleHub()
}, 60_000)
afterAll(() => hub.close())

const codeOf = async (response: Response) => {
  const body: unknown = await response.json()
  return [response.status, Object.getOwnPropertyDescriptor(Object(Object(body).error), 'code')?.value]
}
const refresh = (refreshToken: string) => hub.post('/auth/refresh', { refreshToken })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const get = (path: string, token: string) => hub.app.request(path, { headers: bearer(token) })

/** Runs at a later time, and comes back to the one before. */
async function later<T>(ms: number, work: () => T | Promise<T>): Promise<T> {
  hub.clock.now += ms
  try {
    return await work()
  } finally {
    hub.clock.now -= ms
  }
}

describe('signing in', () => {
  it('gives a session; the same member and workstation keep client and store key, another workstation gets its own', async () => {
    const first = Session.parse(await (await hub.signIn('  Admin@Shop.Example ')).json())
    expect(first).toMatchObject({ teamId: 'shop', member: { id: 'admin' }, lastClientSeq: 0 })
    expect(Buffer.from(first.storeKey, 'base64')).toHaveLength(32)
    expect(first.accessExpiresAt - first.hubTime).toBeLessThanOrEqual(ACCESS_LIFE)

    const again = await hub.session('admin')
    expect([again.clientId, again.storeKey]).toEqual([first.clientId, first.storeKey])
    expect(again.refreshToken).not.toBe(first.refreshToken)
    const other = await hub.session('admin', 'counter-2')
    expect(other.clientId).not.toBe(first.clientId)
    expect(other.storeKey).not.toBe(first.storeKey)
  })

  it('says how far the queue of the client has come', async () => {
    const session = await hub.session('supervisor')
    await hub.db
      .insertInto('client_progress')
      .values({ team_id: SHOP, client_id: session.clientId, last_seq: 41 })
      .execute()
    expect((await hub.session('supervisor')).lastClientSeq).toBe(41)
  })

  it('keeps neither passwords, tokens nor store keys in clear', async () => {
    const session = await hub.session('admin')
    const { rows } = await sql<{ all: string }>`
      select (select string_agg(account::text, ' ') from account)
        || (select string_agg(client::text, ' ') from client)
        || (select string_agg(session::text, ' ') from session) as all`.execute(hub.db)
    const stored = rows[0]?.all ?? ''
    expect(stored).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
    for (const secret of [PASSWORD, session.refreshToken.split('.')[2] ?? '', session.storeKey]) {
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(Buffer.from(secret, 'base64').toString('hex'))
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  it('answers a wrong password and an unknown address alike, after like work', async () => {
    const headers = { 'x-test-ip': '192.0.2.20' }
    const time = async (email: string) => {
      const begun = performance.now()
      expect(await codeOf(await hub.signIn(email, { password: 'wrong' }, headers))).toEqual([401, 'signIn.wrong'])
      return performance.now() - begun
    }
    await time('supervisor@shop.example')
    const known: number[] = []
    const unknown: number[] = []
    for (let n = 0; n < 5; n++) {
      known.push(await time('supervisor@shop.example'))
      unknown.push(await time(`nobody-${n}@shop.example`))
    }
    await hub.session('supervisor')
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3)
  })

  it('refuses another protocol, an inactive member, and a malformed or too large request', async () => {
    expect(await codeOf(await hub.signIn('admin@shop.example', { protocol: 99 }))).toEqual([426, 'hub.protocol'])
    expect(await codeOf(await hub.signIn('admin\0@shop.example'))).toEqual([401, 'signIn.wrong'])
    const odd = { id: 'odd-name-1', name: 'till\0 \u202eone' }
    expect((await hub.signIn('admin@shop.example', { workstation: odd })).status).toBe(200)
    expect(await codeOf(await hub.signIn('admin@shop.example', { extra: 1 }))).toEqual([400, 'request.invalid'])
    expect(await codeOf(await hub.signIn('admin@shop.example', { password: 'x'.repeat(20_000) }))).toEqual([
      413,
      'request.tooLarge',
    ])
    const garbage = await hub.app.request('/auth/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email',
    })
    expect(await codeOf(garbage)).toEqual([400, 'request.invalid'])

    const session = await hub.session('salesperson')
    await setActive('salesperson', false)
    expect(await codeOf(await hub.signIn('salesperson@shop.example'))).toEqual([401, 'signIn.inactive'])
    expect(await codeOf(await refresh(session.refreshToken))).toEqual([401, 'signIn.inactive'])
    expect(await codeOf(await get('/workstations', session.accessToken))).toEqual([401, 'signIn.inactive'])
    await setActive('salesperson', true)
    expect((await refresh(session.refreshToken)).status).toBe(200)
  })

  it('slows guessing down by address and by IP, attempts at the same time included, until the window is over', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const wrong = (email: string, ip: string) => hub.signIn(email, { password: 'guess' }, { 'x-test-ip': ip })
      const victim = 'cs_agent@shop.example'
      const many = await Promise.all(
        Array.from({ length: ATTEMPTS.email + 2 }, async (_, n) => (await wrong(victim, `198.51.100.${n}`)).status),
      )
      expect(many.sort()).toEqual([...Array.from({ length: ATTEMPTS.email }, () => 401), 429, 429])
      const slowed = await hub.signIn(victim)
      expect(slowed.headers.get('retry-after')).toBe(String(WINDOW))
      expect(await codeOf(slowed)).toEqual([429, 'signIn.slowed'])
      expect((await hub.signIn('admin@shop.example')).status).toBe(200)
      vi.setSystemTime(Date.now() + WINDOW * 1000 - 1_000)
      expect((await hub.signIn(victim)).status).toBe(429)
      vi.setSystemTime(Date.now() + 1_001)
      expect((await hub.signIn(victim)).status).toBe(200)

      const ip = '203.0.113.9'
      for (let n = 0; n < ATTEMPTS.ip; n++) expect((await wrong(`guess-${n}@shop.example`, ip)).status).toBe(401)
      expect((await wrong('another@shop.example', ip)).status).toBe(429)
      expect((await wrong('another@shop.example', '203.0.113.10')).status).toBe(401)
    } finally {
      vi.useRealTimers()
    }
  }, 60_000)
})

describe('access tokens', () => {
  it('are good for a quarter of an hour', async () => {
    const { accessToken } = await hub.session('admin')
    expect((await later(ACCESS_LIFE - 2_000, () => get('/workstations', accessToken))).status).toBe(200)
    expect(await codeOf(await later(ACCESS_LIFE + 1_000, () => get('/workstations', accessToken)))).toEqual([
      401,
      'session.expired',
    ])
  })

  it('are refused when forged: another key, no signature, another algorithm, changed claims, none', async () => {
    const { accessToken } = await hub.session('admin')
    const [header, claims = '', signature] = accessToken.split('.')
    const payload: Record<string, unknown> = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const changed = Buffer.from(JSON.stringify({ ...payload, member: 'supervisor' })).toString('base64url')
    const forged = [
      await new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32, 8)),
      await new SignJWT(payload)
        .setProtectedHeader({ alg: 'HS512' })
        .sign(new HubSecret(Buffer.alloc(32, 7)).key('access-token')),
      new UnsecuredJWT(payload).encode(),
      `${header}.${changed}.${signature}`,
      'nonsense',
      '',
    ]
    for (const token of forged) {
      expect(await codeOf(await get('/workstations', token))).toEqual([401, 'request.unauthorised'])
    }
  })
})

describe('refresh tokens', () => {
  it('rotate, and each access token that follows is of the same session', async () => {
    const session = await hub.session('admin')
    const next = Session.parse(await (await refresh(session.refreshToken)).json())
    expect(next.refreshToken).not.toBe(session.refreshToken)
    expect([next.clientId, next.storeKey]).toEqual([session.clientId, session.storeKey])
    expect((await get('/workstations', next.accessToken)).status).toBe(200)
    expect((await get('/workstations', session.accessToken)).status).toBe(200)
  })

  it('the one before is still good within the grace, however many answers were lost', async () => {
    const session = await hub.session('admin')
    for (let lost = 0; lost < 3; lost++) expect((await refresh(session.refreshToken)).status).toBe(200)
    const rescued = await later(GRACE - 1_000, () => refresh(session.refreshToken))
    expect(rescued.status).toBe(200)
    const { refreshToken } = Session.parse(await rescued.json())
    expect((await refresh(refreshToken)).status).toBe(200)
  })

  it('an older one ends the session, as the one before does after the grace, whose time no use prolongs', async () => {
    for (const stolenUse of [
      // Two rotations later.
      async (token: string, next: string) => {
        await refresh(next)
        return refresh(token)
      },
      async (token: string) => {
        await later(GRACE / 2, () => refresh(token))
        return later(GRACE + 1_000, () => refresh(token))
      },
    ]) {
      const session = await hub.session('admin')
      const next = Session.parse(await (await refresh(session.refreshToken)).json())
      expect(await codeOf(await stolenUse(session.refreshToken, next.refreshToken))).toEqual([
        401,
        'session.tokenReused',
      ])
      // Thief and owner cannot be told apart: it ends for both, access tokens included.
      expect(await codeOf(await refresh(next.refreshToken))).toEqual([401, 'session.tokenReused'])
      expect(await codeOf(await get('/workstations', next.accessToken))).toEqual([401, 'session.tokenReused'])
    }
    const { clientId } = await hub.session('admin')
    expect(hub.ended).toContain(`${clientId} session.tokenReused`)
    expect(hub.endedElsewhere).toContain(`${clientId} session.tokenReused`)
    const entry = await hub.db.selectFrom('audit').selectAll().where('code', '=', 'session.tokenReused').execute()
    expect(entry).toHaveLength(2)
    expect(entry[0]).toMatchObject({ member_id: 'admin', command: 'session.refresh', accepted: false })
  })

  it('two refreshes at the same moment: one follows the other, and nobody is taken for a thief', async () => {
    const session = await hub.session('admin')
    const both = await Promise.all([refresh(session.refreshToken), refresh(session.refreshToken)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
  })

  it('end with signing out, with time, and are refused when they are none', async () => {
    const session = await hub.session('admin')
    expect((await hub.post('/auth/sign-out', { refreshToken: session.refreshToken })).status).toBe(200)
    expect(await codeOf(await refresh(session.refreshToken))).toEqual([401, 'session.expired'])
    expect(await codeOf(await get('/workstations', session.accessToken))).toEqual([401, 'session.expired'])

    const other = await hub.session('admin')
    expect(await codeOf(await later(SESSION_LIFE, () => refresh(other.refreshToken)))).toEqual([401, 'session.expired'])
    const [team, , secret] = other.refreshToken.split('.')
    for (const token of [
      'x'.repeat(40),
      `\0${other.refreshToken}`,
      `${team}.unknown-session.${secret}`,
      `rival.${other.refreshToken.slice(5)}`,
    ]) {
      expect(await codeOf(await refresh(token))).toEqual([401, 'session.expired'])
    }
    expect(await codeOf(await refresh('short'))).toEqual([400, 'request.invalid'])
    // None of that harmed the session itself.
    expect((await refresh(other.refreshToken)).status).toBe(200)
  })
})

describe('workstations', () => {
  it('[ROL-6] an admin removes one: its sessions end, nobody signs in there again, and the audit log says so', async () => {
    const admin = await hub.session('admin')
    const agent = await hub.session('cs_agent', 'stolen-till')
    const remove = (token: string, id: string) =>
      hub.app.request(`/workstations/${id}/remove`, { method: 'POST', headers: bearer(token) })
    expect(await codeOf(await remove(agent.accessToken, 'stolen-till'))).toEqual([403, 'member.mayNot'])
    expect(await codeOf(await get('/workstations', agent.accessToken))).toEqual([403, 'member.mayNot'])
    expect(await codeOf(await remove(admin.accessToken, 'no-such-till'))).toEqual([404, 'request.notFound'])

    expect((await remove(admin.accessToken, 'stolen-till')).status).toBe(200)
    expect(hub.ended).toContain(`${agent.clientId} workstation.removed`)
    expect(hub.endedElsewhere).toContain(`${agent.clientId} workstation.removed`)
    expect(await codeOf(await get('/attachments/a', agent.accessToken))).toEqual([401, 'workstation.removed'])
    expect(await codeOf(await refresh(agent.refreshToken))).toEqual([401, 'workstation.removed'])
    const again = await hub.signIn('cs_agent@shop.example', { workstation: { id: 'stolen-till', name: 'x' } })
    expect(await codeOf(again)).toEqual([401, 'workstation.removed'])
    expect((await hub.signIn('cs_agent@shop.example')).status).toBe(200)

    const listed: unknown = await (await get('/workstations', admin.accessToken)).json()
    expect(listed).toMatchObject({
      workstations: expect.arrayContaining([
        expect.objectContaining({ id: 'stolen-till', removedAt: hub.clock.now, memberIds: ['cs_agent'] }),
      ]),
    })
    const { entries } = await (await get('/audit?limit=20', admin.accessToken)).json()
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ memberId: 'cs_agent', command: 'workstation.remove', code: 'member.mayNot' }),
        expect.objectContaining({
          memberId: 'admin',
          command: 'workstation.remove',
          subjectId: 'stolen-till',
          accepted: true,
        }),
        expect.objectContaining({ memberId: 'cs_agent', command: 'session.signIn', code: 'workstation.removed' }),
      ]),
    )
  })
})

describe('the audit log', () => {
  it('[ROL-6] admins read it in pages and export it as NDJSON and CSV; others may not', async () => {
    const admin = await hub.session('admin')
    const supervisor = await hub.session('supervisor')
    for (const path of ['/audit', '/audit/export']) {
      expect(await codeOf(await get(path, supervisor.accessToken))).toEqual([403, 'member.mayNot'])
    }
    const first = await (await get('/audit?limit=2', admin.accessToken)).json()
    const second = await (await get(`/audit?limit=2&before=${first.entries[1].n}`, admin.accessToken)).json()
    expect(second.entries[0].n).toBeLessThan(first.entries[1].n)

    const lines = (await (await get('/audit/export', admin.accessToken)).text()).trimEnd().split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ command: 'audit.read', memberId: 'admin', accepted: true })
    const csv = await get('/audit/export?format=csv', admin.accessToken)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const rows = (await csv.text()).split('\r\n')
    expect(rows[0]).toBe('n,at,memberId,workstationId,command,subjectId,accepted,code')
    expect(rows[1]).toMatch(/^\d+,\d{4}-\d\d-\d\dT[\d:.]+Z,admin,counter-1,audit\.read,,true,$/)
  })

  it('quotes CSV fields and disarms formulas', () => {
    expect(['a,b', 'say "hi"', 'two\r\nlines', '=1+1', '-id', null, 3].map(csvField)).toEqual([
      '"a,b"',
      '"say ""hi"""',
      '"two\r\nlines"',
      "'=1+1",
      "'-id",
      '',
      '3',
    ])
  })
})

it('writes neither passwords, tokens, addresses nor names into its log', () => {
  expect(hub.written.length).toBeGreaterThan(20)
  const all = hub.written.join('')
  for (const secret of [PASSWORD, '@shop.example', 'guess', 'eyJ', 'shop.', '林小姐', '櫃檯']) {
    expect(all).not.toContain(secret)
  }
})

async function setActive(role: string, active: boolean): Promise<void> {
  const member = await hub.core.row(SHOP, 'member', MemberId.parse(role))
  if (!member) throw new Error('no such member')
  await hub.core.importRows(SHOP, [['member', { ...member, active }]])
}
