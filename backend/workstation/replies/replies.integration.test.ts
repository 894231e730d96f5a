import { expect, it, onTestFinished } from 'vitest'
import { AttachmentId, MemberId, ReplyId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import { REPLY_FILE_MAX } from '../../domain/replies/files.ts'
import { TAKE_BACK } from '../../domain/replies/use.ts'
import type { Reply, ReplyMessage } from '../../domain/rows.ts'
import type { SnapshotLine, TableRow } from '../../sync/protocol.ts'
import { startServer } from '../server.ts'
import { openStore } from '../session/store-file.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import { LocalWorkstation } from '../workstation.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const PICTURE: ReplyMessage = {
  kind: 'image',
  attachmentId: AttachmentId.parse('menu'),
  name: '菜單.png',
  mime: 'image/png',
  size: PNG.length,
  width: 1,
  height: 1,
}
const text = (content: string): ReplyMessage => ({ kind: 'text', text: content })
function reply(id: string, messages: ReplyMessage[]): Reply {
  const ownerId = MemberId.parse('boss')
  return { id: ReplyId.parse(id), folderId: null, name: id, messages, visibility: { to: 'all' }, ownerId, updatedAt: 1 }
}
const REPLIES = [
  reply('hello', [text('{{customer.name}}您好，我是{{member.name}}'), text('請稍候')]),
  reply('phone', [text('您的電話是{{customer.phone}}')]),
  reply('menu', [text('這是菜單'), PICTURE]),
  { ...reply('older', [{ ...PICTURE, attachmentId: AttachmentId.parse('older') }]), updatedAt: 0 },
]

/** What a hub gives: four replies, a conversation with 陳先生 and one in a group. */
function snapshotWithReplies(): SnapshotLine[] {
  return snapshotOf(['chen', 'group']).map((line): SnapshotLine => {
    if (line.type === 'reference') {
      return { ...line, rows: [...line.rows, ...REPLIES.map((row): TableRow => ['reply', row])] }
    }
    if (line.type !== 'conversations') return line
    const rows = line.rows.map((row): TableRow => {
      if (row[0] === 'conversation' && row[1].id === 'group') return [row[0], { ...row[1], kind: 'group' }]
      return row[0] === 'contact' && row[1].externalId === 'chen' ? [row[0], { ...row[1], name: '陳先生' }] : row
    })
    return { ...line, rows }
  })
}

/** A workstation at which the member of the hub is signed in, by its local API. */
async function setUp({
  hub,
  home = folder(),
  now = Date.now(),
}: { hub?: StandInHub; home?: string; now?: number } = {}) {
  const theirs = hub ?? (await StandInHub.start())
  if (!hub) onTestFinished(() => theirs.stop())
  theirs.file = PNG
  theirs.snapshotLines = snapshotWithReplies()
  const clock = { now }
  const parts = {
    ...{ hub: theirs.url, home, openStore, keychain: null, log: SILENT },
    ...{ timing: QUICK, now: () => clock.now },
  }
  const workstation = await LocalWorkstation.open(parts)
  const server = await startServer({ workstation, windowSecret: null, renderer: folder(), port: 0, log: SILENT })
  let closing: Promise<void> | null = null
  const close = () => (closing ??= server.close().then(() => workstation.close()))
  onTestFinished(close)
  const { headers } = await fetch(`${server.url}/api/state`)
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const send = (method: string, path: string, body?: string | Uint8Array, type = 'application/json') =>
    fetch(server.url + path, {
      method,
      headers: { cookie, origin: server.url, 'content-type': type },
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    })
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await send(method, path, body === undefined ? undefined : JSON.stringify(body))
    return { status: response.status, json: await response.json() }
  }
  const state = () => workstation.state('').connection.state
  await ask('POST', '/api/sign-in', { email: MEMBER.email, password: theirs.password })
  await until(() => state() === 'online')
  return {
    ...{ hub: theirs, home, clock, workstation, close, send, ask, state },
    use: (id: string, mode: 'apply' | 'send', conversationId = 'chen') =>
      ask('POST', `/api/replies/${id}/use`, { conversationId, mode }),
    departing: async () => (await ask('GET', '/api/conversations/chen/messages')).json.departing,
    pushed: () => theirs.pushes.flat().map(({ name, args }) => [name, args]),
  }
}

it('[REP-1] gives the member’s replies, and says when they change', async () => {
  const { hub, ask, workstation } = await setUp()
  expect(await ask('GET', '/api/replies')).toEqual({
    status: 200,
    json: { folders: [], replies: REPLIES.toSorted((a, b) => (a.id < b.id ? -1 : 1)) },
  })
  await workstation.signIn('listener', MEMBER.email, hub.password)
  const told: string[] = []
  workstation.onLive('listener', ({ type }) => told.push(type))
  hub.version += 1
  hub.tell({ ...hub.patch(), puts: [['reply', reply('new', [text('新的')])]] })
  await until(() => told.includes('replies'))
  expect((await ask('GET', '/api/replies')).json.replies).toHaveLength(5)
})

it('[REP-3] 套用 gives the text filled in, with an empty line between messages, and names what is missing', async () => {
  const { use } = await setUp()
  const applied = { mode: 'apply', attachments: [] }
  expect(await use('hello', 'apply')).toEqual({
    status: 200,
    json: { ...applied, text: '陳先生您好，我是林小美\n\n請稍候', missing: [] },
  })
  expect((await use('phone', 'apply')).json).toEqual({
    ...applied,
    text: '您的電話是{{customer.phone}}',
    missing: ['customer.phone'],
  })
  expect((await use('hello', 'apply', 'group')).json).toMatchObject({ mode: 'apply' })
  expect(await use('nothing', 'apply')).toMatchObject({ status: 404, json: { error: { code: 'request.notFound' } } })
  expect(await use('hello', 'apply', 'elsewhere')).toMatchObject({
    json: { error: { code: 'conversation.notVisible' } },
  })
})

