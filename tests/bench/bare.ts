/**
 * better-sqlite3 with nothing of ours above it, over the same tables and under the same settings as a member's store:
 * the same cipher, the same journal, the same durability.
 */
import Database from 'better-sqlite3'
import { Connection } from '../../backend/workstation/store/connection.ts'
import { migrate } from '../../backend/workstation/store/migrate.ts'

const QUIET = { info: () => undefined, warn: () => undefined }
/** Settings that cost time; they are read back from one of our connections, so that the two cannot drift apart. */
const SETTINGS = [
  'cache_size',
  'temp_store',
  'synchronous',
  'secure_delete',
  'foreign_keys',
  'journal_size_limit',
  'wal_autocheckpoint',
] as const

/** Opens the file; a new one gets the tables of a member's store. */
export function openBare(path: string, key: Uint8Array): Database {
  const ours = new Connection(path, key, QUIET)
  migrate(ours)
  const values = SETTINGS.map((name) => [name, Number(ours.pragma(name))] as const)
  ours.close()
  const db = new Database(path, { timeout: 5_000 })
  db.pragma(`cipher='chacha20'`)
  db.pragma(`key="raw:${Buffer.from(key).toString('hex')}"`)
  for (const [name, value] of values) db.pragma(`${name}=${value}`)
  if (db.pragma('journal_mode', { simple: true }) !== 'wal') throw new Error('the journal is another')
  for (const [name, value] of values) {
    if (Number(db.pragma(name, { simple: true })) !== value) throw new Error(`the bare connection has another ${name}`)
  }
  return db
}
