import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { LINE, SHOP, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'
import { Inbox } from './inbox.ts'
import type { ChannelEvent } from './platform.ts'

const SOURCE = { kind: 'person', externalId: 'lin', name: 'Lin', phone: null } as const
let hub: SampleHub
let inbox: Inbox

beforeAll(async () => {
  hub = await openSampleHub()
  const channel = await hub.core.row(SHOP, 'channel', LINE)
  if (!channel) throw new Error('the sample has no LINE channel')
  // Each event is what it means.
  const webhook = { isGenuine: () => true, events: () => [], parse: (event: unknown) => [event as ChannelEvent] }
  const send = () => Promise.reject(new Error('nothing is sent here'))
  inbox = new Inbox({
    core: hub.core,
    connections: { of: async () => ({ teamId: SHOP, channel, connection: { webhook, send, check: async () => [] } }) },
    hooks: { notified: async () => undefined },
    log: pino({ level: 'silent' }),
    clock: () => hub.clock.now,
  })
}, 60_000)
afterAll(async () => {
  await inbox.stop()
  await hub.close()
})

it('[SYN-3] counts the age of a reply token from when the customer wrote, however late the platform got through', async () => {
  const sentAt = hub.clock.now - 45_000
  const event: ChannelEvent = {
    type: 'message',
    source: SOURCE,
    from: null,
    externalMessageId: '1',
    sentAt,
    content: { kind: 'text', text: '在嗎' },
    replyToken: 'late',
  }
  await inbox.take({ teamId: SHOP, channelId: LINE }, [{ id: 'event-1', event }])
  const tokens = async () =>
    (await sql<{ received_at: number }>`select received_at from reply_token`.execute(hub.db)).rows
  await vi.waitFor(async () => expect(await tokens()).toEqual([{ received_at: sentAt }]), { timeout: 15_000 })
})

it('[DEL-1] keeps the token for the conversation that follows one that was deleted', async () => {
  const message = (id: string, replyToken: string) => {
    const content = { kind: 'text', text: '在嗎' } as const
    const event: ChannelEvent = {
      type: 'message',
      source: { ...SOURCE, externalId: 'returning' },
      from: null,
      externalMessageId: id,
      sentAt: hub.clock.now,
      content,
      replyToken,
    }
    return inbox.take({ teamId: SHOP, channelId: LINE }, [{ id, event }])
  }
  const conversations = async () =>
    (
      await sql<{ id: string; token: string | null }>`
        select c.id, t.token from conversation c
        join contact k on k.team_id = c.team_id and k.id = c.contact_id and k.external_id = 'returning'
        left join reply_token t on t.team_id = c.team_id and t.conversation_id = c.id`.execute(hub.db)
    ).rows
  await message('first', 'token-1')
  const before = await vi.waitFor(async () => (await conversations())[0] ?? Promise.reject(new Error('not yet')))
  const contact = await hub.core.row(SHOP, 'contact', before.id.replace(/^v/, 'c'))
  if (!contact) throw new Error('no contact')
  await hub.core.importRows(SHOP, [['contact', { ...contact, deletions: 1 }]])
  await sql`delete from conversation where id = ${before.id}`.execute(hub.db)
  await message('second', 'token-2')
  await vi.waitFor(async () => expect(await conversations()).toEqual([{ id: `${before.id}~1`, token: 'token-2' }]), {
    timeout: 15_000,
  })
})
