import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConversationId, MemberId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Conversation, Member } from '../../domain/rows.ts'
import type { SnapshotLine } from '../../sync/protocol.ts'
import { startServer } from '../server.ts'
import { openStore } from '../session/store-file.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import type { BatchAnswer, BatchItems } from '../views.ts'
import { LocalWorkstation } from '../workstation.ts'

const SUPERVISOR: Member = { ...MEMBER, storeIds: [], role: 'supervisor' }
const AH_HUA: Member = { ...MEMBER, storeIds: [], id: MemberId.parse('hua'), name: '阿華', email: 'hua@example.test' }

type Changes = Record<string, Partial<Conversation>>

/** The snapshot of so many open conversations of the supervisor's own, some of them otherwise. */
function linesOf(names: string[], changes: Changes): SnapshotLine[] {
  return snapshotOf(names).map((line): SnapshotLine => {
    if (line.type === 'reference') {
      const members = [SUPERVISOR, AH_HUA].map((member) => ['member', member] as const)
      return {
        ...line,
        rows: [
          ...line.rows.filter(([table]) => table !== 'member'),
          ...members.map(([t, m]): (typeof line.rows)[number] => [t, m]),
        ],
      }
    }
    if (line.type !== 'conversations') return line
    return {
      ...line,
      rows: line.rows.map((row) =>
        row[0] === 'conversation' ? ['conversation', { ...row[1], ...changes[row[1].id] }] : row,
      ),
    }
  })
}

