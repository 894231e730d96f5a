/**
 * What whoever plays the demo team's customers asks of the hub, and nobody else: only a demo hub on loopback has it, and
 * only with a token from its environment.
 *
 * | route | does |
 * |---|---|
 * | `GET /demo/customers` | tells who the customers on LINE and WhatsApp are, and when each last wrote |
 * | `POST /demo/pass-time` | lets time go by for one conversation: its customer wrote that much earlier (CNV-9) |
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { sql } from 'kysely'
import { z } from 'zod'
import { ChannelId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { ChannelKind, Conversation } from '../../domain/rows.ts'
import { checked, refuseWith } from '../answer.ts'
import type { HubCore } from '../core.ts'
import { parseRow } from '../store/rows.ts'
import { lineChannel, team, whatsappChannel } from './team.ts'

/** A month is longer than any window of any channel. */
const HOURS_MAX = 31 * 24
const HOUR = 60 * 60 * 1000

const PassTime = z.strictObject({
  channelId: ChannelId,
  externalId: z.string().min(1).max(200),
  hours: z.number().positive().max(HOURS_MAX),
})

/** A customer, or a group of them, as the hub knows it. */
export type DemoCustomer = {
  channel: ChannelKind
  kind: 'person' | 'group'
  externalId: string
  name: string
  /** In ms since 1970; null when they never wrote. */
  lastInboundAt: number | null
  /** They have blocked the account, or the account is out of the group. */
  isBlocked: boolean
  /** Of a group: who has written in it. */
  people: { externalId: string; name: string }[]
}

type Found = { contact: string; conversation: string | null }

/** The routes, to be mounted at `/demo`. */
export function demoRoutes({ core, token }: { core: Pick<HubCore, 'db' | 'importRows'>; token: string }) {
  const channels = [lineChannel, whatsappChannel]
  const kindOf = new Map(channels.map(({ id, kind }) => [id, kind]))

  async function find(channelId: ChannelId, externalId: string): Promise<Conversation | null> {
    const { rows } = await sql<{ data: string }>`
      select v.data::text as data from contact c
      join conversation v on v.team_id = c.team_id and v.contact_id = c.id
      where c.team_id = ${team.id} and c.channel_id = ${channelId} and c.external_id = ${externalId} limit 1`.execute(
      core.db,
    )
    return rows[0] ? parseRow('conversation', rows[0].data) : null
  }

  return new Hono()
    .use('*', async (c, next) => {
      if (!isToken(c.req.header('authorization'), token)) return refuseWith(c, refuse('request.unauthorised', {}))
      return next()
    })
    .get('/customers', async (c) => {
      const { rows } = await sql<Found>`
        select c.data::text as contact, v.data::text as conversation from contact c
        left join conversation v on v.team_id = c.team_id and v.contact_id = c.id
        where c.team_id = ${team.id} and c.channel_id in (${sql.join(channels.map(({ id }) => id))})`.execute(core.db)
      const customers = rows.flatMap(({ contact, conversation }): DemoCustomer[] => {
        const { channelId, kind, externalId, name, platformBlockedAt, people } = parseRow('contact', contact)
        const channel = kindOf.get(channelId)
        if (!channel) return []
        const lastInboundAt = conversation === null ? null : parseRow('conversation', conversation).lastInboundAt
        return [{ channel, kind, externalId, name, lastInboundAt, isBlocked: platformBlockedAt !== null, people }]
      })
      return c.json({ customers })
    })
    .post('/pass-time', checked('json', PassTime), async (c) => {
      const { channelId, externalId, hours } = c.req.valid('json')
      const conversation = await find(channelId, externalId)
      if (conversation?.lastInboundAt == null) return refuseWith(c, refuse('request.notFound', {}))
      const lastInboundAt = Math.max(0, Math.round(conversation.lastInboundAt - hours * HOUR))
      await core.importRows(team.id, [['conversation', { ...conversation, lastInboundAt }]])
      return c.json({ lastInboundAt })
    })
}

function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}
