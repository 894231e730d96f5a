/**
 * The write-ahead log has the bytes of all rows that were written, removed ones too. Its old segments go when they are no
 * longer needed; one that the server uses again under a later name keeps its bytes until it is written over.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ErasureSession } from './session.ts'

/** How often, and with which wait in ms, it is looked whether the server still needs old segments. */
const LOOKS = 5
const LOOK_EVERY = 200

/**
 * Makes the server let go of everything that was written to the log until now. Ending a segment fills it with zeros; so
 * what is there under later names is gone when all of those have been gone through.
 * @returns false when the server keeps old segments, for a replica, an archive or by its settings; later it may not
 */
export async function clearWal(session: ErasureSession, stopped: () => boolean): Promise<boolean> {
  const begin = await nextSegment(session)
  for (let look = 1; ; look++) {
    await session.run('checkpoint')
    const [oldest] = await segments(session)
    if (oldest === undefined || oldest >= begin) break
    if (look === LOOKS || stopped()) return false
    await pause(LOOK_EVERY)
  }
  const last = (await segments(session)).at(-1) ?? ''
  for (let at = begin; at <= last; at = await nextSegment(session)) if (stopped()) return false
  return true
}

/** Ends the current segment; one in which nothing was written cannot be ended. @returns the name of the next one */
async function nextSegment(session: ErasureSession): Promise<string> {
  const write = `select pg_logical_emit_message(false, 'countertop', '')`
  await session.run(write)
  await session.run('select pg_switch_wal()')
  await session.run(write)
  const { rows } = await session.run<{ name: string }>('select pg_walfile_name(pg_current_wal_insert_lsn()) as name')
  const name = rows[0]?.name
  if (!name) throw new Error('the write-ahead log has no segment')
  return name
}

/** Those that there are, by their names: the oldest first. */
async function segments(session: ErasureSession): Promise<string[]> {
  const { rows } = await session.run<{ name: string }>(`
    select name from pg_ls_waldir() where name ~ '^[0-9A-F]{24}' order by name collate "C"`)
  return rows.map(({ name }) => name)
}
