/**
 * Writes tables anew, row by row, so that nothing is left of removed and replaced rows. An ordinary VACUUM frees the room
 * that they took and leaves their bytes there.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ErasureSession } from './session.ts'

/**
 * The tables that hold, or held, what people wrote or the names of files; small ones first. The planner's statistics held
 * samples of names until `010-erasure.ts`.
 */
export const REWRITTEN = [
  'pg_catalog.pg_statistic',
  'public.attachment',
  'public.client_result',
  'public.inbound_event',
  'public.conversation',
  'public.message',
] as const

/** How often a table is tried that others use; and how long, in ms, it is left to them after that, at first and at most. */
const ATTEMPTS = 40
const PAUSE = { first: 50, most: 2_000 } as const
/** How long, in ms, who waited for one table has before the next one is locked. */
const BETWEEN = 50
/** How long, in ms, and how often it is looked whether what began earlier has ended. */
const EARLIER_WITHIN = 5_000
const LOOK_EVERY = 50

/**
 * What was removed before is not written again: first waits until no transaction can see it any more.
 * @returns whether it is done, and for how long tables were locked, in ms. It is not done when an earlier transaction or the
 *   users of a table took too long: it may work later
 */
export async function rewriteTables(
  session: ErasureSession,
  tables: readonly string[],
  stopped: () => boolean,
): Promise<{ done: boolean; locked: number }> {
  let locked = 0
  if (!(await nobodySeesIt(session))) return { done: false, locked }
  for (const table of tables) {
    const rewritten = await rewriteOne(session, table, stopped)
    locked += rewritten.took
    if (!rewritten.done) return { done: false, locked }
    await pause(BETWEEN)
  }
  return { done: true, locked }
}

/**
 * A removed row is written anew as long as a transaction may see it: one that began before, or whose view of the database is as
 * old. Once there is none, there never will be.
 */
async function nobodySeesIt(session: ErasureSession): Promise<boolean> {
  const { rows: after } = await session.run<{ xid: string }>('select pg_current_xact_id()::xid::text as xid')
  const until = performance.now() + EARLIER_WITHIN
  for (;;) {
    const { rows } = await session.run<{ n: number }>(`
      select count(*)::integer as n from (
        select backend_xid as xid from pg_stat_activity where pid <> pg_backend_pid()
        union all select backend_xmin from pg_stat_activity where pid <> pg_backend_pid()
        union all select xmin from pg_replication_slots
        union all select transaction from pg_prepared_xacts
      ) as seen where age(xid) > age('${after[0]?.xid ?? ''}'::xid)`)
    if (rows[0]?.n === 0) return true
    if (performance.now() > until) return false
    await pause(LOOK_EVERY)
  }
}

async function rewriteOne(
  session: ErasureSession,
  table: string,
  stopped: () => boolean,
): Promise<{ done: boolean; took: number }> {
  for (let attempt = 1, wait: number = PAUSE.first; attempt <= ATTEMPTS && !stopped(); attempt++) {
    const begun = performance.now()
    try {
      const { details } = await session.run(`vacuum (full, verbose) ${table}`)
      // Whoever may not is only warned; only who does it is told how many rows there were, in whatever language.
      if (!details.some((detail) => /\d/.test(detail))) throw new Error(`${table} was not rewritten`)
      return { done: true, took: performance.now() - begun }
    } catch (error) {
      if (!isInUse(error)) throw error
    }
    await pause(wait)
    wait = Math.min(wait * 2, PAUSE.most)
  }
  return { done: false, took: 0 }
}

/** `lock_not_available`, or `deadlock_detected`. */
function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01')
}
