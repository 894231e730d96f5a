import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ConversationId, ContactId, MemberId, MessageId } from '../../domain/ids.ts'
import { MESSAGES_HELD } from '../../sync/protocol.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { WEBCHAT } from '../../sync/sample-team.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { SampleDevice } from './sample-device.ts'
import { SampleHub, START } from './sample-hub-team.ts'
import type { HubTeam } from './sample-hub-team.ts'

// A database in WebAssembly on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let hub: SampleHub
let team: HubTeam
const CONVERSATIONS = 180
/** The first so many are long. */
const LONG = 12

beforeAll(async () => {
  hub = await SampleHub.start(await sampleDatabase())
  team = await hub.team()
  await hub.core.importRows(team.id, manyRows())
}, 120_000)
afterAll(() => hub.stop())

/** Conversations of 1 to 220 messages, several of them with the same time. */
function* manyRows(): Generator<TableRow> {
  for (let index = 0; index < CONVERSATIONS; index++) {
    const id = ConversationId.parse(`chat-${index}`)
    const contactId = ContactId.parse(`contact-${index}`)
    const count = index < LONG ? 220 : 1 + (index % 5)
    const at = START + Math.floor(index / 7) * 1_000
    const contact = { id: contactId, channelId: WEBCHAT, externalId: `visitor-${index}`, name: `客人 ${index}` }
    const rest = {
      kind: 'person' as const,
      phone: null,
      email: null,
      memberNumber: null,
      matchedPhone: null,
      tagIds: [],
      subscribed: true,
      platformBlockedAt: null,
      people: [],
      binding: null,
      blocked: null,
      deletions: 0,
    }
    yield ['contact', { ...contact, ...rest, createdAt: START }]
    for (let ordinal = 1; ordinal <= count; ordinal++) {
      const messageId = MessageId.parse(`m-${index}-${ordinal}`)
      const body = { kind: 'text', text: `第 ${ordinal} 則` } as const
      const message = {
        id: messageId,
        conversationId: id,
        ordinal,
        author: { type: 'customer', from: null },
        body,
      } as const
      yield ['message', { ...message, delivery: null, at }]
    }
    const messageId = MessageId.parse(`m-${index}-${count}`)
    yield [
      'conversation',
      {
        id,
        kind: 'direct',
        contactId,
        channelId: WEBCHAT,
        status: 'pending_person',
        followerId: null,
        collaboratorIds: [],
        askingIds: [],
        messageCount: count,
        inboundCount: count,
        clearedInbound: 0,
        lastMessage: {
          messageId,
          author: { type: 'customer', from: null },
          kind: 'text',
          preview: `第 ${count} 則`,
          at,
        },
        lastInboundAt: at,
        waitingSince: at,
        createdAt: START,
        closedAt: null,
        closedBy: null,
      },
    ]
  }
}

it('a line of a snapshot is a short transaction: of long conversations it has few', async () => {
  const device = new SampleDevice(team, 'admin')
  const { lines } = await device.snapshot()
  const sizes = lines.flatMap((line) =>
    line.type === 'conversations' ? [[line.count, line.rows.length] as const] : [],
  )
  expect(Math.max(...sizes.map(([, rows]) => rows))).toBeLessThanOrEqual(1_000)
  expect(Math.max(...sizes.map(([count]) => count))).toBe(50)
})

it('[SYN-7] a snapshot says how much there is, begins with the newest, and holds all of it once', async () => {
  const device = new SampleDevice(team, 'admin')
  const { lines } = await device.snapshot()
  const chunks = lines.filter((line) => line.type === 'conversations')
  expect([...new Set(lines.map(({ type }) => type))]).toEqual(['begin', 'scope', 'reference', 'conversations', 'end'])
  expect(chunks.reduce((sum, { count }) => sum + count, 0)).toBe(CONVERSATIONS)
  const rows = lines.flatMap((line) => (line.type === 'conversations' ? line.rows : []))
  const conversations = rows.flatMap(([table, row]) => (table === 'conversation' ? [row] : []))
  const times = conversations.map((one) => one.lastMessage?.at ?? 0)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  expect(new Set(conversations.map(({ id }) => id)).size).toBe(CONVERSATIONS)
  expect(conversations).toHaveLength(CONVERSATIONS)
  expect(lines[0]).toMatchObject({ type: 'begin', total: CONVERSATIONS })
  const ofFirst = rows.flatMap(([table, row]) => (table === 'message' && row.conversationId === 'chat-0' ? [row] : []))
  expect(ofFirst.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: MESSAGES_HELD }, (_, index) => index + 21))
})

