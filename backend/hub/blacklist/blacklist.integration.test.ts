import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ContactId, MemberId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Blocked, Contact, Team } from '../../domain/rows.ts'
import { newTeam } from '../../domain/team/team.ts'
import { BlacklistPage } from '../../sync/blacklist.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { createApp } from '../app.ts'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { LIN, LINE, SHOP, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'
import { blacklistRoutes } from './routes.ts'

let hub: SampleHub
let app: ReturnType<typeof createApp>
const tokens = new Map<string, string>()

beforeAll(async () => {
  hub = await openSampleHub()
  const { core, accounts } = hub
  const routes = blacklistRoutes({ core, authenticator: accounts.authenticator, clock: () => hub.clock.now })
  const log = createLog('silent')
  app = createApp({ mount: (root) => void root.route('/', routes), metrics: createMetrics(), log })
  for (const role of ['admin', 'supervisor', 'cs_agent']) tokens.set(role, (await hub.session(role)).accessToken)
})
afterAll(() => hub.close())
beforeEach(async () => {
  await hub.db.deleteFrom('contact').where('id', 'like', 'blocked-%').execute()
  await setTeam({})
})

async function ask(role: string, path = '', method = 'GET') {
  const headers = { authorization: `Bearer ${tokens.get(role) ?? ''}` }
  const response = await app.request(`/blacklist${path}`, { method, headers })
  const json: unknown = await response.json()
  return { status: response.status, json }
}
const page = async (query = '') => BlacklistPage.parse((await ask('admin', query)).json)
const names = async (query = '') => (await page(query)).entries.map(({ name }) => name)
const setTeam = (more: Partial<Team>) =>
  hub.core.importRows(SHOP, [['team', newTeam({ id: SHOP, name: '好日子', ...more })]])

/** Somebody on the blacklist since `at`. */
async function block(name: string, at: number, more: Partial<Blocked> = {}, teamId = SHOP): Promise<ContactId> {
  const lin = await hub.core.row(SHOP, 'contact', LIN)
  if (!lin) throw new Error('the sample has nobody')
  const id = ContactId.parse(`blocked-${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')}-${at}`)
  const blocked: Blocked = {
    by: MemberId.parse('supervisor'),
    at,
    suppressed: 0,
    lifting: false,
    platform: { state: 'none' },
    ...more,
  }
  const contact: Contact = { ...lin, id, externalId: id, channelId: LINE, name, blocked }
  const row: TableRow = ['contact', contact]
  await hub.core.importRows(teamId, [row])
  return id
}

describe('who is on the blacklist', () => {
  it('[DEL-9] tells who was put there by whom and when, and what was suppressed, newest first', async () => {
    await block('First', 1_000, { suppressed: 3 })
    const platform = { state: 'failed', code: 'channel.token', platformCode: '190' } as const
    await block('Second', 2_000, { platform, lifting: true })
    expect((await page()).entries).toMatchObject([
      { name: 'Second', channelId: LINE, blocked: { by: 'supervisor', at: 2_000, platform, lifting: true } },
      { name: 'First', channelId: LINE, blocked: { by: 'supervisor', at: 1_000, suppressed: 3, lifting: false } },
    ])
  })

  it('has no row of another team, and nobody who is not on it', async () => {
    await block('Theirs', 1_000, {}, TeamId.parse('rival'))
    expect(await names()).toEqual([])
  })

  it('comes in pages that leave nobody out and repeat nobody, also among those of one moment', async () => {
    for (let n = 0; n < 7; n += 1) await block(`One ${n}`, 5_000)
    for (let n = 0; n < 3; n += 1) await block(`Older ${n}`, 4_000 - n)
    const found: string[] = []
    let next: string | null = null
    const sizes = []
    do {
      const query: string = next === null ? '?limit=4' : `?limit=4&before=${next}`
      const one: BlacklistPage = await page(query)
      sizes.push(one.entries.length)
      found.push(...one.entries.map(({ name }) => name))
      next = one.next
    } while (next !== null)
    expect(sizes).toEqual([4, 4, 2])
    expect(new Set(found).size).toBe(10)
    expect(found.slice(-3)).toEqual(['Older 0', 'Older 1', 'Older 2'])
  })

  it('is searched by a part of the name, as it is written', async () => {
    for (const [at, name] of ['Amy Chen', '陳志明', '100%', '王_小姐'].entries()) await block(name, at)
    expect(await names('?name=amy')).toEqual(['Amy Chen'])
    expect(await names(`?name=${encodeURIComponent('志')}`)).toEqual(['陳志明'])
    expect(await names('?name=%25')).toEqual(['100%'])
    expect(await names('?name=_')).toEqual(['王_小姐'])
  })

  it('refuses what it cannot read', async () => {
    for (const query of ['?limit=0', '?limit=101', '?before=x', '?before=1.a%27b', '?more=1', '?name=']) {
      expect([query, (await ask('admin', query)).status]).toEqual([query, 400])
    }
    expect((await app.request('/blacklist')).status).toBe(401)
  })
})

