import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { findBytes } from '../../../tests/world/find-bytes.ts'
import { AttachmentId } from '../../domain/ids.ts'
import type { ConversationId } from '../../domain/ids.ts'
import { attachmentIdOf, messageIdOf, sourceIds } from '../channels/ids.ts'
import {
  GRANTS,
  LINE,
  SHOP,
  deleteConversation,
  embeddedPlace,
  openErasingHub,
  serverPlace,
  teamRows,
  textEvent,
} from './sample-erasure.ts'
import type { ErasingHub, Place } from './sample-erasure.ts'

// Databases on a busy machine take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Random, so that nothing else looks like it: half a word in ASCII, half in Chinese. */
function newMarker(): { ascii: string; chinese: string } {
  const chinese = Array.from(randomBytes(6), (byte) => String.fromCharCode(0x6b00 + byte)).join('')
  return { ascii: `mark${randomBytes(8).toString('hex')}`, chinese }
}
type Marker = ReturnType<typeof newMarker>
let customers = 0
/** Nobody of before: the tests of a place share its database. */
const somebody = () => `customer-${++customers}`
const wordsOf = ({ ascii, chinese }: Marker, what: string) => `${what} ${ascii} ${chinese}`

/** The attachments' folder of a test. */
let files: string
const clock = { now: Date.now() }
beforeEach(async () => void (files = await mkdtemp(join(tmpdir(), 'countertop-erased-'))))
afterEach(() => rm(files, { recursive: true, force: true }))

/** The files in which something of the marker is, without the numbers in their names that differ. */
async function whereIs(place: Place, { ascii, chinese }: Marker): Promise<string[]> {
  const found = [
    ...(await findBytes(place.folder, [ascii, chinese])),
    ...(await findBytes(files, [ascii, chinese])).map((one) => ({ ...one, file: `attachments/${one.file}` })),
  ]
  return [...new Set(found.map(({ file }) => /^(?:base|pg_wal|attachments)(?=\/)/.exec(file)?.[0] ?? file))].toSorted()
}

/** A customer of LINE and the team write to each other, with everything that leaves traces. */
async function talk(hub: ErasingHub, customer: string, marker: Marker): Promise<ConversationId> {
  const { conversationId } = sourceIds(LINE, customer)
  const words = (what: string) => wordsOf(marker, what)
  await hub.comesIn(`${customer}-1`, textEvent(customer, `${customer}-1`, words('in')))
  const isThere = async () => (await hub.core.row(SHOP, 'conversation', conversationId))?.messageCount
  await vi.waitFor(async () => expect(await isThere()).toBe(1), { timeout: 30_000 })
  // What nobody can read is kept, to be tried again.
  await hub.comesIn(`${customer}-2`, { from: customer, text: words('unread') })
  const push = async (name: string, args: object) => {
    const taken = await hub.push(name, { conversationId, ...args })
    if (taken.type !== 'taken') throw new Error(`${name} was not taken: ${taken.type}`)
    return taken.refusal?.code ?? null
  }
  expect(await push('conversation.take', { messageId: `${customer}-taken` })).toBe(null)
  // Each changes the conversation's preview, so that old versions of its row are there.
  for (const n of [1, 2, 3]) {
    const content = { kind: 'text', text: words(`out ${n}`) }
    expect(await push('message.send', { messageId: `${customer}-out-${n}`, content })).toBe(null)
  }
  expect(await push('note.add', { messageId: `${customer}-note`, text: words('note') })).toBe(null)
  const attachmentId = AttachmentId.parse(`${customer}-file`)
  const uploaded = await hub.upload(conversationId, attachmentId, words('file'), `${words('file')}\n`.repeat(100))
  if (!uploaded.ok) throw new Error(uploaded.refusal.code)
  // One that no message shows.
  await hub.upload(conversationId, AttachmentId.parse(`${customer}-unsent`), words('unsent'), words('unsent'))
  // Refused, with the name of the file.
  const missing = { kind: 'file', attachmentId: 'nowhere', name: words('missing'), mime: 'text/plain', size: 3 }
  const sent = await push('message.send', { messageId: `${customer}-missing`, content: missing })
  expect(['attachment.missing', 'channel.fileKind']).toContain(sent)
  // The channel fails, with words that quote what was written.
  await hub.db.transaction().execute(async (trx) => {
    const job = { channelId: LINE, conversationId, messageId: messageIdOf(LINE, customer) }
    await hub.jobs.record(trx, SHOP, [{ type: 'channel.send', ...job }])
  })
  return conversationId
}

