/**
 * One program per home folder: neither the hub's embedded database nor a member's store may have two writers that know
 * nothing of each other. The owner holds SQLite's exclusive lock on an empty file of the folder. It is a lock of the
 * operating system, which drops it with the process: one that was killed leaves nothing behind that could stop the next,
 * and of several that start at once exactly one gets it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { StartError } from './start-error.ts'

/** How long one of several that start at once waits for the others to see who was first, in ms. */
const PATIENCE = 500

/** Which program wants the folder: a hub and a workstation do not touch each other's files. */
export type HomeOwner = 'hub' | 'workstation'

/**
 * Takes the folder, which is made, for this user alone, when it is not there. Answers the function that lets go of it.
 * @throws StartError `home.inUse` while another of the same kind has it
 */
export function lockHome(home: string, owner: HomeOwner): () => void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const lock = new Database(join(home, `${owner}.lock`), { timeout: PATIENCE })
  try {
    // Nothing is ever written, and a journal beside the file would be left by a kill.
    lock.pragma('journal_mode=MEMORY')
    lock.prepare('BEGIN EXCLUSIVE').run()
  } catch (error) {
    lock.close()
    if (!(error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY')) throw error
    throw new StartError(`another ${owner} runs on ${home}: stop it, or use another --home`, { code: 'home.inUse' })
  }
  return () => lock.close()
}
