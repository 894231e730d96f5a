import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AttachmentId, ConversationId, MemberId } from '../domain/ids.ts'
import { refuse } from '../domain/refusal.ts'
import type { OpenStore } from './session/open-session.ts'
import { openStore } from './session/store-file.ts'
import { MEMBER, StandInHub } from './stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from './stand-ins/place.ts'
import { messageOf, snapshotOf } from './stand-ins/rows.ts'
import { Connection } from './store/connection.ts'
import { LocalWorkstation } from './workstation.ts'

const ONE = ConversationId.parse('one')

async function setUp() {
  const hub = await StandInHub.start()
  onTestFinished(() => hub.stop())
  hub.snapshotLines = snapshotOf(['one'])
  const home = folder()
  const keys: Uint8Array[] = []
  const listening: OpenStore = (vault, ...rest) => {
    keys.push(vault.dataKey)
    return openStore(vault, ...rest)
  }
  const storeFile = () => {
    const members = join(home, 'members')
    return join(members, readdirSync(members)[0] ?? '', 'store.db')
  }
  const open = async () => {
    const parts = { hub: `${hub.url}/`, home, openStore: listening, keychain: null, log: SILENT, timing: QUICK }
    const workstation = await LocalWorkstation.open(parts)
    onTestFinished(() => workstation.close())
    return workstation
  }
  const workstation = await open()
  return { hub, open, workstation, keys, storeFile }
}

const isOnline = (workstation: LocalWorkstation) => () => workstation.state('').connection.state === 'online'

describe('members in turn', () => {
  it('[SHF-1] lets the next member in and the former one out, each with what is theirs', async () => {
    const { hub, workstation } = await setUp()
    await workstation.signIn('window', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    workstation.saveDraft(ONE, { mode: 'reply', reply: '還沒寫完', note: '', attachmentIds: [] })
    hub.member = { ...hub.member, id: MemberId.parse('wang'), name: '王大明', email: 'wang@example.test' }
    hub.snapshotLines = snapshotOf([])
    await workstation.signIn('other window', 'wang@example.test', 'right horse')
    expect([workstation.isOpenFor('window'), workstation.isOpenFor('other window')]).toEqual([false, true])
    await until(isOnline(workstation))
    expect(workstation.counts().open_mine.total).toBe(0)
    hub.member = { ...MEMBER, storeIds: [] }
    hub.failure = { status: 503, body: '' }
    expect(await workstation.signIn('window', MEMBER.email, 'right horse')).toMatchObject({ ok: true })
    expect(workstation.conversation(ONE)).toMatchObject({ value: { draftWhole: { reply: '還沒寫完' } } })
    expect(
      workstation
        .state('window')
        .knownMembers.map(({ name }) => name)
        .sort(),
    ).toEqual(['林小美', '王大明'])
  })

  it('[SHF-2] locks every window, and unlocks one at a time with the password', async () => {
    const { workstation } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await workstation.signIn('b', MEMBER.email, 'right horse')
    await workstation.lock()
    expect(workstation.state('a').session).toEqual({
      state: 'locked',
      member: { id: MEMBER.id, name: MEMBER.name, email: MEMBER.email },
    })
    await workstation.unlock('a', 'right horse')
    expect([workstation.isOpenFor('a'), workstation.isOpenFor('b')]).toEqual([true, false])
    await workstation.signOut()
    expect(workstation.state('a').session).toEqual({ state: 'signed-out' })
    expect(await workstation.unlock('a', 'right horse')).toMatchObject({ refusal: { code: 'request.unauthorised' } })
  })

  it('unlocks with a password that was changed elsewhere, and connects again with it', async () => {
    const { hub, workstation } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    hub.password = 'new stable'
    hub.refreshRefusal = refuse('session.expired', {}, { instead: 'sign-in' })
    hub.tell({ type: 'error', error: refuse('session.expired', {}) })
    await until(() => workstation.state('a').connection.state === 'offline')
    await workstation.lock()
    expect(await workstation.unlock('a', 'nonsense')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
    expect(await workstation.unlock('a', 'new stable')).toMatchObject({ ok: true })
    await until(isOnline(workstation))
  })

  it('[SYN-2] has after a restart, offline, what was done before it', async () => {
    const { hub, workstation, open } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    await hub.stop()
    await until(() => workstation.state('a').connection.state === 'offline')
    workstation.command({ name: 'note.add', args: { conversationId: ONE, messageId: 'n1', text: '備註' } })
    await workstation.close()
    const again = await open()
    expect(await again.signIn('b', MEMBER.email, 'right horse')).toMatchObject({
      value: {
        session: { state: 'open', member: { name: MEMBER.name } },
        connection: { lastSyncAt: expect.any(Number) },
      },
    })
    expect(again.queue().waiting).toMatchObject([{ name: 'note.add', text: '備註' }])
  })

  it('sets a store aside that cannot be read, says so, and fills a new one from the hub', async () => {
    const { workstation, open, storeFile } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    await workstation.close()
    writeFileSync(storeFile(), 'x'.repeat(20_000))
    const again = await open()
    await again.signIn('b', MEMBER.email, 'right horse')
    expect(again.state('b').storeNotice).toEqual({ code: 'store.queueLost', kept: 0 })
    await until(isOnline(again))
    expect(again.counts().open_mine.total).toBe(1)
  })

  it('[SYN-2] sets a store of a later program aside, with what waits in it taken over', async () => {
    const { hub, workstation, open, keys, storeFile } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    hub.failure = { status: 503, body: '' }
    hub.takes = false
    workstation.command({ name: 'note.add', args: { conversationId: ONE, messageId: 'n1', text: '備註' } })
    await workstation.close()
    const later = new Connection(storeFile(), keys.at(-1) ?? new Uint8Array(), SILENT)
    later.exec('PRAGMA user_version = 99')
    later.close()
    const again = await open()
    expect(await again.signIn('b', MEMBER.email, 'right horse')).toMatchObject({ ok: true })
    expect(again.state('b').storeNotice).toEqual({ code: 'store.rebuilt', kept: 1 })
    expect(again.queue().waiting).toMatchObject([{ text: '備註' }])
    hub.failure = null
    hub.takes = true
    again.wake()
    await until(() => isOnline(again)() && again.queue().waiting.length === 0)
    expect(hub.pushes.at(-1)).toMatchObject([{ seq: 1, args: { messageId: 'n1' } }])
    expect(again.counts().open_mine.total).toBe(1)
  })

  it('sets a store aside that is damaged while it is open, says so, and goes on with a new one', async () => {
    const { workstation, keys, storeFile } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    const told: string[] = []
    workstation.onLive('a', ({ type }) => told.push(type))
    const path = storeFile()
    // A commit of somebody else makes the store forget the pages it has in memory.
    const other = new Connection(path, keys.at(-1) ?? new Uint8Array(), SILENT)
    other.exec('CREATE TABLE other (n INTEGER)')
    other.truncateLog()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0x5a, 4_096 * 2))
    other.close()
    expect(workstation.counts().open_mine.total).toBe(0)
    expect(workstation.state('a').storeNotice).not.toBeNull()
    expect(told).toEqual(expect.arrayContaining(['state', 'lists', 'queue', 'reference']))
    await until(() => isOnline(workstation)() && workstation.counts().open_mine.total === 1)
    expect(readdirSync(join(path, '..')).filter((name) => /^store\.db\.set-aside-[-\d]+$/.test(name))).toHaveLength(1)
    const note = { name: 'note.add', args: { conversationId: ONE, messageId: 'n1', text: '備註' } }
    expect(workstation.command(note)).toMatchObject({ ok: true })
    await until(() => workstation.queue().waiting.length === 0)
  })
})