it('[SYN-7] interrupted anywhere and resumed it comes to the same as in one go, without sending twice', async () => {
  const whole = new SampleDevice(team, 'admin')
  const { lines } = await whole.snapshot()
  for (let cut = 4; cut < lines.length; cut++) {
    const device = new SampleDevice(team, 'admin')
    const first = await device.snapshot(null, cut)
    const second = await device.snapshot(first)
    const counts = [...first.lines, ...second.lines].map((line) => (line.type === 'conversations' ? line.count : 0))
    expect(counts.reduce((a, b) => a + b)).toBe(CONVERSATIONS)
    expect(device.held()).toEqual(whole.held())
    expect(device.version).toBe(whole.version)
  }
})

it('[SYN-6] what changes while a snapshot is cut is there in the end', async () => {
  const device = new SampleDevice(team, 'cs_agent')
  const first = await device.snapshot(null, 4)
  await team.customer('3', '又寫了')
  await team.take('cs_agent2', '179')
  await team.customer('new')
  await device.snapshot(first)
  await device.open()
  await device.hello()
  await device.caughtUp()
  const fresh = new SampleDevice(team, 'cs_agent')
  await fresh.snapshot()
  expect(device.held()).toEqual(fresh.held())
  expect(device.ids('conversation')).not.toContain('chat-179')
})

it('[ROL-2] a snapshot that is resumed after the sight changed begins anew', async () => {
  const device = new SampleDevice(team, 'salesperson')
  const other = await hub.team()
  await other.customer('lin')
  const first = await new SampleDevice(other, 'admin').snapshot(null, 4)
  await other.as('admin', 'member.update', { memberId: MemberId.parse('supervisor'), role: 'salesperson' })
  const second = await new SampleDevice(other, 'supervisor').snapshot(first)
  expect(second.lines.map(({ type }) => type)).toEqual(['begin', 'scope', 'reference', 'end'])
  expect(second.version).toBeGreaterThan(first.version)
  expect((await device.snapshot()).lines[0]).toMatchObject({ total: 0 })
})

it('older messages are served to who sees the conversation, oldest first', async () => {
  const ask = async (member: string, query: string) => {
    const headers = { authorization: `Bearer ${Buffer.from(team.token(member)).toString('base64url')}` }
    const response = await fetch(`${hub.url}/conversations/chat-0/messages${query}`, { headers })
    const body = await response.json()
    const { messages, error } = body as { messages?: { ordinal: number }[]; error?: { code: string } }
    return messages?.map(({ ordinal }) => ordinal) ?? [response.status, error?.code]
  }
  expect(await ask('admin', '?before=21&limit=3')).toEqual([18, 19, 20])
  expect(await ask('admin', '?before=3')).toEqual([1, 2])
  expect(await ask('admin', '?limit=2')).toEqual([219, 220])
  expect(await ask('salesperson', '?before=21')).toEqual([404, 'conversation.notVisible'])
  expect(await ask('admin', '?before=0')).toEqual([400, 'request.invalid'])
})

it('half a resume, a wrong token and none are refused with a code', async () => {
  const ask = async (query: string, authorization: string) => {
    const response = await fetch(`${hub.url}/sync/snapshot${query}`, { headers: { authorization } })
    const { error } = (await response.json()) as { error: { code: string } }
    return [response.status, error.code]
  }
  const good = `Bearer ${Buffer.from(team.token('admin')).toString('base64url')}`
  expect([await ask('?version=1', good), await ask('', 'Bearer nonsense'), await ask('', '')]).toEqual([
    [400, 'request.invalid'],
    [401, 'request.unauthorised'],
    [401, 'request.unauthorised'],
  ])
})

it('a device that has missed very much fetches a snapshot instead of one great patch', async () => {
  const other = await hub.team()
  const chat = await other.customer('busy')
  const device = await SampleDevice.live(other, 'admin')
  const rows = Array.from({ length: 10_100 }, (_, index): TableRow => {
    const body = { kind: 'text', text: '忙' } as const
    const message = {
      id: MessageId.parse(`busy-${index}`),
      conversationId: chat,
      author: { type: 'customer', from: null },
      body,
    } as const
    return ['message', { ...message, ordinal: index + 2, delivery: null, at: START }]
  })
  await hub.core.importRows(other.id, rows)
  await device.until(() => device.frames.some(({ type }) => type === 'resync'))
  await device.snapshot()
  await device.hello()
  await device.caughtUp()
})