const KINDS = ['pglite', 'postgres'] as const
describe.each(KINDS)('over %s', (kind) => {
  let place: Place
  let hub: ErasingHub
  /** Called with each statement of the erasing session. */
  let before: (statement: string) => Promise<void> | void = () => undefined

  const open = async () => {
    hub = await openErasingHub(await place.open(), files, { clock, before: (statement) => before(statement) })
  }
  beforeAll(async () => void (place = kind === 'pglite' ? await embeddedPlace() : await serverPlace()))
  afterAll(() => place.close())
  beforeEach(async () => {
    before = () => undefined
    await open()
    await hub.core.importRows(SHOP, teamRows())
  })
  afterEach(() => hub.close())

  it('[DEL-7] leaves no byte of a deleted conversation, and every byte of the others', async () => {
    const [gone, stays] = [newMarker(), newMarker()]
    const conversationId = await talk(hub, somebody(), gone)
    const colleague = somebody()
    const other = await talk(hub, colleague, stays)
    let failed = 0
    await hub.jobs.start({
      send: {
        do: async ({ messageId }) => {
          failed += 1
          const message = await hub.core.row(SHOP, 'message', messageId)
          throw new Error(JSON.stringify(message?.body ?? wordsOf(gone, 'failed')))
        },
        giveUp: async () => undefined,
      },
      errand: { do: async () => undefined, giveUp: async () => undefined },
      tidy: async () => undefined,
    })
    await vi.waitFor(() => expect(failed).toBeGreaterThanOrEqual(2), { timeout: 30_000 })
    // What was written lies in the tables' files, and not only in the log.
    await hub.db.executeQuery(sql`checkpoint`.compile(hub.db))
    expect(await whereIs(place, gone)).toEqual(['attachments', 'base', 'pg_wal'])

    await deleteConversation(hub, conversationId, clock.now)
    expect(await hub.erasure.pending(SHOP)).toBe(1)
    expect(await hub.erasure.carryOut()).toMatchObject({ result: 'done' })
    expect(await hub.erasure.pending(SHOP)).toBe(0)
    expect(await whereIs(place, gone)).toEqual([])
    expect(hub.written.filter((line) => line.includes(gone.ascii) || line.includes(gone.chinese))).toEqual([])

    expect(await whereIs(place, stays)).toEqual(['attachments', 'base'])
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from message where conversation_id = ${other}
      and data::text like ${`%${stays.ascii}%`}`.execute(hub.db)
    expect(rows).toEqual([{ n: 5 }])
    const file = await hub.attachments.open(SHOP, AttachmentId.parse(`${colleague}-file`))
    expect(await new Response(file).text()).toContain(wordsOf(stays, 'file'))
  })

  it.each(['pg_statistic', 'public.message', 'pg_switch_wal', 'checkpoint'])(
    '[DEL-7] goes on after a kill at %s',
    async (where) => {
      const gone = newMarker()
      await deleteConversation(hub, await talk(hub, somebody(), gone), clock.now)
      before = (statement) => {
        if (statement.includes(where) && !statement.includes('has_function')) throw new Error('killed')
      }
      await expect(hub.erasure.carryOut()).rejects.toThrow('killed')
      expect(await hub.erasure.pending(SHOP)).toBe(1)
      expect(await whereIs(place, gone)).not.toEqual([])
      await hub.close()

      before = () => undefined
      await open()
      await hub.erasure.start()
      await vi.waitFor(async () => expect(await hub.erasure.pending(SHOP)).toBe(0), { timeout: 60_000 })
      expect(await whereIs(place, gone)).toEqual([])
    },
  )

  it('[DEL-5] rewrites once for a whole batch', async () => {
    const markers = [newMarker(), newMarker(), newMarker(), newMarker()]
    for (const marker of markers) await deleteConversation(hub, await talk(hub, somebody(), marker), clock.now)
    await hub.erasure.start()
    await vi.waitFor(async () => expect(await hub.erasure.pending(SHOP)).toBe(0), { timeout: 60_000 })
    expect(
      hub.statements.filter((statement) => statement.includes('vacuum') && statement.includes('message')),
    ).toHaveLength(1)
    for (const marker of markers) expect(await whereIs(place, marker)).toEqual([])
  })

  it('[DEL-7] leaves alone what the customer wrote since', async () => {
    const [gone, since] = [newMarker(), newMarker()]
    const customer = somebody()
    const conversationId = await talk(hub, customer, gone)
    await deleteConversation(hub, conversationId, clock.now)
    clock.now += 60_000
    await hub.comesIn(`${customer}-9`, textEvent(customer, `${customer}-9`, wordsOf(since, 'again')))
    await vi.waitFor(async () => expect(await hub.core.row(SHOP, 'conversation', conversationId)).toBeDefined())
    const attachmentId = AttachmentId.parse(`${customer}-since`)
    await hub.upload(conversationId, attachmentId, 'since', wordsOf(since, 'file'))
    expect(await hub.erasure.carryOut()).toMatchObject({ result: 'done' })
    expect(await whereIs(place, gone)).toEqual([])
    expect(await whereIs(place, since)).toEqual(['attachments', 'base'])
    expect(await hub.attachments.find(SHOP, attachmentId)).toBeDefined()
    const { rows } = await sql<{ token: string }>`
      select token from reply_token where conversation_id = ${conversationId}`.execute(hub.db)
    expect(rows).toEqual([{ token: `token-${customer}-9` }])
  })

  it('[DEL-7] erases uploads that came too late for their conversation, a day later', async () => {
    const late = newMarker()
    const { conversationId } = sourceIds(LINE, 'nobody')
    const upload = await hub.upload(conversationId, AttachmentId.parse('late'), 'late', wordsOf(late, 'late'))
    expect(upload).toMatchObject({ ok: false, refusal: { code: 'conversation.notVisible' } })
    expect(await whereIs(place, late)).toEqual([])
    const bytes = new Blob([wordsOf(late, 'late')]).stream()
    const attachmentId = attachmentIdOf(messageIdOf(LINE, 'late'))
    const name = wordsOf(late, 'name')
    await hub.attachments.storeFromCustomer({
      teamId: SHOP,
      conversationId,
      attachmentId,
      name,
      declared: 'text/plain',
      bytes,
    })
    await hub.erasure.tidy()
    expect(await hub.erasure.carryOut()).toEqual({ result: 'nothing', locked: 0 })
    expect(await whereIs(place, late)).not.toEqual([])
    clock.now += 24 * 60 * 60 * 1000 + 1
    await hub.erasure.tidy()
    expect(await hub.erasure.carryOut()).toMatchObject({ result: 'done' })
    expect(await whereIs(place, late)).toEqual([])
  })
})

describe('a server', () => {
  let place: Awaited<ReturnType<typeof serverPlace>>
  let hub: ErasingHub
  let before: (statement: string) => Promise<void> | void = () => undefined
  beforeAll(async () => {
    place = await serverPlace()
  })
  afterAll(() => place.close())
  beforeEach(async () => {
    before = () => undefined
    for (const grant of GRANTS) await place.operate(grant)
    hub = await openErasingHub(await place.open(), files, { clock, before: (statement) => before(statement) })
    await hub.core.importRows(SHOP, teamRows())
  })
  afterEach(() => hub.close())

  it('[DEL-7] says what the hub may not do, and does what it may', async () => {
    for (const grant of GRANTS) {
      await place.operate(grant.replace('grant', 'revoke').replace('to hub', 'from hub'))
    }
    await hub.erasure.start()
    expect(hub.erasure.missing()).toEqual(['checkpoint', 'switchWal', 'listWal'])
    const said = hub.written.filter((line) => line.includes('"level":40'))
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('grant pg_checkpoint to')
    const gone = newMarker()
    await deleteConversation(hub, await talk(hub, somebody(), gone), clock.now)
    await vi.waitFor(async () => expect(await hub.erasure.pending(SHOP)).toBe(0), { timeout: 60_000 })
    await place.operate('checkpoint')
    expect(await whereIs(place, gone)).toEqual(['pg_wal'])
  })

  it('[DEL-7] is not complete while an earlier transaction still sees what was deleted', async () => {
    const gone = newMarker()
    const conversationId = await talk(hub, somebody(), gone)
    const reader = place.operator.db.transaction().setIsolationLevel('repeatable read')
    await reader.execute(async (trx) => {
      await sql`select 1`.execute(trx)
      await deleteConversation(hub, conversationId, clock.now)
      expect(await hub.erasure.carryOut()).toMatchObject({ result: 'later' })
      expect(await hub.erasure.pending(SHOP)).toBe(1)
    })
    expect(await hub.erasure.carryOut()).toMatchObject({ result: 'done' })
    expect(await whereIs(place, gone)).toEqual([])
  })

  it('lets others go first to a table that is in use', async () => {
    const conversationId = await talk(hub, somebody(), newMarker())
    const other = await talk(hub, somebody(), newMarker())
    await deleteConversation(hub, conversationId, clock.now)
    let tried = () => {}
    const isTried = new Promise<void>((resolve) => (tried = resolve))
    before = (statement) => {
      if (statement.includes('public.message')) tried()
    }
    let pass: Promise<unknown> = Promise.resolve()
    await place.operator.db.transaction().execute(async (trx) => {
      await sql`select from message limit 1`.execute(trx)
      pass = hub.erasure.carryOut()
      await isTried
      const begun = performance.now()
      const args = { conversationId: other, messageId: 'beside', text: 'x' }
      expect(await hub.push('note.add', args)).toEqual({ type: 'taken', refusal: null })
      // It would wait for as long as the table is in use, if nobody gave up.
      expect(performance.now() - begun).toBeLessThan(10_000)
      await vi.waitFor(() =>
        expect(hub.statements.filter((one) => one.includes('public.message')).length).toBeGreaterThan(2),
      )
    })
    expect(await pass).toMatchObject({ result: 'done' })
  })

  it('does nothing while another hub erases', async () => {
    await deleteConversation(hub, await talk(hub, somebody(), newMarker()), clock.now)
    const second = await openErasingHub(await place.open(), files, { clock })
    const seen: unknown[] = []
    before = async (statement) => {
      if (statement.includes('public.message')) seen.push(await second.erasure.carryOut())
    }
    expect(await hub.erasure.carryOut()).toMatchObject({ result: 'done' })
    expect(seen).toEqual([{ result: 'later', locked: 0 }])
    expect(await second.erasure.carryOut()).toMatchObject({ result: 'nothing' })
    await second.close()
  })

  it('[DEL-7] goes on after the server was killed while it rewrote a table', async () => {
    const gone = newMarker()
    await deleteConversation(hub, await talk(hub, somebody(), gone), clock.now)
    before = async (statement) => {
      if (statement.includes('public.message')) await place.server?.kill('SIGKILL')
    }
    await expect(hub.erasure.carryOut()).rejects.toThrow()
    before = () => undefined
    await place.server?.start()
    expect(await hub.erasure.carryOut()).toMatchObject({ result: 'done' })
    expect(await whereIs(place, gone)).toEqual([])
  })
})

it('[DEL-7] removes the files that a killed embedded database left behind', async () => {
  const place = await embeddedPlace()
  try {
    const before = await place.open()
    const { rows } = await before.executeSql(`select pg_relation_filepath('message') as path`)
    await before.close()
    const table = join(place.folder, String(rows[0]?.['path']))
    const folder = join(table, '..')
    const names = await readdir(folder)
    for (const left of ['999999', '999999_fsm', '999999.1']) await copyFile(table, join(folder, left))
    const database = await place.open()
    expect((await readdir(folder)).toSorted()).toEqual(names.toSorted())
    await database.executeSql('select from message')
    await database.close()
  } finally {
    await place.close()
  }
})
