/** Finds a channel by its id alone, as addresses that customers and platforms know have it. */
import { sql } from 'kysely'
import type { ChannelId, TeamId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/rows.ts'
import type { HubDatabase } from '../core.ts'
import { parseRow } from '../store/rows.ts'

/** The channel and its team; null when there is none. */
export async function findChannel(
  db: HubDatabase,
  channelId: ChannelId,
): Promise<{ teamId: TeamId; channel: Channel } | null> {
  const { rows } = await sql<{ team_id: TeamId; data: string }>`
    select team_id, data::text as data from channel where id = ${channelId} limit 2`.execute(db)
  const [found, another] = rows
  // Ids of channels are made at random; should two teams have one nonetheless, neither may get the other's customers.
  if (!found || another) return null
  return { teamId: found.team_id, channel: parseRow('channel', found.data) }
}