describe('leaving', () => {
  it('[SHF-1] leaves the session with the hub to the vault: who signs in offline is connected again by it', async () => {
    const { hub, workstation } = await setUp()
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    await workstation.signOut()
    hub.failure = { status: 503, body: '' }
    expect(await workstation.signIn('a', MEMBER.email, 'right horse')).toMatchObject({ ok: true })
    hub.failure = null
    workstation.wake()
    await until(isOnline(workstation))
  })

  it('does not wait for a hub that never answers', async () => {
    const { hub, workstation } = await setUp()
    hub.accessLife = 0
    hub.hangs = true
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(() => hub.story.includes('refresh'))
    const start = Date.now()
    await workstation.signOut()
    expect(Date.now() - start).toBeLessThan(5_000)
    hub.hangs = false
    hub.accessLife = 3_600_000
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
  })
})

describe('what the device does not hold', () => {
  it('asks the hub for older messages, and says when it cannot', async () => {
    const { hub, workstation } = await setUp()
    const all = Array.from({ length: 450 }, (_, i) => messageOf('one', i + 1))
    hub.older = all
    hub.snapshotLines = snapshotOf(['one'], all.slice(-200))
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    const page = (before: number) => workstation.messages(ONE, { before, limit: 60 })
    expect(await page(320)).toMatchObject({ value: { hasOlder: true, olderNeedsHub: false } })
    expect(hub.story.filter((line) => line.startsWith('older'))).toEqual([])
    const fetched = await page(251)
    expect(fetched.ok && fetched.value.messages.map(({ ordinal }) => ordinal)).toEqual(
      Array.from({ length: 60 }, (_, i) => 191 + i),
    )
    expect(await page(120)).toMatchObject({ value: { hasOlder: true } })
    expect(hub.story.filter((line) => line.startsWith('older'))).toEqual(['older 251'])
    await hub.stop()
    await until(() => workstation.state('a').connection.state === 'offline')
    const offline = await page(60)
    expect(offline).toMatchObject({ value: { hasOlder: true, olderNeedsHub: true } })
    expect(offline.ok && offline.value.messages.length).toBe(9)
  })

  it('asks the hub for files of others, once, and says when it cannot', async () => {
    const { hub, workstation } = await setUp()
    hub.file = Buffer.from('picture')
    await workstation.signIn('a', MEMBER.email, 'right horse')
    await until(isOnline(workstation))
    const [seen, unseen] = [AttachmentId.parse('seen'), AttachmentId.parse('unseen')]
    expect(await workstation.attachment(seen)).toMatchObject({ value: { mime: 'image/png', name: '茶.png' } })
    await workstation.attachment(seen)
    expect(hub.story.filter((line) => line.startsWith('download'))).toEqual(['download seen'])
    await hub.stop()
    await until(() => workstation.state('a').connection.state === 'offline')
    expect(await workstation.attachment(seen)).toMatchObject({ ok: true })
    expect(await workstation.attachment(unseen)).toMatchObject({ refusal: { code: 'attachment.missing' } })
  })
})