async function setUp(names: string[], changes: Changes = {}) {
  const hub = await StandInHub.start()
  hub.member = SUPERVISOR
  hub.snapshotLines = linesOf(names, changes)
  const parts = { hub: hub.url, home: folder(), openStore, keychain: null, log: SILENT, timing: QUICK }
  const workstation = await LocalWorkstation.open(parts)
  const renderer = join(folder(), 'renderer')
  const server = await startServer({ workstation, windowSecret: null, renderer, port: 0, log: SILENT })
  onTestFinished(async () => {
    await server.close()
    await workstation.close()
    await hub.stop()
  })
  const { headers } = await fetch(`${server.url}/api/state`)
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.url}/api/${path}`, {
      method,
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: await response.json() }
  }
  await ask('POST', 'sign-in', { email: MEMBER.email, password: hub.password })
  await until(() => workstation.state('').connection.state === 'online')
  const batch = async (action: string, conversationIds: string[], more: object = {}): Promise<BatchAnswer> =>
    (await ask('POST', 'batches', { action, conversationIds, ...more })).json
  const items = async (ids: number[]): Promise<BatchItems['items']> =>
    (await ask('GET', `batches/items?ids=${ids.join(',')}`)).json.items
  const pushed = () => hub.pushes.flat().map(({ name, args }) => [name, args])
  return { hub, workstation, ask, batch, items, pushed }
}

/** What became of each, as the code of its refusal or `kept`. */
function codes({ items }: BatchAnswer): string[] {
  return items.map((item) => ('refusal' in item ? item.refusal.code : 'kept'))
}
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `c${index + 1}`)
const idsIn = ({ items }: BatchAnswer) => items.flatMap((item) => ('queueId' in item ? [item.queueId] : []))

describe('several conversations at once', () => {
  it('[CNV-6] gives each its own command and answer, in order, with its place; one that may not stops no other', async () => {
    const { workstation, batch, pushed } = await setUp(['a', 'group', 'closed', 'b'], {
      group: { kind: 'group' },
      closed: { status: 'closed', closedAt: Date.now() },
    })
    const answer = await batch('transfer', ['a', 'group', 'gone', 'closed', 'b'], { toMemberId: AH_HUA.id })
    expect(codes(answer)).toEqual([
      'kept',
      'batch.transferKind',
      'conversation.notVisible',
      'conversation.closed',
      'kept',
    ])
    expect(answer.items.map(({ conversationId }) => conversationId)).toEqual(['a', 'group', 'gone', 'closed', 'b'])
    for (const id of ['a', 'b']) {
      expect(workstation.conversation(ConversationId.parse(id))).toMatchObject({
        value: { conversation: { followerId: 'hua' } },
      })
    }
    await until(() => pushed().length === 2)
    expect(pushed()).toEqual([
      [
        'conversation.transfer',
        { conversationId: 'a', messageId: expect.any(String), toMemberId: 'hua', batch: { position: 1 } },
      ],
      [
        'conversation.transfer',
        { conversationId: 'b', messageId: expect.any(String), toMemberId: 'hua', batch: { position: 5 } },
      ],
    ])
  })

  it('[CNV-6] hands over at most 20: the 21st is refused by itself', async () => {
    const names = numbered(21)
    const { batch } = await setUp(names)
    const answer = await batch('transfer', names, { toMemberId: AH_HUA.id })
    expect(codes(answer)).toEqual([...names.slice(0, 20).map(() => 'kept'), 'batch.tooMany'])
    expect(answer.items.at(-1)).toEqual({ conversationId: 'c21', refusal: refuse('batch.tooMany', { max: 20 }) })
  })

  it('[DEL-5] takes 40 and not 41, and none twice', async () => {
    const { ask, batch, hub } = await setUp(numbered(40))
    expect((await ask('POST', 'batches', { action: 'delete', conversationIds: numbered(41) })).status).toBe(400)
    expect((await ask('POST', 'batches', { action: 'delete', conversationIds: ['c1', 'c1'] })).status).toBe(400)
    expect((await ask('POST', 'batches', { action: 'delete', conversationIds: [] })).status).toBe(400)
    expect((await ask('POST', 'batches', { action: 'reopen', conversationIds: ['c1'] })).status).toBe(400)
    expect((await ask('POST', 'batches', { action: 'transfer', conversationIds: ['c1'] })).status).toBe(400)
    expect(hub.pushes).toEqual([])
    expect(codes(await batch('delete', numbered(40)))).toEqual(numbered(40).map(() => 'kept'))
  })

  it('[CNV-6] keeps what was done before the hub is there, and pushes it in order when it is', async () => {
    const { hub, workstation, batch, pushed } = await setUp(['a', 'b'])
    const { port } = hub
    await hub.stop()
    await until(() => workstation.state('').connection.state === 'offline')
    expect(codes(await batch('close', ['a', 'b']))).toEqual(['kept', 'kept'])
    expect(workstation.counts().closed_mine.total).toBe(2)
    const again = await StandInHub.start(port)
    onTestFinished(() => again.stop())
    again.refreshToken = hub.refreshToken
    workstation.wake()
    await until(() => again.pushes.flat().length === 2)
    expect(again.pushes.flat().map(({ args }) => args)).toMatchObject([
      { conversationId: 'a', batch: { position: 1 } },
      { conversationId: 'b', batch: { position: 2 } },
    ])
    expect(pushed()).toEqual([])
  })

  it('[DEL-6] deletes nothing while the hub is out of reach', async () => {
    const { hub, workstation, batch } = await setUp(['a', 'b'])
    await hub.stop()
    await until(() => workstation.state('').connection.state === 'offline')
    expect(codes(await batch('delete', ['a', 'b']))).toEqual(['request.offline', 'request.offline'])
    expect(codes(await batch('blacklist', ['a']))).toEqual(['request.offline'])
    expect(workstation.counts().open_mine.total).toBe(2)
  })

  it('[DEL-4] refuses those of 團隊處理中 by themselves', async () => {
    const { batch } = await setUp(['mine', 'theirs'], { theirs: { followerId: AH_HUA.id } })
    expect(codes(await batch('delete', ['mine', 'theirs']))).toEqual(['kept', 'batch.teamList'])
  })
})

describe('what became of them', () => {
  it('[DEL-5] is told by their numbers: waiting, taken, or refused with the reason', async () => {
    const { hub, batch, items, workstation } = await setUp(['a', 'b', 'c'])
    hub.takes = false
    const ids = idsIn(await batch('delete', ['a', 'b', 'c']))
    expect(await items(ids)).toEqual(ids.map((queueId) => ({ queueId, state: 'waiting' })))
    // Deleting waits for the hub: until it says so everything is there.
    expect(workstation.counts().open_mine.total).toBe(3)
    const refusal: Refusal = refuse('conversation.notVisible', {})
    hub.lastClientSeq = 3
    hub.version += 1
    hub.tell({ ...hub.patch(), results: [{ seq: 2, refusal }], removes: [['conversation', ConversationId.parse('a')]] })
    await until(() => workstation.queue().waiting.length === 0)
    expect(await items(ids)).toEqual([
      { queueId: ids[0], state: 'gone' },
      { queueId: ids[1], state: 'refused', refusal },
      { queueId: ids[2], state: 'gone' },
    ])
  })

  it('[DEL-5] is told of one that a colleague deleted meanwhile, though nothing of it is left in the queue', async () => {
    const { hub, batch, items, workstation } = await setUp(['a', 'b'])
    hub.takes = false
    const ids = idsIn(await batch('close', ['a', 'b']))
    const refusal: Refusal = refuse('conversation.notVisible', {})
    hub.lastClientSeq = 2
    hub.version += 1
    hub.tell({ ...hub.patch(), results: [{ seq: 1, refusal }], removes: [['conversation', ConversationId.parse('a')]] })
    await until(() => workstation.queue().waiting.length === 0)
    expect(workstation.queue().refused).toEqual([])
    expect(await items(ids)).toEqual([
      { queueId: ids[0], state: 'refused', refusal },
      { queueId: ids[1], state: 'gone' },
    ])
  })

  it('takes numbers and nothing else', async () => {
    const { ask } = await setUp([])
    for (const ids of [
      '',
      'a',
      '1,',
      '-1',
      '1;2',
      numbered(41)
        .map((_, n) => n)
        .join(','),
    ]) {
      expect([ids, (await ask('GET', `batches/items?ids=${ids}`)).status]).toEqual([ids, 400])
    }
  })
})
