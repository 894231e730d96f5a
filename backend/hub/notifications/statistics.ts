/** How many notifications went which way: by day, in the team's time zone, and by channel (NTF-2, NTF-3). */
import { sql } from 'kysely'
import { ChannelId } from '../../domain/ids.ts'
import type { TeamId } from '../../domain/ids.ts'
import { FRIENDS_FIGURE_ENDED } from '../../domain/notifications/limits.ts'
import type { Figure, Statistics, StatisticsQuery } from '../../domain/notifications/views.ts'
import type { HubDatabase } from '../core.ts'

/** @param timeZone the team's, as PostgreSQL knows it too */
export async function statisticsOf(
  db: HubDatabase,
  teamId: TeamId,
  timeZone: string,
  { from, to, channelId }: StatisticsQuery,
): Promise<Statistics> {
  const { rows } = await sql<{ day: string; channel_id: string; figure: Figure; n: number }>`
    with range as (
        select (extract(epoch from ${from}::date::timestamp at time zone ${timeZone}) * 1000)::bigint as first,
          (extract(epoch from (${to}::date + 1)::timestamp at time zone ${timeZone}) * 1000)::bigint as beyond
      ),
      happened as (
        select accepted_at as at, channel_id, case means when 'pnp' then 'pnpAccepted' else means end as figure
        from notification_try, range where team_id = ${teamId} and accepted_at >= first and accepted_at < beyond
        union all
        select delivered_at, channel_id, 'pnpDelivered'
        from notification_try, range where team_id = ${teamId} and delivered_at >= first and delivered_at < beyond
        union all
        select ended_at, channel_id, state
        from notification, range
        where team_id = ${teamId} and ended_at >= first and ended_at < beyond and state in ('failed', 'uncertain')
        union all
        select matched_at, channel_id, 'matched'
        from phone_match, range where team_id = ${teamId} and matched_at >= first and matched_at < beyond
      )
    select to_char(to_timestamp(at / 1000.0) at time zone ${timeZone}, 'YYYY-MM-DD') as day, channel_id, figure,
      count(*)::int as n
    from happened where ${channelId ?? null}::text is null or channel_id = ${channelId ?? null}
    group by 1, 2, 3 order by 1, 2`.execute(db)

  const total = nothing()
  const byPlace = new Map<string, Statistics['rows'][number]>()
  for (const { day, channel_id, figure, n } of rows) {
    const place = `${day} ${channel_id}`
    const row = byPlace.get(place) ?? { day, channelId: ChannelId.parse(channel_id), ...nothing() }
    row[figure] = n
    total[figure] += n
    byPlace.set(place, row)
  }
  return { timeZone, rows: [...byPlace.values()], total, friends: { endedOn: FRIENDS_FIGURE_ENDED } }
}

function nothing(): Record<Figure, number> {
  return { push: 0, pnpAccepted: 0, pnpDelivered: 0, sms: 0, failed: 0, uncertain: 0, matched: 0 }
}
