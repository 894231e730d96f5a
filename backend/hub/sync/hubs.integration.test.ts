/** Two hubs over one PostgreSQL, with every word between them in the test's hand: the orders in which it may come. */
import type { KyselyPlugin, QueryId } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { MemberId } from '../../domain/ids.ts'
import type { MessageId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import { SampleExchange } from '../line/sample-line.ts'
import type { SampleLine } from '../line/sample-line.ts'
import { openDatabase } from '../store/database.ts'
import { startSampleServer } from '../store/sample-server.ts'
import type { SampleServer } from '../store/sample-server.ts'
import { SampleDevice } from './sample-device.ts'
import { HubTeam, SampleHub, idOf } from './sample-hub-team.ts'

vi.setConfig({ testTimeout: 15_000 })

/** Keeps back what the database answers to the statements that `matches`, until it is opened. */
class Gate implements KyselyPlugin {
  #matches: RegExp | null = null
  readonly #held = new Set<QueryId>()
  #open: () => void = () => undefined
  #opened: Promise<void> = Promise.resolve()
  #reached: () => void = () => undefined

  /** @returns a promise for the moment at which the first one is kept back */
  close(matches: RegExp): Promise<void> {
    this.#matches = matches
    this.#opened = new Promise((resolve) => (this.#open = resolve))
    return new Promise((resolve) => (this.#reached = resolve))
  }
  open(): void {
    this.#matches = null
    this.#open()
  }
  transformQuery({ node, queryId }: Parameters<KyselyPlugin['transformQuery']>[0]) {
    if (this.#matches?.test(JSON.stringify(node))) this.#held.add(queryId)
    return node
  }
  async transformResult({ result, queryId }: Parameters<KyselyPlugin['transformResult']>[0]) {
    if (this.#held.delete(queryId)) {
      this.#reached()
      await this.#opened
    }
    return result
  }
}

let server: SampleServer
let exchange: SampleExchange
let lines: [SampleLine, SampleLine]
/** `a` is where things are done, `b` where the devices are. */
let a: SampleHub
let b: SampleHub
const gate = new Gate()
beforeAll(async () => {
  server = await startSampleServer()
  exchange = new SampleExchange()
  lines = [exchange.join('a'), exchange.join('b')]
  a = await SampleHub.start(await openDatabase({ databaseUrl: server.databaseUrl }), lines[0])
  const database = await openDatabase({ databaseUrl: server.databaseUrl })
  b = await SampleHub.start({ ...database, db: database.db.withPlugin(gate) }, lines[1])
}, 120_000)
beforeEach(() => {
  exchange.lose()
  gate.open()
  b.releaseCommits()
})
afterAll(async () => {
  await a.stop()
  await b.stop()
  await server.stop()
})

/** The same team at both hubs. */
async function team(): Promise<{ atA: HubTeam; atB: HubTeam }> {
  const atA = await a.team()
  return { atA, atB: new HubTeam(b, atA.id, 'b') }
}

/** A customer's conversation that the agent follows, with an answer on its way. */
async function followed(atA: HubTeam): Promise<MessageId> {
  await atA.customer('lin', '只有客服看得到')
  await atA.take('cs_agent', 'lin')
  await atA.reply('cs_agent', 'lin')
  const { id } = await a.core.db
    .selectFrom('message')
    .select('id')
    .where('team_id', '=', atA.id)
    .orderBy('ordinal', 'desc')
    .executeTakeFirstOrThrow()
  return id as MessageId
}

/** Changes that message alone, which is judged by what is remembered of its conversation. */
const progress = (hub: SampleHub, { id }: HubTeam, messageId: MessageId, state: 'sent' | 'delivered' | 'read') =>
  hub.core.system(id, 'message.progress', { messageIds: [messageId], delivery: { state } })

/** What is on a device although its conversation is not, and what its member may not see. */
async function expectRight(...devices: SampleDevice[]): Promise<void> {
  for (const device of devices) {
    await device.caughtUp()
    const conversations = new Set(device.ids('conversation'))
    const strays = [...device.rows.values()].filter(
      ([table, row]) => (table === 'message' || table === 'mark') && !conversations.has(row.conversationId),
    )
    expect({ [device.member]: strays }).toEqual({ [device.member]: [] })
    const fresh = new SampleDevice(device.team, device.member, `fresh-${device.member}`)
    await fresh.snapshot()
    expect({ [device.member]: device.held() }).toEqual({ [device.member]: fresh.held() })
  }
}

/** Every message row that came to a device over its connection, so far. */
const told = (device: SampleDevice) =>
  device.frames.flatMap((frame) => (frame.type === 'patch' ? frame.puts : [])).filter(([table]) => table === 'message')

it('[SYN-6] a commit at one hub is on the devices of the other with its word, without a snapshot', async () => {
  const { atA, atB } = await team()
  const devices = await Promise.all(['admin', 'cs_agent', 'salesperson'].map((who) => SampleDevice.live(atB, who)))
  const before = devices.map(({ frames }) => frames.length)
  const messageId = await followed(atA)
  await progress(a, atA, messageId, 'sent')
  await atA.close('cs_agent', 'lin')
  exchange.deliver()
  await expectRight(...devices)
  const later = devices.flatMap(({ frames }, at) => frames.slice(before[at]))
  expect(new Set(later.map(({ type }) => type))).toEqual(new Set(['patch']))
})

it('[SYN-6] what other hubs commit is read once, not once for each device', async () => {
  const { atA, atB } = await team()
  await atA.customer('lin')
  const devices = await Promise.all(['admin', 'supervisor', 'cs_manager'].map((who) => SampleDevice.live(atB, who)))
  exchange.lose()
  const catchUp = vi.spyOn(b.core.db, 'transaction')
  try {
    await atA.customer('lin', '還在嗎')
    exchange.deliver()
    await Promise.all(devices.map((device) => device.caughtUp()))
    expect(catchUp).not.toHaveBeenCalled()
  } finally {
    catchUp.mockRestore()
  }
  await expectRight(...devices)
})

it('[ROL-2] a role that is changed at one hub holds at the other with its word', async () => {
  const { atA, atB } = await team()
  await followed(atA)
  const [agent, admin] = [await SampleDevice.live(atB, 'cs_agent'), await SampleDevice.live(atB, 'admin')]
  await atA.as('admin', 'member.update', { memberId: MemberId.parse('cs_agent'), role: 'marketer' })
  exchange.deliver()
  await agent.until(() => agent.frames.at(-1)?.type === 'resync')
  await agent.snapshot()
  await agent.hello()
  await expectRight(agent, admin)
  expect(agent.ids('conversation')).toEqual([])
})

it('a member who is deactivated at one hub is sent away by the other', async () => {
  const { atA, atB } = await team()
  const device = await SampleDevice.live(atB, 'cs_agent')
  await atA.as('admin', 'member.update', { memberId: MemberId.parse('cs_agent'), active: false })
  exchange.deliver()
  await device.until(() => device.closedWith !== null)
  expect(device.frames.at(-1)).toMatchObject({ type: 'error', error: { code: 'signIn.inactive' } })
})

it('[ROL-2] while the word is on its way, commits here tell nothing by what was true before', async () => {
  const { atA, atB } = await team()
  const messageId = await followed(atA)
  const [agent, sales] = [await SampleDevice.live(atB, 'cs_agent'), await SampleDevice.live(atB, 'salesperson')]
  // The conversation is remembered here as the agent's.
  await progress(b, atB, messageId, 'sent')
  await agent.caughtUp()
  const seen = told(agent).length
  await atA.transfer('cs_agent', 'lin', 'salesperson')
  await Promise.all([
    progress(b, atB, messageId, 'delivered'),
    atB.customer('wang'),
    progress(b, atB, messageId, 'read'),
  ])
  await agent.caughtUp()
  exchange.deliver()
  await expectRight(agent, sales)
  expect(
    told(agent)
      .slice(seen)
      .map(([, row]) => row.id),
  ).not.toContain(messageId)
  expect(sales.ids('message')).toContain(messageId)
})

it('[ROL-2] a word that overtakes what this hub is about to tell does not bring back what was true before', async () => {
  const { atA, atB } = await team()
  const messageId = await followed(atA)
  const [agent, sales] = [await SampleDevice.live(atB, 'cs_agent'), await SampleDevice.live(atB, 'salesperson')]
  exchange.lose()
  b.heldCommits = []
  await atB.customer('lin')
  const seen = told(agent).length
  await atA.transfer('cs_agent', 'lin', 'salesperson')
  await atA.as('admin', 'member.update', { memberId: MemberId.parse('sales_manager'), storeIds: [] })
  exchange.deliver()
  await sales.caughtUp()
  b.releaseCommits()
  // Who looks there is told by what is remembered, too.
  const presences = agent.frames.filter(({ type }) => type === 'presence').length
  sales.send({ type: 'presence', conversationId: idOf('lin'), typing: true })
  const boss = await SampleDevice.live(atB, 'supervisor')
  await boss.until(() => boss.frames.some((frame) => frame.type === 'presence' && frame.viewers.length > 0))
  expect(agent.frames.filter(({ type }) => type === 'presence')).toHaveLength(presences)
  await Promise.all([progress(b, atB, messageId, 'delivered'), progress(b, atB, messageId, 'read')])
  await expectRight(agent, sales)
  expect(
    told(agent)
      .slice(seen)
      .map(([, row]) => row.id),
  ).not.toContain(messageId)
})

it('[ROL-2] what is committed here while the other hub’s commit is being read is judged by both', async () => {
  const { atA, atB } = await team()
  const messageId = await followed(atA)
  const [agent, sales] = [await SampleDevice.live(atB, 'cs_agent'), await SampleDevice.live(atB, 'salesperson')]
  await progress(b, atB, messageId, 'sent')
  await agent.caughtUp()
  const seen = told(agent).length
  await atA.transfer('cs_agent', 'lin', 'salesperson')
  const reached = gate.close(/json_build_object/)
  exchange.deliver()
  await reached
  await progress(b, atB, messageId, 'delivered')
  await progress(b, atB, messageId, 'read')
  gate.open()
  await expectRight(agent, sales)
  expect(
    told(agent)
      .slice(seen)
      .map(([, row]) => row.id),
  ).not.toContain(messageId)
})

it('[SYN-6] what is committed while a hub opens the team is not missed', async () => {
  const { atA, atB } = await team()
  await atA.customer('lin')
  exchange.lose()
  const reached = gate.close(/"seq".*"epoch".*"team_seq"|team_seq.*seq.*epoch/)
  const device = new SampleDevice(atB, 'admin')
  const connected = device.connect()
  await reached
  await atA.customer('wang')
  exchange.deliver()
  gate.open()
  await connected
  await expectRight(device)
})

it('[ROL-2] a conversation that was read before it changed elsewhere is not remembered as it was', async () => {
  const { atA, atB } = await team()
  const messageId = await followed(atA)
  const agent = await SampleDevice.live(atB, 'cs_agent')
  const reached = gate.close(/select data::text as data, version from conversation/)
  agent.send({ type: 'presence', conversationId: idOf('lin'), typing: false })
  await reached
  await atA.transfer('cs_agent', 'lin', 'salesperson')
  // So much that the other hub keeps nothing of it.
  await a.core.importRows(atA.id, tags(2_500))
  exchange.deliver()
  await agent.until(() => agent.ids('tag').length > 2_000)
  const seen = told(agent).length
  gate.open()
  await progress(b, atB, messageId, 'delivered')
  await progress(b, atB, messageId, 'read')
  await expectRight(agent)
  expect(told(agent)).toHaveLength(seen)
})

function* tags(count: number) {
  for (let index = 0; index < count; index++) {
    yield ['tag', { id: `tag-${index}`, name: '標籤', colour: 'red' }] as never
  }
}

it('[SYN-6] [ROL-2] what was told while the line was broken is looked up when it is back', async () => {
  const { atA, atB } = await team()
  await followed(atA)
  const [agent, admin] = [await SampleDevice.live(atB, 'cs_agent'), await SampleDevice.live(atB, 'admin')]
  await atA.customer('wang')
  await atA.transfer('cs_agent', 'lin', 'salesperson')
  exchange.lose()
  lines[1].isBack()
  await expectRight(agent, admin)
  expect(agent.ids('conversation')).toEqual(['chat-wang'])
})

it('[SYN-3] [SYN-4] what another hub took of a queue is told with its refusals and with what it did', async () => {
  const { atA, atB } = await team()
  await atA.customer('lin')
  const device = await SampleDevice.live(atB, 'cs_agent')
  const identity = atA.identity('cs_agent', device.clientId)
  const note = { name: 'note.add', args: { conversationId: idOf('lin'), messageId: 'note-2', text: '常客' }, at: 0 }
  await a.core.runPushed(identity, { seq: 1, name: 'no.such', args: {}, at: 0 })
  await a.core.runPushed(identity, { seq: 2, ...note })
  exchange.deliver()
  await device.caughtUp()
  const patch = device.frames.findLast((frame) => frame.type === 'patch')
  expect(patch).toMatchObject({ lastClientSeq: 2, results: [{ seq: 1 }] })
  // The same pushed here runs no second time.
  device.push({ seq: 2, name: note.name, args: note.args })
  await expectRight(device)
  expect(device.ids('message').filter((id) => id === 'note-2')).toHaveLength(1)
})

it('[SYN-3] what a device did is there with the word that it was taken, also after a commit at another hub', async () => {
  const { atA, atB } = await team()
  await atA.customer('lin')
  const device = await SampleDevice.live(atB, 'cs_agent')
  exchange.lose()
  await atA.customer('wang')
  const reached = gate.close(/json_build_object/)
  const args = { conversationId: idOf('lin'), messageId: 'note-1', text: '常客' }
  device.push({ seq: 1, name: 'note.add', args })
  await reached
  gate.open()
  await device.until(() => device.lastClientSeq === 1)
  expect(device.ids('message')).toContain('note-1')
  await expectRight(device)
})

it('a queue that connects at another hub is closed at the first, whatever word comes first', async () => {
  const { atA, atB } = await team()
  const older = await SampleDevice.live(atA, 'cs_agent')
  const newer = await SampleDevice.live(atB, 'cs_agent')
  exchange.deliver()
  await older.until(() => older.closedWith !== null)
  expect([older.closedWith, newer.closedWith]).toEqual([4001, null])
  // And back again, to where the first one was.
  const newest = await SampleDevice.live(atA, 'cs_agent')
  exchange.deliver()
  await newer.until(() => newer.closedWith !== null)
  expect([newer.closedWith, newest.closedWith]).toEqual([4001, null])
  lines[0].isBack()
  lines[1].isBack()
  exchange.deliver()
  await atA.customer('lin')
  await newest.caughtUp()
  expect(newest.closedWith).toBeNull()
})

it('sessions that are ended at one hub are ended at the other', async () => {
  const { atA, atB } = await team()
  const device = await SampleDevice.live(atB, 'cs_agent')
  const refusal = refuse('workstation.removed', {})
  lines[0].tell({ type: 'ended', teamId: atA.id, clientIds: [device.clientId, 'somebody-else'], refusal })
  exchange.deliver()
  await device.until(() => device.closedWith !== null)
  expect(device.frames.at(-1)).toMatchObject({ type: 'error', error: { code: 'workstation.removed' } })
})

it('[CNV-12] who looks and types at one hub is seen at the other, until their hub is gone', async () => {
  const { atA, atB } = await team()
  await atA.customer('lin')
  const agent = await SampleDevice.live(atA, 'cs_agent')
  agent.send({ type: 'presence', conversationId: idOf('lin'), typing: true })
  const boss = await SampleDevice.live(atA, 'supervisor')
  const seen = (device: SampleDevice) =>
    device.frames.flatMap((frame) => (frame.type === 'presence' ? [[frame.viewers, frame.customerTyping]] : []))
  await boss.until(() => seen(boss).length === 1)
  // The other hub opens the team only now, and asks.
  const admin = await SampleDevice.live(atB, 'admin')
  exchange.deliver()
  exchange.deliver()
  const memberId = 'cs_agent'
  await admin.until(() => seen(admin).length === 1)
  a.core.customerTyping(atA.id, idOf('lin'), true)
  exchange.deliver()
  await admin.until(() => seen(admin).length === 2)
  agent.send({ type: 'presence', conversationId: null, typing: false })
  await boss.until(() => seen(boss).length === 3)
  exchange.deliver()
  await admin.until(() => seen(admin).length === 3)
  agent.send({ type: 'presence', conversationId: idOf('lin'), typing: false })
  await boss.until(() => seen(boss).length === 4)
  exchange.deliver()
  await admin.until(() => seen(admin).length === 4)
  lines[1].lost('a')
  await admin.until(() => seen(admin).length === 5)
  expect(seen(admin)).toEqual([
    [[{ memberId, typing: true }], false],
    [[{ memberId, typing: true }], true],
    [[], true],
    [[{ memberId, typing: false }], true],
    [[], true],
  ])
})

it('[SYN-6] versions belong to the epoch of whichever hub began the last one', async () => {
  const { atA, atB } = await team()
  await atA.customer('lin')
  await atB.customer('wang')
  await atA.customer('chen')
  exchange.deliver()
  const device = await SampleDevice.live(atB, 'admin')
  const epochs = await a.core.db.selectFrom('epoch').select('from_version').where('team_id', '=', atA.id).execute()
  expect(epochs).toHaveLength(2)
  await atB.customer('lin')
  await atA.customer('lin')
  exchange.deliver()
  await device.caughtUp()
  await device.close()
  // At the other hub, too, it goes on where it was.
  const moved = new SampleDevice(atA, 'admin')
  ;[moved.version, moved.epoch] = [device.version, device.epoch]
  for (const [key, row] of device.rows) moved.rows.set(key, row)
  await moved.open()
  expect(await moved.hello()).toMatchObject({ snapshot: false })
  // After a break of the line the database may be another copy: what is committed from then on is told apart.
  lines[0].isBack()
  await atA.customer('hu')
  exchange.deliver()
  await expectRight(moved)
  expect(moved.epoch).not.toBe(device.epoch)
})
