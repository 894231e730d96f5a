/** Reads the blacklist of a team, a page at a time, newest first. */
import { sql } from 'kysely'
import type { TeamId } from '../../domain/ids.ts'
import type { Contact } from '../../domain/rows.ts'
import { placeOf, readPlace } from '../../sync/blacklist.ts'
import type { BlacklistEntry, BlacklistPage, BlacklistQuery } from '../../sync/blacklist.ts'
import type { HubDatabase } from '../core.ts'
import { parseRow } from '../store/rows.ts'

/** One page; `next` tells where the one after it begins. */
export async function readBlacklist(
  db: HubDatabase,
  teamId: TeamId,
  { before, limit, name }: BlacklistQuery,
): Promise<BlacklistPage> {
  const from = before === undefined ? null : readPlace(before)
  const older = from ? sql`and (blocked_at, id collate "C") < (${from.at}::bigint, ${from.contactId})` : sql``
  const named = name === undefined ? sql`` : sql`and strpos(lower(data ->> 'name'), lower(${name})) > 0`
  const { rows } = await sql<{ data: string }>`
    select data::text as data from contact
    where team_id = ${teamId} and blocked_at is not null ${older} ${named}
    order by blocked_at desc, id collate "C" desc limit ${limit + 1}`.execute(db)
  const entries = rows.flatMap(({ data }) => entryOf(parseRow('contact', data)) ?? [])
  const page = entries.slice(0, limit)
  const last = page.at(-1)
  return { entries: page, next: entries.length > limit && last ? placeOf(last) : null }
}

function entryOf({ id: contactId, name, channelId, blocked }: Contact): BlacklistEntry | null {
  return blocked && { contactId, name, channelId, blocked }
}
