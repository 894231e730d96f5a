import { describe, expect, it, onTestFinished } from 'vitest'
import { newKey } from '../session/seal.ts'
import { ConversationId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import { PROTOCOL } from '../../sync/protocol.ts'
import { acceptAttachment } from '../attachments/accept.ts'
import { openMemberStore } from '../store/open.ts'
import { Home } from '../session/home.ts'
import { SignInDesk } from '../session/sign-in.ts'
import { Tokens } from '../session/tokens.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { conversationRows, snapshotOf } from '../stand-ins/rows.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import type { Connection } from '../views.ts'
import { HubClient } from './client.ts'
import { Sync } from './sync.ts'
import type { SyncTiming } from './timing.ts'

async function setUp(timing: Partial<SyncTiming> = {}, prepare: (hub: StandInHub) => void = () => undefined) {
  const hub = await StandInHub.start()
  hub.snapshotLines = snapshotOf(['one', 'two', 'three', 'four'])
  prepare(hub)
  const client = new HubClient(hub.url, SILENT)
  const home = await Home.open(folder(), SILENT)
  const signedIn = await new SignInDesk(home, client, null, Date.now, SILENT).withHub(MEMBER.email, hub.password)
  if (!signedIn.ok) throw new Error(signedIn.refusal.code)
  const { vault, session } = signedIn.value
  const opened = openMemberStore({
    path: `${vault.folder}/store.db`,
    key: newKey(),
    create: { clientId: session.clientId, memberId: MEMBER.id, lastClientSeq: 0 },
    log: SILENT,
  })
  if (!opened.ok) throw new Error(opened.reason)
  const tokens = new Tokens(client, vault, Date.now, SILENT)
  tokens.use(session)
  const connections: Connection[] = []
  const sync = new Sync({
    store: opened.store,
    hub: client,
    tokens,
    log: SILENT,
    now: Date.now,
    random: Math.random,
    lastSyncAt: null,
    onConnection: (connection) => void connections.push(connection),
    onPresence: () => undefined,
    onHappened: () => undefined,
    timing: { ...QUICK, ...timing },
  })
  onTestFinished(async () => {
    await sync.stop()
    opened.store.close()
    await hub.stop()
  })
  return { hub, sync, store: opened.store, connections, tokens }
}

let notes = 0
function noteIn(conversationId: string, text = 'a note') {
  notes += 1
  return { name: 'note.add', args: { conversationId, messageId: `note-${notes}`, text } }
}

const isOnline = (sync: Sync) => () => sync.connection.state === 'online'

/** Resolves when a workstation whose hub talks nonsense has come back to it five times: as long as not coming back must last. */
async function anotherRetries(): Promise<void> {
  const { hub, sync } = await setUp()
  hub.onHello = (socket) => socket.send('garbage {')
  sync.start()
  await until(() => hub.hellos.length >= 5)
}

describe('first contact', () => {
  it('[SYN-7] fetches a snapshot with progress and then stays on the live connection', async () => {
    const { hub, sync, store, connections } = await setUp()
    sync.start()
    await until(isOnline(sync))
    expect(store.counts().open_mine.total).toBe(4)
    expect(hub.hellos).toMatchObject([{ version: 1, protocol: PROTOCOL, clientId: 'client-of-mei' }])
    expect(connections.map(({ state }) => state)).toEqual(expect.arrayContaining(['connecting', 'syncing', 'online']))
    expect(connections.find((one) => one.state === 'syncing' && one.done > 0)).toMatchObject({ total: 4 })
  })

  it('[SYN-7] resumes a snapshot that was cut after the last conversation that came whole', async () => {
    const { hub, sync, store } = await setUp({}, (hub) => {
      hub.cutSnapshotAfter = 5
    })
    sync.start()
    await until(isOnline(sync))
    expect(hub.snapshotQueries).toEqual(['', '?version=1&epoch=first&after=two'])
    expect(store.counts().open_mine.total).toBe(4)
  })

  it('never lets a line that does not fit reach the store', async () => {
    const { hub, sync, store } = await setUp()
    const whole = hub.snapshotLines
    const broken = JSON.stringify(whole).replaceAll('"status":"open"', '"status":"ajar"')
    // Not what the protocol says, on purpose.
    hub.snapshotLines = JSON.parse(broken)
    sync.start()
    await until(() => sync.connection.state === 'offline' && sync.connection.reason?.code === 'hub.garbled')
    expect(store.counts().open_mine.total).toBe(0)
    hub.snapshotLines = whole
    await until(isOnline(sync))
    expect(store.counts().open_mine.total).toBe(4)
  })

  it('fetches a snapshot when the welcome or a resync asks for one', async () => {
    const { hub, sync } = await setUp()
    sync.start()
    await until(isOnline(sync))
    hub.wantsSnapshot = true
    hub.cut()
    await until(() => hub.snapshotQueries.length === 2 && sync.connection.state === 'online')
    hub.tell({ type: 'resync' })
    await until(() => hub.snapshotQueries.length === 3 && sync.connection.state === 'online')
  })
})

describe('what the member does', () => {
  it('[SYN-3] leaves in order, each once, and again from where the hub says', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    hub.takes = false
    for (let i = 0; i < 5; i++) expect(store.command(noteIn('one'), Date.now())).toMatchObject({ ok: true })
    await until(() => hub.pushes.flat().length === 5)
    expect(hub.pushes.flat().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    // The hub took three before the cut and could not say so.
    hub.lastClientSeq = 3
    hub.version += 1
    hub.takes = true
    hub.cut()
    await until(() => store.queue().waiting.length === 0)
    expect(hub.pushes.flat().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 4, 5])
  })

  it('[SYN-3] goes out in frames that are never too large', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    hub.cut()
    for (let i = 0; i < 60; i++) store.command(noteIn('one', '字'.repeat(4_900)), Date.now())
    await until(() => store.queue().waiting.length === 0)
    const sizes = hub.pushes.map((commands) => Buffer.byteLength(JSON.stringify(commands)))
    expect(Math.max(...sizes)).toBeLessThan(220 * 1024)
    expect(hub.pushes.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  })

  it('uploads a file before the message that shows it, and only once', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    hub.story.length = 0
    const conversationId = ConversationId.parse('one')
    const accepted = await acceptAttachment(conversationId, '價目表.txt', 'text/plain', Buffer.from('茶 30 元'))
    if (!accepted.ok) throw new Error(accepted.refusal.code)
    store.addAttachment(accepted.value)
    const { id, name, mime, size } = accepted.value
    const content = { kind: 'file', attachmentId: id, name, mime, size }
    expect(
      store.command({ name: 'message.send', args: { conversationId, messageId: 'm1', content } }, 1),
    ).toMatchObject({
      ok: true,
    })
    store.command(noteIn('one'), Date.now())
    await until(() => store.queue().waiting.length === 0)
    expect(hub.story).toEqual([`upload ${id}`, 'push 1,2'])
  })

  it('goes on with the queue when the hub refuses a file for good', async () => {
    const { sync, store } = await setUp({}, (hub) => {
      hub.uploadRefusal = refuse('attachment.type', { name: 'a', mime: 'text/html' })
      hub.refusals.set(1, refuse('attachment.missing', { name: 'a' }))
    })
    sync.start()
    await until(isOnline(sync))
    const conversationId = ConversationId.parse('one')
    const accepted = await acceptAttachment(conversationId, 'a.txt', 'text/plain', Buffer.from('a'))
    if (!accepted.ok) throw new Error(accepted.refusal.code)
    store.addAttachment(accepted.value)
    const { id, name, mime, size } = accepted.value
    const content = { kind: 'file', attachmentId: id, name, mime, size }
    store.command({ name: 'message.send', args: { conversationId, messageId: 'm1', content } }, 1)
    store.command(noteIn('one'), Date.now())
    await until(() => store.queue().waiting.length === 0)
    expect(store.queue().refused).toMatchObject([{ name: 'message.send', refusal: { code: 'attachment.type' } }])
  })
})

