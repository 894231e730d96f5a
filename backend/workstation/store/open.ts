/**
 * Opening a member's store: makes it when there is none, and says why when it cannot be read, so that the caller can
 * ask for the right password or have it rebuilt (`salvage.ts`). Nothing here deletes a file.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { adopt, hasOwner, readAbout, writeOwner } from './about.ts'
import type { Identity } from './about.ts'
import { Connection, isDamage, isNotADatabase } from './connection.ts'
import type { StoreLog } from './connection.ts'
import type { MemberStore } from './member-store.ts'
import { STORE_VERSION, migrate, versionOf } from './migrate.ts'
import { waitingRows } from './queue.ts'
import { SqliteMemberStore } from './sqlite-store.ts'

export type OpenOptions = {
  path: string
  /** 32 bytes. */
  key: Uint8Array
  /** Whose store it is to be when there is none yet; with one, its queue is numbered on for this client. */
  create?: Identity
  log: StoreLog
}
/** The store as its session holds it. */
export type OwnedStore = MemberStore
export type Opened = { ok: true; store: MemberStore } | { ok: false; reason: 'key' | 'unreadable' | 'newer' }

/** Files up to this size are checked page by page at opening, in bytes; larger ones would make it slow. */
const CHECKED_WHOLE = 32 * 1024 * 1024
const PAGE_MIN = 512

/**
 * Opens the store.
 * - `key`: the key is not this store's.
 * - `unreadable`: there is none and none was to be made, or the file is damaged; see {@link rebuildMemberStore}.
 * - `newer`: a later program wrote it.
 * @throws for what is no fault of the file, such as a disk without room
 */
export function openMemberStore({ path, key, create, log }: OpenOptions): Opened {
  const proof = readProof(path)
  if (proof && !timingSafeEqual(proof, proofOf(key))) return { ok: false, reason: 'key' }
  const existed = existsSync(path) && statSync(path).size > 0
  // A store that was finished once and is empty now has lost everything: it must not be taken for a new one.
  if (!existed && (proof || !create)) return { ok: false, reason: 'unreadable' }
  let connection: Connection | null = null
  try {
    connection = new Connection(path, key, log)
    const version = versionOf(connection)
    if (version > STORE_VERSION) return refuseWith(connection, 'newer')
    if (existed && damaged(connection, path)) return refuseWith(connection, 'unreadable')
    migrate(connection)
    if (!hasOwner(connection)) {
      if (proof || !create) return refuseWith(connection, 'unreadable')
      connection.transaction('create', (writer) => writeOwner(writer, create, create.lastClientSeq))
    } else if (create) connection.transaction('adopt', (writer) => adopt(writer, create))
    readAbout(connection)
    waitingRows(connection)
    if (!proof) writeProof(path, key)
    return { ok: true, store: new SqliteMemberStore(connection) }
  } catch (error) {
    connection?.close()
    if (!isDamage(error)) throw error
    // Without a proof of the key, a file that cannot be deciphered at all is taken to be under another key.
    const reason = !proof && isNotADatabase(error) && statSync(path).size >= PAGE_MIN ? 'key' : 'unreadable'
    log.warn({ reason }, 'a store could not be opened')
    return { ok: false, reason }
  }
}

function refuseWith(connection: Connection, reason: 'unreadable' | 'newer'): Opened {
  connection.close()
  return { ok: false, reason }
}

/** Whether pages are missing at the end, or (in a small file) any page is not what was written. */
function damaged(connection: Connection, path: string): boolean {
  const pages = Number(connection.pragma('page_count'))
  const { size } = statSync(path)
  const inLog = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0
  if (!inLog && size < pages * Number(connection.pragma('page_size'))) return true
  return size <= CHECKED_WHOLE && connection.pragma('quick_check') !== 'ok'
}

// --- the proof of the key: it tells a wrong password from a damaged file

export function proofPath(path: string): string {
  return `${path}.proof`
}

function proofOf(key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('countertop member store').digest()
}

function readProof(path: string): Buffer | null {
  if (!existsSync(proofPath(path))) return null
  const proof = readFileSync(proofPath(path))
  return proof.length === 32 ? proof : null
}

/** Written once the store is whole; replaced in one step. */
export function writeProof(path: string, key: Uint8Array): void {
  const part = `${proofPath(path)}.part`
  const file = openSync(part, 'w', 0o600)
  try {
    writeSync(file, proofOf(key))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(part, proofPath(path))
}
