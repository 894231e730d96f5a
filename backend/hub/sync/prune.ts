/** What only grows is forgotten: what devices know already, and what says that rows are gone. The audit log stays. */
import { sql } from 'kysely'
import type { TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { HubDatabase, Identity } from '../core.ts'

/** How long a device that was away is told of removed rows one by one, in ms; after that it fetches a snapshot. */
export const TOMBSTONES_KEPT = 30 * 24 * 60 * 60 * 1000
/** How many of a team's are removed at a time: nobody writes meanwhile. */
const AT_ONCE = 5_000
/**
 * For so many commands a refusal stays although its device has heard it: a copy of the device from before, restored in
 * its place, has not.
 */
const REFUSALS_KEPT = 1_000

/**
 * Forgets what became of a queue's commands that its device knows of, up to `known`. The last one taken stays, since it
 * is told at every welcome; a device that knows more than was taken speaks of another history.
 */
export async function forgetResults(
  db: HubDatabase,
  { teamId, clientId }: Pick<Identity, 'teamId' | 'clientId'>,
  known: number,
): Promise<void> {
  await sql`
    delete from client_result r using client_progress p
    where p.team_id = ${teamId} and p.client_id = ${clientId} and ${known} <= p.last_seq
      and r.team_id = p.team_id and r.client_id = p.client_id and r.seq <= ${known} and r.seq < p.last_seq
      and (r.refusal is null or r.seq <= ${known - REFUSALS_KEPT})`.execute(db)
}

/** Of conversations it is never forgotten: a device away for long must learn that they were deleted, not merely hidden (DEL-7). */
const PRUNED = sql`table_name <> 'conversation'`

/**
 * Forgets what was removed {@link TOMBSTONES_KEPT} before `now`, in every team; a device from before then needs a
 * snapshot.
 * @returns how many tombstones went
 */
export async function pruneTombstones(db: HubDatabase, now: Time): Promise<number> {
  const before = now - TOMBSTONES_KEPT
  const { rows: teams } = await sql<{ team_id: TeamId }>`
    select distinct team_id from tombstone where at < ${before} and ${PRUNED}`.execute(db)
  let gone = 0
  for (const { team_id: teamId } of teams) {
    for (let count = AT_ONCE; count === AT_ONCE;) {
      count = await pruneSome(db, teamId, before)
      gone += count
    }
  }
  return gone
}

/** Under the team's lock, and in the order of versions: what remains is whole from `tombstones_from` on. */
async function pruneSome(db: HubDatabase, teamId: TeamId, before: Time): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await trx.selectFrom('team_seq').select('seq').where('team_id', '=', teamId).forUpdate().execute()
    const { rows } = await sql<{ count: number }>`
      with old as (
          select version, table_name, id from tombstone
          where team_id = ${teamId} and at < ${before} and ${PRUNED}
          order by version limit ${AT_ONCE}
        ),
        deleted as (
          delete from tombstone t using old
          where t.team_id = ${teamId} and t.version = old.version and t.table_name = old.table_name and t.id = old.id
        ),
        moved as (
          update team_seq set tombstones_from = greatest(tombstones_from, (select max(version) from old))
          where team_id = ${teamId}
        )
      select count(*)::integer as count from old`.execute(trx)
    return rows[0]?.count ?? 0
  })
}
