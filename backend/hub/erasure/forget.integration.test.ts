import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { AttachmentId, ConversationId, MessageId } from '../../domain/ids.ts'
import { doErrand } from '../channels/errands.ts'
import { attachmentIdOf, sourceIds } from '../channels/ids.ts'
import { sampleSending } from '../channels/sample-sending.ts'
import { OPEN, openSampleHub } from '../sample-hub.ts'
import { createErasure } from './erasure.ts'
import { forgetConversation } from './forget.ts'
import { erasureRoutes } from './routes.ts'
import { LINE, SHOP, embeddedPlace, openErasingHub, teamRows, textEvent } from './sample-erasure.ts'
import type { ErasingHub, Place } from './sample-erasure.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const DAY = 24 * 60 * 60 * 1000
const clock = { now: Date.now() }
let place: Place
let hub: ErasingHub
beforeAll(async () => {
  place = await embeddedPlace()
  hub = await openErasingHub(await place.open(), `${place.folder}-files`, { clock })
  await hub.core.importRows(SHOP, teamRows())
})
afterAll(async () => {
  await hub.close()
  await place.close()
})

const { conversationId } = sourceIds(LINE, 'lin')
const erased = () => ({ teamId: SHOP, channelId: LINE, conversationId, askedAt: clock.now })

/** What is kept of events: their ids, with what they said, and why nothing came of them. */
async function events(): Promise<[string, string | null, string | null][]> {
  const { rows } = await sql<{ event_id: string; event: string | null; failure: string | null }>`
    select event_id, event::text as event, failure from inbound_event where done_at is not null order by seq`.execute(
    hub.db,
  )
  return rows.map(({ event_id, event, failure }) => [event_id, event, failure])
}
const areDealtWith = (count: number) =>
  vi.waitFor(async () => expect(await events()).toHaveLength(count), { timeout: 30_000 })

it('[DEL-7] keeps what an event said only until it is dealt with; one that failed, for three days at most', async () => {
  await hub.comesIn('read', textEvent('lin', '1', '在嗎'))
  await hub.comesIn('failed', { from: 'lin', text: '看不懂' })
  await hub.comesIn('other', { from: 'chen', text: '看不懂' })
  await areDealtWith(3)
  const said = (from: string) => `{"from":"${from}","text":"看不懂"}`
  const before = [
    ['read', null, null],
    ['failed', said('lin'), 'unreadable'],
    ['other', said('chen'), 'unreadable'],
  ]
  expect(await events()).toEqual(before)

  await forgetConversation(hub, { ...erased(), askedAt: clock.now - 1 })
  expect(await events()).toEqual(before)
  await forgetConversation(hub, erased())
  const after = [['read', null, null], ['failed', null, 'erased'], before[2]]
  expect(await events()).toEqual(after)
  clock.now += 3 * DAY
  await hub.inbox.tidy()
  expect(await events()).toEqual(after)
  clock.now += 1
  await hub.inbox.tidy()
  expect(await events()).toEqual([
    ['read', null, null],
    ['failed', null, 'erased'],
    ['other', null, 'unreadable'],
  ])
})

it('[DEL-7] takes the name of a file out of a refusal that its device has not heard yet', async () => {
  const other = sourceIds(LINE, 'chen').conversationId
  await hub.comesIn('chen-1', textEvent('chen', '2', '在嗎'))
  await areDealtWith(4)
  const file = { kind: 'image', attachmentId: 'none', mime: 'image/png', size: 3, width: 1, height: 1 }
  for (const id of [conversationId, other]) {
    await hub.push('conversation.take', { conversationId: id, messageId: `take-${id}` })
    const content = { ...file, name: '王小明的合約.png' }
    await hub.push('message.send', { conversationId: id, messageId: `send-${id}`, content })
  }
  const names = async () => {
    const { rows } = await sql<{ code: string; name: string }>`
      select refusal ->> 'code' as code, refusal -> 'params' ->> 'name' as name from client_result
      where refusal is not null order by seq`.execute(hub.db)
    return rows
  }
  const whole = { code: 'attachment.missing', name: '王小明的合約.png' }
  expect(await names()).toEqual([whole, whole])
  await forgetConversation(hub, erased())
  expect(await names()).toEqual([{ code: 'attachment.missing', name: '' }, whole])
})

