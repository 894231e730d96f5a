/** What the hub holds of its channels, durably: messages, and what is left to be done. */
import { sql } from 'kysely'
import type { HubDatabase } from '../../../backend/hub/core.ts'
import type { Contact } from '../../../backend/domain/rows.ts'
import type { OpenDatabase } from '../../../backend/hub/store/database.ts'
import { readAll } from '../../../backend/hub/store/rows.ts'
import { readHub } from '../../world/shop/hub-state.ts'
import type { HubState } from '../../world/shop/hub-state.ts'
import { TEAM } from '../../world/shop/team.ts'
import { WHATSAPP_CHANNEL } from './whatsapp-side.ts'

export type ChannelsState = HubState & {
  contacts: Contact[]
  /** What is left to be done, in words; empty at rest. */
  left: string[]
  /** Events of which nothing came, by why. */
  failures: { why: string; events: number }[]
  /** Attempts to send of which the hub believes that their end is not known. */
  attempts: number
}

export async function readChannels(database: OpenDatabase): Promise<ChannelsState> {
  const { db } = database
  const hub = await readHub(database)
  const sending = hub.messages.filter(({ delivery }) => delivery?.state === 'sending').length
  const events = await count(db, sql`select count(*)::int as n from inbound_event where done_at is null`)
  const jobs = await count(
    db,
    sql`select count(*)::int as n from jobs.job
      where name in ('channel.send', 'channel.errand') and state in ('created', 'retry', 'active')`,
  )
  const { rows: failures } = await sql<{ why: string; events: number }>`
    select failure as why, count(*)::int as events from inbound_event where failure is not null group by 1`.execute(db)
  return {
    ...hub,
    contacts: await readAll(db, TEAM, 'contact'),
    left: [
      ...(sending > 0 ? [`${sending} messages are being sent`] : []),
      ...(events > 0 ? [`${events} events wait`] : []),
      ...(jobs > 0 ? [`${jobs} jobs wait`] : []),
    ],
    failures,
    attempts: await count(
      db,
      sql`select count(*)::int as n from send_attempt a where exists (
        select from message m where m.team_id = a.team_id and m.id = a.message_id)`,
    ),
  }
}

/**
 * As if so many ms had gone by in which nothing happened: for what waits for WhatsApp's word on a message, and for jobs that
 * are tried again later. LINE's clock, by which reply tokens run out, stays.
 */
export async function passTime(db: HubDatabase, ms: number): Promise<void> {
  await sql`
    update send_attempt set begun_at = begun_at - ${ms} where message_id in (select m.id from message m
      join conversation c on c.team_id = m.team_id and c.id = m.conversation_id
      where c.data ->> 'channelId' = ${WHATSAPP_CHANNEL})`.execute(db)
  await sql`update jobs.job set start_after = now() where state in ('created', 'retry')`.execute(db)
}

async function count(db: HubDatabase, query: ReturnType<typeof sql<{ n: number }>>): Promise<number> {
  return (await query.execute(db)).rows[0]?.n ?? 0
}
