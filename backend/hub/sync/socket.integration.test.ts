import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { MemberId } from '../../domain/ids.ts'
import { fingerprint } from '../../sync/fingerprint.ts'
import { FRAME_MAX, PROTOCOL, TableRow } from '../../sync/protocol.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { SampleDevice } from './sample-device.ts'
import { SampleHub, idOf } from './sample-hub-team.ts'
import type { HubTeam } from './sample-hub-team.ts'
import { UNKNOWN_MAX } from './sync.ts'

// A database in WebAssembly on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let hub: SampleHub
beforeAll(async () => {
  hub = await SampleHub.start(await sampleDatabase())
}, 120_000)
afterAll(() => hub.stop())

/** The code of the last frame, after which the hub closed the connection. */
async function endOf(device: SampleDevice): Promise<string> {
  await device.until(() => device.closedWith !== null)
  const last = device.frames.at(-1)
  return last?.type === 'error' ? last.error.code : `${device.closedWith}`
}

async function fresh(team: HubTeam, member: string): Promise<SampleDevice> {
  const device = new SampleDevice(team, member)
  await device.open()
  return device
}

it('what does not fit is answered with a code, and the connection is closed', async () => {
  const team = await hub.team()
  const bad: [string | Buffer, string][] = [
    ['not json', 'request.invalid'],
    ['{"type":"hello"}', 'request.invalid'],
    ['{"type":"push","commands":[]}', 'request.invalid'],
    [Buffer.from([1, 2, 3]), 'request.invalid'],
    [JSON.stringify({ type: 'presence', conversationId: null, typing: false }), 'request.unauthorised'],
    [' '.repeat(FRAME_MAX + 1), 'request.tooLarge'],
  ]
  for (const [frame, code] of bad) {
    const device = await fresh(team, 'admin')
    device.raw(frame)
    expect(await endOf(device)).toBe(code)
  }
})

it('a flood of frames ends the connection', async () => {
  const team = await hub.team()
  const device = await SampleDevice.live(team, 'admin')
  for (let index = 0; index < 2_100; index++) device.send({ type: 'presence', conversationId: null, typing: false })
  expect(await endOf(device)).toBe('request.tooMany')
})

it('one address has so many connections of which nobody knows whose they are', async () => {
  const team = await hub.team()
  const waiting = await Promise.all(Array.from({ length: UNKNOWN_MAX }, () => fresh(team, 'cs_agent')))
  const upgrade = () =>
    new Promise<string>((resolve) => {
      const ws = new WebSocket(`${hub.url.replace('http', 'ws')}/sync`)
      ws.on('open', () => {
        ws.terminate()
        resolve('open')
      })
      ws.on('error', (error) => resolve(error.message))
      ws.on('unexpected-response', (_request, response) => {
        response.on('data', (body) => resolve(`${response.statusCode} ${JSON.parse(String(body)).error.code}`))
      })
    })
  expect(await upgrade()).toBe('429 request.tooMany')
  // Who says hello makes room for another, and so does who leaves.
  await waiting[0]?.hello()
  const next = await fresh(team, 'cs_agent')
  expect(await upgrade()).toBe('429 request.tooMany')
  await waiting[1]?.close()
  expect(await upgrade()).toBe('open')
  await Promise.all([...waiting.slice(2), next].map((device) => device?.close()))
})

it('a hello with a wrong token, for another queue, or of another protocol is refused', async () => {
  const team = await hub.team()
  const hellos = [
    { accessToken: 'stolen' },
    { clientId: 'the-queue-of-another' },
    { protocol: PROTOCOL + 1 },
    { accessToken: team.token('nobody', 'device-admin') },
  ]
  const answers = []
  for (const hello of hellos) {
    const device = await fresh(team, 'admin')
    await device.hello(hello)
    answers.push(await endOf(device))
  }
  expect(answers).toEqual(['request.unauthorised', 'request.unauthorised', 'hub.protocol', 'signIn.inactive'])
})