describe('who may use it', () => {
  it('[ROL-3] admins and supervisors, and the roles to which an admin granted it', async () => {
    await block('Somebody', 1_000)
    const statuses = async () => [(await ask('supervisor')).status, (await ask('cs_agent')).status]
    expect(await statuses()).toEqual([200, 409])
    await setTeam({ permissions: { delete: [], blacklist: ['cs_agent'] } })
    expect(await statuses()).toEqual([409, 200])
    expect((await ask('admin')).status).toBe(200)
  })

  it('[ROL-4] tells others who could', async () => {
    const refusal = refuse('conversation.roleMayNot', {}, { whoCould: ['admin', 'supervisor'], instead: 'ask-admin' })
    expect((await ask('cs_agent')).json).toEqual({ error: refusal })
  })
})

describe('taking somebody off it', () => {
  const isBlocked = async (id: ContactId) => (await hub.core.row(SHOP, 'contact', id))?.blocked !== null

  it('[DEL-9] is done by an allowed role, and brings no subscription back', async () => {
    const id = await block('Somebody', 1_000)
    expect(await ask('supervisor', `/${id}/lift`, 'POST')).toEqual({ status: 200, json: {} })
    expect(await isBlocked(id)).toBe(false)
    expect(await names()).toEqual([])
    const again = await ask('supervisor', `/${id}/lift`, 'POST')
    expect(again).toMatchObject({ status: 409, json: { error: { code: 'blacklist.not' } } })
  })

  it('[ROL-3] is refused to other roles, and to whoever is of another team', async () => {
    const id = await block('Somebody', 1_000)
    const theirs = await block('Theirs', 1_000, {}, TeamId.parse('rival'))
    expect((await ask('cs_agent', `/${id}/lift`, 'POST')).json).toMatchObject({
      error: { code: 'conversation.roleMayNot' },
    })
    expect((await ask('admin', `/${theirs}/lift`, 'POST')).json).toMatchObject({ error: { code: 'blacklist.not' } })
    expect(await isBlocked(id)).toBe(true)
  })

  it('[ROL-6] leaves an audit entry, a refused one too', async () => {
    const id = await block('Somebody', 1_000)
    await ask('cs_agent', `/${id}/lift`, 'POST')
    await ask('admin', `/${id}/lift`, 'POST')
    const rows = await hub.db
      .selectFrom('audit')
      .select(['member_id', 'command', 'subject_id', 'code'])
      .where('command', '=', 'contact.lift')
      .orderBy('n', 'desc')
      .limit(2)
      .execute()
    expect(rows.map((row) => [row.member_id, row.subject_id, row.code])).toEqual([
      ['admin', id, null],
      ['cs_agent', id, 'conversation.roleMayNot'],
    ])
  })
})