it('[DEL-7] keeps no file that was on its way from the platform when its message was deleted', async () => {
  const messageId = MessageId.parse('deleted')
  const attachmentId = attachmentIdOf(messageId)
  const errand = { type: 'channel.media', teamId: SHOP, channelId: LINE, conversationId, messageId, ref: '1' } as const
  const store = (name: string) =>
    hub.attachments.storeFromCustomer({
      teamId: SHOP,
      conversationId,
      attachmentId,
      name,
      declared: 'text/plain',
      bytes: new Blob(['late']).stream(),
    })
  const parts = sampleSending(hub.core, {}, { attachments: hub.attachments, log: pino({ level: 'silent' }) })
  // An earlier attempt was killed when it had the bytes.
  await store('earlier')
  await doErrand(parts, errand)
  expect(await hub.attachments.find(SHOP, attachmentId)).toBeUndefined()

  const message = {
    id: messageId,
    conversationId,
    ordinal: 99,
    author: { type: 'customer', from: null },
    body: { kind: 'media', media: 'file', name: 'late', state: 'fetching' },
    delivery: null,
    at: 1,
  } as const
  await hub.core.importRows(SHOP, [['message', message]])
  const media = async () => {
    await sql`delete from message where id = ${messageId}`.execute(hub.db)
    return { state: 'here', bytes: new Blob(['late']).stream(), type: 'text/plain', name: 'late' } as const
  }
  const fetching = sampleSending(hub.core, { line: { media } }, { attachments: hub.attachments })
  await doErrand(fetching, errand)
  expect(await hub.attachments.find(SHOP, attachmentId)).toBeUndefined()
  expect(await hub.attachments.open(SHOP, attachmentId)).toBe(null)
})

it('[DEL-7] removes bytes that a killed hub left without an attachment', async () => {
  const stays = AttachmentId.parse('stays')
  const lost = AttachmentId.parse('lost')
  for (const attachmentId of [stays, lost]) {
    await hub.upload(ConversationId.parse(conversationId), attachmentId, 'a', 'bytes')
  }
  await sql`delete from attachment where id = ${lost}`.execute(hub.db)
  // By the clock of the file system.
  await hub.attachments.removeLost(Date.now() - DAY)
  expect(await hub.attachments.open(SHOP, lost)).not.toBe(null)
  await hub.attachments.removeLost(Date.now() + DAY)
  expect(await hub.attachments.open(SHOP, lost)).toBe(null)
  expect(await hub.attachments.open(SHOP, stays)).not.toBe(null)
})

it('[DEL-7] GET /erasures tells a member how many deletions of the team are not complete', async () => {
  const sample = await openSampleHub()
  try {
    const { db, attachments } = sample
    const erasure = createErasure({
      db,
      session: () => Promise.reject(new Error('nothing is carried out here')),
      attachments,
      log: pino({ level: 'silent' }),
      clock: () => clock.now,
    })
    const routes = erasureRoutes(erasure, sample.accounts.authenticator)
    expect((await routes.request('/erasures')).status).toBe(401)
    const { accessToken } = await sample.session('cs_agent')
    const ask = async () => {
      const answer = await routes.request('/erasures', { headers: { authorization: `Bearer ${accessToken}` } })
      return [answer.status, await answer.json()]
    }
    expect(await ask()).toEqual([200, { waiting: 0 }])
    const effect = { type: 'conversation.erase', channelId: LINE, conversationId: OPEN } as const
    await db.transaction().execute((trx) => erasure.over(sample.jobs).record(trx, SHOP, [effect]))
    await db.transaction().execute((trx) => erasure.over(sample.jobs).record(trx, 'rival' as typeof SHOP, [effect]))
    expect(await ask()).toEqual([200, { waiting: 1 }])
    expect((await sql`select from jobs.job where data ->> 'type' = 'conversation.erase'`.execute(db)).rows).toEqual([])
  } finally {
    await sample.close()
  }
})