it('[REP-3] [ROL-4] 發送 is refused in a group, and where something is missing, and leaves nothing behind', async () => {
  const { use, departing } = await setUp()
  expect((await use('hello', 'send', 'group')).json.error).toEqual(refuse('reply.group', {}, { instead: 'apply' }))
  expect((await use('phone', 'send')).json.error).toEqual(
    refuse('reply.noValue', { variable: 'customer.phone' }, { instead: 'apply' }),
  )
  expect(await departing()).toEqual([])
})

it('[REP-6] 發送 shows what leaves in five seconds; taken back, it never does', async () => {
  const { use, departing, ask, clock, pushed } = await setUp()
  const { json } = await use('hello', 'send')
  const { id } = json.departing
  const expected = [{ id, messages: [text('陳先生您好，我是林小美'), text('請稍候')], leavesAt: clock.now + TAKE_BACK }]
  expect([json, await departing()]).toEqual([{ mode: 'send', departing: expected[0] }, expected])
  expect(await ask('DELETE', `/api/departing/${id}`)).toEqual({ status: 200, json: {} })
  expect(await ask('DELETE', `/api/departing/${id}`)).toMatchObject({ json: { error: { code: 'request.notFound' } } })
  expect([await departing(), pushed()]).toEqual([[], []])
})

it('[REP-6] [SYN-2] a workstation that was closed meanwhile sends it at its next start, in its order', async () => {
  const first = await setUp()
  await first.use('hello', 'send')
  await first.use('menu', 'send')
  await first.close()
  const { pushed, departing, hub } = await setUp({ hub: first.hub, home: first.home, now: first.clock.now + TAKE_BACK })
  await until(() => pushed().length === 4)
  const copy = { ...PICTURE, attachmentId: expect.not.stringMatching('menu') }
  expect(pushed()).toMatchObject(
    [text('陳先生您好，我是林小美'), text('請稍候'), text('這是菜單'), copy].map((content) => [
      'message.send',
      { conversationId: 'chen', content },
    ]),
  )
  // The copy went up to the conversation, ahead of its message.
  expect(hub.story.filter((what) => what.startsWith('upload'))).toHaveLength(1)
  expect(await departing()).toEqual([])
})

it('[REP-1] [SYN-1] files are fetched ahead, and copied for the conversation, also without the hub', async () => {
  const { hub, use, state, send } = await setUp()
  // The next one is only asked for when the one before is kept.
  await until(() => hub.story.includes('download older'))
  await hub.stop()
  await until(() => state() === 'offline')
  const file = await send('GET', '/api/replies/files/menu')
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(Buffer.from(await file.arrayBuffer()).equals(PNG)).toBe(true)
  const { json } = await use('menu', 'apply')
  const [copy] = json.attachments
  expect(json).toMatchObject({
    text: '這是菜單',
    attachments: [{ name: '菜單.png', mime: 'image/png', size: PNG.length, width: 1, height: 1 }],
  })
  expect(copy.attachmentId).not.toBe('menu')
  const bytes = await (await send('GET', `/api/attachments/${copy.attachmentId}`)).arrayBuffer()
  expect(Buffer.from(bytes).equals(PNG)).toBe(true)
})

it('[REP-1] [SYN-2] a file that is added is kept here, and goes up to its reply ahead of it', async () => {
  const { hub, ask, send, pushed } = await setUp()
  const added = await (await send('POST', '/api/replies/files?name=%E7%85%A7%E7%89%87.png', PNG, 'text/html')).json()
  expect(added).toMatchObject({ name: '照片.png', mime: 'image/png', size: PNG.length, width: 1, height: 1 })
  const image = { ...PICTURE, attachmentId: added.attachmentId }
  const args = { replyId: 'mine', folderId: null, name: '我的', messages: [image], visibility: { to: 'owner' } }
  expect((await ask('POST', '/api/commands', { name: 'reply.save', args })).json).toMatchObject({ ok: true })
  await until(() => pushed().length === 1)
  const { story } = hub
  expect(story.indexOf(`upload ${added.attachmentId}`)).toBeLessThan(story.findIndex((one) => one.startsWith('push')))
  expect(story).toContain(`upload ${added.attachmentId}`)
})

it('[REP-1] refuses a file that is too large, or none, and what is not of the right shape', async () => {
  const { ask, send } = await setUp()
  const large = await send('POST', '/api/replies/files?name=a.txt', Buffer.alloc(REPLY_FILE_MAX + 1, 65), 'text/plain')
  expect([large.status, (await large.json()).error.code]).toEqual([413, 'request.tooLarge'])
  const empty = await send('POST', '/api/replies/files?name=a.txt', new Uint8Array(), 'text/plain')
  expect((await empty.json()).error.code).toBe('attachment.empty')
  const page = await send('POST', '/api/replies/files?name=a.png', Buffer.from('<html><script>'), 'text/html')
  expect((await page.json()).error.code).toBe('attachment.type')
  const answers = [
    await ask('POST', '/api/replies/hello/use', { conversationId: 'chen', mode: 'shout' }),
    await ask('POST', '/api/replies/a%20b/use', { conversationId: 'chen', mode: 'send' }),
    await ask('POST', '/api/replies/files'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
  expect((await send('GET', '/api/replies/files/unknown')).status).toBe(404)
})
