/** The demo team's channels with the platforms' stand-ins, and what those who play its customers ask of the hub. */
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startWhatsApp } from '../../../tests/fakes/whatsapp/whatsapp.ts'
import type { WhatsAppFake } from '../../../tests/fakes/whatsapp/whatsapp.ts'
import { sampleTemplates } from '../../../tests/fakes/whatsapp/sample-templates.ts'
import { MessageId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/rows.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { Connections } from '../channels/connections.ts'
import { sourceIds } from '../channels/ids.ts'
import { PLATFORMS } from '../channels/platforms.ts'
import type { HubCore } from '../core.ts'
import { readAll } from '../store/rows.ts'
import type { OpenDatabase } from '../store/database.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { createHubCore } from '../sync/hub-core.ts'
import { DEMO_LINE, DEMO_WHATSAPP, connectDemoPlatforms } from './platforms.ts'
import { demoRoutes } from './routes.ts'
import { channels, lineChannel, team, whatsappChannel } from './team.ts'

const NOW = Date.UTC(2026, 4, 20, 7, 12)
const HOUR = 60 * 60 * 1000
const TOKEN = 'token-of-the-demo'
const log = pino({ level: 'silent' })

let database: OpenDatabase
let core: HubCore
let whatsapp: WhatsAppFake
let everywhere: Record<string, string>

beforeEach(async () => {
  database = await sampleDatabase()
  const effects = { record: async () => undefined }
  core = createHubCore({
    db: database.db,
    effects,
    attachments: { check: async () => null },
    log,
    clock: () => NOW,
  })
  await core.importRows(team.id, [['team', team], ...channels.map((row): TableRow => ['channel', row])])
  whatsapp = await startWhatsApp({ now: () => NOW })
  const account = whatsapp.addAccount({
    phoneNumberId: DEMO_WHATSAPP.phoneNumberId,
    wabaId: DEMO_WHATSAPP.businessAccountId,
    appSecret: DEMO_WHATSAPP.appSecret,
    verifyToken: DEMO_WHATSAPP.verifyToken,
    accessToken: DEMO_WHATSAPP.accessToken,
    displayPhoneNumber: '+886 2 2700 1234',
    verifiedName: team.name,
    webhookUrl: 'http://127.0.0.1:1',
  })
  for (const template of sampleTemplates) account.addTemplate(template)
  everywhere = { line: 'http://127.0.0.1:1', lineData: 'http://127.0.0.1:1', graph: whatsapp.origin }
})
afterEach(async () => {
  await whatsapp.close()
  await database.close()
})

/** A start of the hub with these addresses. */
async function start(addresses: Record<string, string>): Promise<Connections> {
  const clock = () => NOW
  const key = new Uint8Array(32).fill(7)
  const connections = new Connections({ db: database.db, platforms: PLATFORMS, key, outside: { addresses, clock } })
  await connectDemoPlatforms({ core, connections, addresses, log, clock })
  return connections
}

const isConnected = async ({ id }: Channel) => (await core.row(team.id, 'channel', id))?.connected
const bothConnected = async () => [await isConnected(lineChannel), await isConnected(whatsappChannel)]

it('stay unconnected without stand-ins', async () => {
  const connections = await start({})
  expect(await bothConnected()).toEqual([false, false])
  expect(await connections.all()).toEqual([])
})

it('are connected to the stand-ins that have addresses, with the templates these have, at every start', async () => {
  for (const _ of [1, 2]) {
    await start(everywhere)
    expect(await bothConnected()).toEqual([true, true])
    const templates = await readAll(database.db, team.id, 'template')
    expect(templates.map(({ name }) => name).toSorted()).toEqual(sampleTemplates.map(({ name }) => name).toSorted())
  }
  expect(whatsapp.calls.invalid()).toEqual([])
})

it('need both of LINE’s servers', async () => {
  await start({ line: 'http://127.0.0.1:1' })
  expect(await bothConnected()).toEqual([false, false])
})

it('lose their accounts when the stand-ins are gone, for they are nobody’s on the real platforms', async () => {
  await start(everywhere)
  const connections = await start({})
  expect(await bothConnected()).toEqual([false, false])
  expect(await connections.all()).toEqual([])
})

it('keep an account that somebody else gave them', async () => {
  const own = { ...DEMO_LINE, channelId: '1234567890' }
  await (await start({})).save(team.id, lineChannel, own, NOW)
  const connections = await start(everywhere)
  expect((await connections.state(team.id, lineChannel))?.settings).toMatchObject({ channelId: '1234567890' })
  await start({})
  expect(await connections.all()).toEqual([{ teamId: team.id, channelId: lineChannel.id }])
})

const demo = () => demoRoutes({ core, token: TOKEN })
const asked = (body?: object, token = TOKEN): RequestInit => ({
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  ...(body && { method: 'POST', body: JSON.stringify(body) }),
})

async function receive({ id }: Channel, externalId: string, sentAt: number): Promise<void> {
  const ids = sourceIds(id, externalId)
  const messageId = MessageId.parse(`message-${externalId}`)
  const content = { kind: 'text', text: 'hi' } as const
  const args = { channelId: id, kind: 'person', externalId, name: 'Ann', phone: null } as const
  const result = await core.system(team.id, 'message.receive', {
    ...args,
    ...ids,
    messageId,
    from: null,
    sentAt,
    content,
  })
  expect(result).toMatchObject({ ok: true })
}

it('only whoever has the token is told anything, or lets time go by', async () => {
  for (const token of ['', 'token-of-the-dem', `${TOKEN}x`]) {
    expect((await demo().request('/customers', asked(undefined, token))).status).toBe(401)
    expect((await demo().request('/pass-time', asked({}, token))).status).toBe(401)
  }
})

it('time goes by for one conversation: its customer wrote that much earlier, and nothing else changes', async () => {
  await receive(whatsappChannel, '886912000201', NOW - HOUR)
  await receive(whatsappChannel, '886912000202', NOW - HOUR)
  const [ann, ben] = ['886912000201', '886912000202'].map((one) => sourceIds(whatsappChannel.id, one).conversationId)
  const row = (id = '') => core.row(team.id, 'conversation', id)
  const [annBefore, benBefore] = [await row(ann), await row(ben)]
  const body = { channelId: whatsappChannel.id, externalId: '886912000201', hours: 24 }
  expect((await demo().request('/pass-time', asked(body))).status).toBe(200)
  expect(await row(ann)).toEqual({ ...annBefore, lastInboundAt: NOW - 25 * HOUR })
  expect(await row(ben)).toEqual(benBefore)

  expect((await demo().request('/pass-time', asked({ ...body, externalId: 'nobody' }))).status).toBe(404)
  expect((await demo().request('/pass-time', asked({ ...body, hours: -1 }))).status).toBe(400)
  expect((await demo().request('/pass-time', asked({ ...body, channelId: lineChannel.id }))).status).toBe(404)
})

it('the customers on LINE and WhatsApp are told with when each last wrote', async () => {
  await receive(lineChannel, `U${'a'.repeat(32)}`, NOW - HOUR)
  await receive(whatsappChannel, '886912000201', NOW - 2 * HOUR)
  const answer = await demo().request('/customers', asked())
  const person = { kind: 'person', name: 'Ann', isBlocked: false, people: [] }
  const { customers } = (await answer.json()) as { customers: { channel: string }[] }
  expect(customers.toSorted((a, b) => a.channel.localeCompare(b.channel))).toEqual([
    { ...person, channel: 'line', externalId: `U${'a'.repeat(32)}`, lastInboundAt: NOW - HOUR },
    { ...person, channel: 'whatsapp', externalId: '886912000201', lastInboundAt: NOW - 2 * HOUR },
  ])
})