it('[SYN-3] pushed commands are taken in order, and the device hears what became of each', async () => {
  const team = await hub.team()
  await team.customer('lin')
  const device = await SampleDevice.live(team, 'cs_agent')
  device.push(
    { seq: 1, name: 'conversation.take', args: { conversationId: idOf('lin'), messageId: 'd1' } },
    { seq: 2, name: 'conversation.take', args: { conversationId: idOf('lin'), messageId: 'd2' } },
    { seq: 3, name: 'no.such', args: {} },
    { seq: 4, name: 'note.add', args: { conversationId: idOf('lin'), messageId: 'd4', text: '常客' } },
  )
  await device.until(() => device.lastClientSeq === 4)
  expect([...device.results]).toEqual([
    [2, 'conversation.alreadyYours'],
    [3, 'request.unknownCommand'],
  ])
  expect(device.ids('message')).toHaveLength(3)
  // A repeat changes nothing but is answered.
  const seen = device.frames.length
  device.push({ seq: 4, name: 'note.add', args: { conversationId: idOf('lin'), messageId: 'd4', text: '常客' } })
  await device.until(() => device.frames.length > seen)
  expect(device.ids('message')).toHaveLength(3)
  device.push({ seq: 4, name: 'note.add', args: { conversationId: idOf('lin'), messageId: 'd4', text: '別的' } })
  await device.until(() => device.results.has(4))
  expect(device.results.get(4)).toBe('sync.conflictingRepeat')
  device.push({ seq: 9, name: 'note.add', args: {} })
  expect(await endOf(device)).toBe('sync.gap')
})

it('[SYN-3] a patch that holds what a command did also says that it was taken', async () => {
  const team = await hub.team()
  await team.customer('lin')
  const device = await SampleDevice.live(team, 'cs_agent')
  device.push(
    ...Array.from({ length: 60 }, (_, index) => ({
      seq: index + 1,
      name: 'note.add',
      args: { conversationId: idOf('lin'), messageId: `note-${index + 1}`, text: '常客' },
    })),
  )
  await device.until(() => device.lastClientSeq === 60)
  for (const frame of device.frames) {
    if (frame.type !== 'patch') continue
    const notes = frame.puts.flatMap(([table, row]) => (table === 'message' ? [Number(row.id.slice(5))] : []))
    expect(Math.max(0, ...notes)).toBeLessThanOrEqual(frame.lastClientSeq)
  }
}, 30_000)

it('[SYN-4] refusals that were not heard are told at the next hello', async () => {
  const team = await hub.team()
  const identity = team.identity('cs_agent', 'device-cs_agent')
  for (const seq of [1, 2, 3]) await hub.core.runPushed(identity, { seq, name: 'no.such', args: {}, at: 0 })
  const device = await SampleDevice.live(team, 'cs_agent')
  await device.until(() => device.lastClientSeq === 3)
  expect([...device.results.keys()]).toEqual([1, 2, 3])
  await device.close()
  device.results.clear()
  device.resultsKnown = 2
  await device.connect()
  await device.until(() => device.results.size > 0)
  expect([...device.results.keys()]).toEqual([3])
})

it('a queue has one connection: the newer takes over', async () => {
  const team = await hub.team()
  const older = await SampleDevice.live(team, 'cs_agent')
  const newer = await SampleDevice.live(team, 'cs_agent')
  await older.until(() => older.closedWith !== null)
  expect([older.closedWith, newer.closedWith]).toEqual([4001, null])
})

it('[SYN-6] a version from the future, of a history that a restored hub has forgotten, or none, is answered with a snapshot', async () => {
  const team = await hub.team()
  const { epoch } = await SampleDevice.live(team, 'supervisor')
  const snapshots = []
  for (const [version, known] of [
    [null, ''],
    [1_000_000, epoch],
    [1, 'forgotten'],
    [1, epoch],
  ] as const) {
    const device = await fresh(team, 'admin')
    const welcome = await device.hello({ version, epoch: known })
    snapshots.push(welcome?.type === 'welcome' && welcome.snapshot)
    await device.close()
  }
  expect(snapshots).toEqual([true, true, true, false])
})

it('a member who is deactivated is told, and their connection is closed', async () => {
  const team = await hub.team()
  const device = await SampleDevice.live(team, 'cs_agent')
  await team.as('admin', 'member.update', { memberId: MemberId.parse('cs_agent'), active: false })
  expect(await endOf(device)).toBe('signIn.inactive')
  const again = await fresh(team, 'cs_agent')
  await again.hello()
  expect(await endOf(again)).toBe('signIn.inactive')
})

it('a token that runs out ends the connection, unless it is renewed', async () => {
  const team = await hub.team()
  const [short, renewed] = [await fresh(team, 'admin'), await fresh(team, 'supervisor')]
  const soon = (device: SampleDevice) => team.token(device.member, device.clientId, hub.now + 300)
  await renewed.hello({ accessToken: soon(renewed) })
  renewed.send({ type: 'renew', accessToken: team.token('supervisor', renewed.clientId) })
  await short.hello({ accessToken: soon(short) })
  expect(await endOf(short)).toBe('session.expired')
  expect(renewed.closedWith).toBeNull()
  renewed.send({ type: 'renew', accessToken: team.token('admin', 'device-admin') })
  expect(await endOf(renewed)).toBe('request.unauthorised')
})