describe('what the hub says', () => {
  it('applies the parts of a patch together', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    let changes = 0
    store.onStale(() => (changes += 1))
    const [contact, conversation] = conversationRows('five')
    hub.version = 2
    hub.tell({ ...hub.patch(true), puts: [['contact', contact]] })
    hub.tell({ ...hub.patch(true), puts: [] })
    hub.tell({ ...hub.patch(), puts: [['conversation', conversation]] })
    await until(() => store.position().version === 2)
    expect(changes).toBe(1)
    expect(store.counts().open_mine.total).toBe(5)
  })

  it('[SYN-6] takes a patch that came twice once, and gives the connection up when one is missing', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    const [contact, conversation] = conversationRows('five')
    const first = { ...hub.patch(), version: 2, puts: [['contact', contact]] }
    const second = { ...hub.patch(), n: 2, version: 3, puts: [['conversation', conversation]] }
    hub.tell(JSON.stringify(first))
    hub.tell(JSON.stringify(first))
    hub.tell(JSON.stringify(second))
    await until(() => store.position().version === 3)
    hub.tell(JSON.stringify({ ...hub.patch(), n: 4, version: 5 }))
    await until(() => hub.hellos.length === 2)
    expect(hub.hellos[1]).toMatchObject({ version: 3 })
  })

  it('[SYN-3] pushes again over a new connection what the hub does not take, though it is there', async () => {
    const { hub, sync, store } = await setUp({ answer: 100 })
    hub.takes = false
    sync.start()
    await until(isOnline(sync))
    store.command(noteIn('one'), Date.now())
    await until(() => hub.hellos.length === 2)
    hub.takes = true
    await until(() => store.queue().waiting.length === 0)
    expect(hub.pushes.at(-1)).toMatchObject([{ seq: 1 }])
  })

  it('drops the parts of a patch whose end never came', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    const [contact] = conversationRows('five')
    hub.tell({ ...hub.patch(true), version: 2, puts: [['contact', contact]] })
    hub.cut()
    await until(() => hub.hellos.length === 2)
    expect(hub.hellos[1]).toMatchObject({ version: 1 })
    expect(store.position().version).toBe(1)
  })

  it.each([
    ['no JSON', 'garbage {'],
    ['an unknown frame', '{"type":"explode"}'],
    [
      'a patch with a broken row',
      '{"type":"patch","n":1,"version":9,"epoch":"","more":false,"lastClientSeq":0,"results":[],"evicts":[],"removes":[],"puts":[["member",{}]]}',
    ],
    ['a frame that is too large', `"${'x'.repeat(300 * 1024)}"`],
  ])('gives the connection up after %s, and comes back', async (_, frame) => {
    const { hub, sync, store, connections } = await setUp()
    sync.start()
    await until(isOnline(sync))
    hub.tell(frame)
    await until(() => connections.some((one) => one.state === 'offline' && one.reason?.code === 'hub.garbled'))
    expect(store.position().version).toBe(1)
    await until(isOnline(sync))
  })

  it('says that the hub speaks another protocol, and does not hammer it', async () => {
    const { hub, sync } = await setUp()
    const error = refuse('hub.protocol', { theirs: 2, ours: 1 })
    hub.onHello = (socket) => socket.send(JSON.stringify({ type: 'error', error }))
    sync.start()
    await until(() => sync.connection.state === 'offline' && sync.connection.reason?.code === 'hub.protocol')
    await anotherRetries()
    expect(hub.hellos).toHaveLength(1)
    hub.onHello = null
    sync.wake()
    await until(isOnline(sync))
  })
})