it('[CNV-12] colleagues who see a conversation are told who looks and types there; nobody else is', async () => {
  const team = await hub.team()
  await team.customer('lin')
  const [agent, admin, sales] = [
    await SampleDevice.live(team, 'cs_agent'),
    await SampleDevice.live(team, 'admin'),
    await SampleDevice.live(team, 'salesperson'),
  ]
  const told = (device: SampleDevice) =>
    device.frames.flatMap((frame) => (frame.type === 'presence' ? [[frame.viewers, frame.customerTyping]] : []))
  agent.send({ type: 'presence', conversationId: idOf('lin'), typing: false })
  sales.send({ type: 'presence', conversationId: idOf('lin'), typing: true })
  agent.send({ type: 'presence', conversationId: idOf('lin'), typing: true })
  await admin.until(() => told(admin).length === 2)
  hub.core.customerTyping(team.id, idOf('lin'), true)
  await admin.until(() => told(admin).length === 3)
  await agent.close()
  await admin.until(() => told(admin).length === 4)
  const memberId = 'cs_agent'
  expect(told(admin)).toEqual([
    [[{ memberId, typing: false }], false],
    [[{ memberId, typing: true }], false],
    [[{ memberId, typing: true }], true],
    [[], true],
  ])
  expect(told(sales)).toEqual([])
  const late = await SampleDevice.live(team, 'supervisor')
  await late.until(() => told(late).length > 0)
  expect(told(late)).toEqual([[[], true]])
})

it('[SYN-6] a device that stops reading is not sent more than it can take, and catches up when it reads again', async () => {
  const team = await hub.team()
  const device = await SampleDevice.live(team, 'admin')
  device.pause(true)
  const before = device.frames.length
  for (let round = 0; round < 6; round++) await team.customer(`c${round}`, '滿'.repeat(5_000))
  await hub.core.importRows(team.id, [...many(team, 1_500)])
  await team.customer('last')
  expect(device.frames.length).toBe(before)
  device.pause(false)
  await device.caughtUp()
  expect(device.ids('contact').length).toBe(7)
  const other = new SampleDevice(team, 'admin', 'fresh-device')
  await other.snapshot()
  expect(device.held()).toEqual(other.held())
})

function* many(team: HubTeam, count: number) {
  for (let index = 0; index < count; index++) {
    const id = `tag-${team.id}-${index}`
    yield TableRow.parse(['tag', { id, name: '標'.repeat(2_000), colour: 'red' }])
  }
}

it('[SYN-3] [SYN-4] a device that knows more than a restored hub fetches a snapshot, and is told every refusal again', async () => {
  const team = await hub.team()
  await team.customer('a')
  const device = await fresh(team, 'admin')
  expect(await device.hello({ version: 99, resultsAfter: 50 })).toMatchObject({ snapshot: true, lastClientSeq: 0 })
  await device.snapshot()
  expect(await device.hello({ resultsAfter: 50 })).toMatchObject({ snapshot: false })
  device.push({ seq: 1, name: 'conversation.reopen', args: { conversationId: idOf('a'), messageId: team.messageId() } })
  await device.until(() => device.lastClientSeq === 1)
  expect(device.results.get(1)).toBe('conversation.notClosed')
})

it('[SYN-3] the welcome tells which command was taken last, so that a copy of a device knows that it was not its own', async () => {
  const team = await hub.team()
  await team.customer('a')
  const device = await SampleDevice.live(team, 'admin')
  const args = { conversationId: idOf('a'), pinned: true }
  device.push({ seq: 1, name: 'conversation.pin', args })
  await device.until(() => device.lastClientSeq === 1)
  await device.close()
  await device.open()
  const known = { lastClientSeq: 1, lastFingerprint: fingerprint('conversation.pin', args) }
  expect(await device.hello()).toMatchObject(known)
})

it('[SYN-6] what another hub committed reaches a device that connects, without waiting for the next commit here', async () => {
  const team = await hub.team()
  await team.customer('a')
  const device = await SampleDevice.live(team, 'admin')
  await device.close()
  const take = { conversationId: idOf('a'), messageId: team.messageId() }
  await hub.otherCore().runPushed(team.identity('cs_agent'), { seq: 1, name: 'conversation.take', args: take, at: 0 })
  await device.connect()
  await device.caughtUp()
  expect(device.rows.get(`conversation ${idOf('a')}`)?.[1]).toMatchObject({ followerId: 'cs_agent' })
})