describe('the connection', () => {
  it('comes back when the hub does, on the same address', async () => {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    await hub.stop()
    await until(() => sync.connection.state === 'offline' && sync.connection.reason?.code === 'hub.unreachable')
    store.command(noteIn('one'), Date.now())
    const again = await StandInHub.start(hub.port)
    onTestFinished(() => again.stop())
    await until(() => sync.connection.state === 'online' && store.queue().waiting.length === 0)
    expect(again.pushes.flat()).toHaveLength(1)
  })

  it('is given up when the hub falls silent', async () => {
    const { hub, sync, connections } = await setUp({ silence: 60 })
    sync.start()
    await until(isOnline(sync))
    await until(() => connections.some(({ state }) => state === 'offline'))
    await until(() => hub.hellos.length > 1)
  })

  it('renews its token before the old one runs out, without a new connection', async () => {
    const { hub, sync } = await setUp({ renewBefore: 3_599_900 })
    sync.start()
    await until(isOnline(sync))
    await until(() => hub.renewals.length === 1)
    expect(hub.renewals).toEqual(['access-2'])
    expect(hub.hellos).toHaveLength(1)
  })

  it('asks for a new token when the hub does not take the one it has', async () => {
    const { hub, sync } = await setUp()
    hub.onHello = (socket, { accessToken }) => {
      const error = refuse('session.expired', {})
      socket.send(JSON.stringify(accessToken === 'access-1' ? { type: 'error', error } : hub.welcome()))
    }
    sync.start()
    await until(isOnline(sync))
    expect(hub.hellos.map(({ accessToken }) => accessToken)).toEqual(['access-1', 'access-2'])
  })

  it.each(['signIn.inactive', 'workstation.removed', 'session.tokenReused'] as const)(
    'waits for a new sign-in after %s; local work goes on',
    async (code) => {
      const { hub, sync, store } = await setUp()
      sync.start()
      await until(isOnline(sync))
      hub.tell({ type: 'error', error: refuse(code, {}) })
      await until(() => sync.connection.state === 'offline')
      expect(sync.connection).toMatchObject({ reason: { code } })
      expect(store.command(noteIn('one'), Date.now())).toMatchObject({ ok: true })
      sync.acted()
      await anotherRetries()
      expect(hub.hellos).toHaveLength(1)
    },
  )

  it('does not keep a member who acts waiting for the back-off', async () => {
    const { hub, sync } = await setUp({ backOffFrom: 60_000, backOffTo: 60_000, patience: 5 })
    sync.start()
    await until(isOnline(sync))
    hub.cut()
    await until(() => sync.connection.state === 'offline')
    // Within the test only acting can bring it back: the back-off is a minute.
    await until(() => {
      sync.acted()
      return isOnline(sync)()
    })
  })

  it('is left to another program that took it over, until the member does something here', async () => {
    const { hub, sync } = await setUp({ patience: 5 })
    sync.start()
    await until(isOnline(sync))
    for (const socket of hub.sockets) socket.close(4001, 'replaced')
    await until(() => sync.connection.state === 'offline')
    expect(sync.connection).toMatchObject({ reason: { code: 'session.replaced' } })
    await anotherRetries()
    expect(hub.hellos).toHaveLength(1)
    sync.acted()
    await until(isOnline(sync))
  })
})

describe('a hub that was restored from an older backup', () => {
  async function restored(how: { version: number; wantsSnapshot: boolean }) {
    const { hub, sync, store } = await setUp()
    sync.start()
    await until(isOnline(sync))
    for (let i = 0; i < 4; i++) store.command(noteIn('one'), Date.now())
    await until(() => store.queue().waiting.length === 0 && store.position().lastClientSeq === 4)
    Object.assign(hub, { ...how, lastClientSeq: 1 })
    hub.pushes.length = 0
    hub.cut()
    store.command(noteIn('one', 'first'), Date.now())
    store.command(noteIn('one', 'second'), Date.now())
    hub.snapshotLines = hub.snapshotLines.map((line) =>
      line.type === 'begin' ? { ...line, version: how.version } : line,
    )
    await until(() => sync.connection.state === 'online' && store.queue().waiting.length === 0)
    return { hub, store, sync }
  }

  it.each([
    ['and knows that we are ahead', { version: 1, wantsSnapshot: true }],
    ['and says nothing of it', { version: 1, wantsSnapshot: false }],
    ['and has gone on since, past our version', { version: 90, wantsSnapshot: false }],
  ])('[SYN-3] %s gets what waits under the numbers it expects, and nothing twice', async (_, how) => {
    const { hub, store } = await restored(how)
    expect(hub.pushes.flat().map(({ seq, args }) => [seq, args])).toMatchObject([
      [2, { text: 'first' }],
      [3, { text: 'second' }],
    ])
    expect(hub.snapshotQueries).toHaveLength(2)
    expect(hub.hellos.at(-1)).toMatchObject({ resultsAfter: 1, version: how.version })
    expect(store.position()).toMatchObject({ lastClientSeq: 3 })
    store.command(noteIn('one', 'third'), Date.now())
    await until(() => hub.pushes.flat().length === 3)
    expect(hub.pushes.flat().at(-1)).toMatchObject({ seq: 4 })
  })
})
