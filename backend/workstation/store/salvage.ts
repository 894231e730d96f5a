/**
 * A store that cannot be read is set aside under another name and made anew. What only this device has (the queue,
 * refused items, drafts, the bytes of files, the client's identity) is taken over from the old file row by row, as far
 * as it can be read; everything else comes again from the hub.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { MemberId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusal.ts'
import { Time } from '../../domain/rows.ts'
import { changeAbout, readAbout, writeOwner } from './about.ts'
import type { Identity } from './about.ts'
import { Connection, isDamage } from './connection.ts'
import type { Param, Reader, StoreLog, Writer } from './connection.ts'
import type { MemberStore } from './member-store.ts'
import { migrate } from './migrate.ts'
import { proofPath, writeProof } from './open.ts'
import { SqliteMemberStore } from './sqlite-store.ts'

export type RebuildOptions = {
  path: string
  /** The key of the old file, which is the key of the new one. */
  key: Uint8Array
  /** Used where the old file does not tell whose it was; needed then. */
  create?: Identity
  log: StoreLog
  now?: Date
}
export type Rebuilt = {
  store: MemberStore
  /** Where the old file is now; null when there was none. */
  setAside: string | null
  /** How many queued, refused and drafted things were taken over. */
  kept: number
  /** Whether some may be missing. */
  lost: boolean
}

const nullable = z.string().nullable().catch(null)
const JsonText = z.string().refine((text) => isJson(text))
const AboutRow = z.object({
  client_id: z.string().min(1),
  member_id: MemberId,
  last_client_seq: z.number().int().nonnegative(),
  last_seq: z.number().int().nonnegative(),
  results_known: z.number().int().nonnegative(),
})
const Queued = z.object({
  id: z.number().int().positive(),
  seq: z.number().int().positive().nullable(),
  state: z.enum(['waiting', 'refused']),
  name: z.string().min(1).max(64),
  args: JsonText,
  at: Time,
  local: z.number().catch(1),
  conversation_id: nullable,
  attachment_id: nullable,
  refusal: nullable,
})
type Queued = z.infer<typeof Queued>
const DraftRow = z.object({
  conversation_id: z.string().min(1),
  mode: z.enum(['reply', 'note']).catch('reply'),
  reply: z.string().catch(''),
  note: z.string().catch(''),
  attachment_ids: JsonText.catch('[]'),
})
const FileRow = z.object({
  n: z.number().int().positive(),
  id: z.string().min(1),
  conversation_id: z.string(),
  name: z.string(),
  mime: z.string(),
  size: z.number().int(),
  width: z.number().nullable().catch(null),
  height: z.number().nullable().catch(null),
  state: z.enum(['local', 'uploaded', 'refused']).catch('local'),
  refusal: nullable,
  bytes: z.instanceof(Uint8Array),
})

const ReplyFileRow = z.object({
  n: z.number().int().positive(),
  id: z.string().min(1),
  name: z.string(),
  mime: z.string(),
  size: z.number().int(),
  state: z.enum(['local', 'uploaded', 'refused']).catch('local'),
  refusal: nullable,
  kept_at: Time,
  bytes: z.instanceof(Uint8Array),
})
const DepartingRow = z.object({
  n: z.number().int().positive(),
  id: z.string().min(1),
  conversation_id: z.string().min(1),
  leaves_at: Time,
  commands: JsonText,
})

/** What fills the place of a lost command, so that the numbers after it keep theirs: the hub refuses it and goes on. */
const FILLER = { name: 'conversation.markRead', args: JSON.stringify({ conversationId: 'lost', readInbound: 0 }) }

/**
 * Makes a new store with what could be saved, and sets the old file aside, never deletes it. The new one is whole before
 * the old one is touched, so a kill in between costs nothing: see {@link finishRebuild}.
 */
export function rebuildMemberStore({ path, key, create, log, now = new Date() }: RebuildOptions): Rebuilt {
  removeDraft(path)
  const old = existsSync(path) ? openOld(path, key, log) : null
  const draft = new Connection(draftPath(path), key, log)
  let result: { kept: number; lost: boolean }
  try {
    const about = old && one(old, 'SELECT * FROM about', AboutRow)
    const owner = about
      ? { clientId: about.client_id, memberId: about.member_id, lastClientSeq: about.last_client_seq }
      : create
    if (!owner) throw new Error('neither the old store nor the caller says whose store this is')
    migrate(draft)
    result = draft.transaction('rebuild', (writer) => {
      writeOwner(writer, owner, Math.max(about?.last_seq ?? 0, create?.lastClientSeq ?? 0))
      if (about) changeAbout(writer, { results_known: about.results_known })
      return old ? takeOver(old, writer) : { kept: 0, lost: true }
    })
    if (!about) result = { ...result, lost: true }
    // Into the one file, which can then be renamed in one step.
    draft.truncateLog()
  } finally {
    draft.close()
    old?.close()
  }
  renameSync(draftPath(path), wholePath(path))
  const setAside = finishRebuild({ path, key, now })
  log.warn(result, 'a store was set aside and rebuilt')
  return { store: new SqliteMemberStore(new Connection(path, key, log)), setAside, ...result }
}

function draftPath(path: string): string {
  return `${path}.rebuilding`
}

/** A new store has this name from when it is whole to when the old one has gone from its place. */
function wholePath(path: string): string {
  return `${path}.rebuilt`
}

function removeDraft(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(draftPath(path) + ending, { force: true })
}

/**
 * Puts a rebuilt store in the place of the old one, which is set aside. Called before a store is opened, it ends what a
 * kill cut short; there is nothing to do otherwise.
 * @returns where the old file is now; null when there was none, or nothing to do
 */
export function finishRebuild({
  path,
  key,
  now = new Date(),
}: Pick<RebuildOptions, 'path' | 'key' | 'now'>): string | null {
  if (!existsSync(wholePath(path))) return null
  const setAside = moveAside(path, now)
  renameSync(wholePath(path), path)
  writeProof(path, key)
  return setAside
}

/**
 * Renames the file and what belongs to it, with the date as suffix. Nothing of it may stay: an old log beside a new file
 * would be taken for the new one's.
 * @returns the new path; null when there was nothing
 */
function moveAside(path: string, now: Date): string | null {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  let aside = `${path}.set-aside-${stamp}`
  for (let i = 2; existsSync(aside); i++) aside = `${path}.set-aside-${stamp}-${i}`
  const moves = [
    ...['', '-wal', '-shm'].map((ending) => [path + ending, aside + ending] as const),
    [proofPath(path), proofPath(aside)] as const,
  ].filter(([from]) => existsSync(from))
  for (const [from, to] of moves) renameSync(from, to)
  return moves.length > 0 ? aside : null
}

function openOld(path: string, key: Uint8Array, log: StoreLog): Connection | null {
  try {
    return new Connection(path, key, log, { readonly: true })
  } catch (error) {
    if (!isDamage(error)) throw error
    log.warn({}, 'nothing of the old store can be read')
    return null
  }
}

function one<T>(reader: Reader, sql: string, schema: z.ZodType<T>): T | null {
  try {
    const row = schema.safeParse(reader.get(sql))
    return row.success ? row.data : null
  } catch (error) {
    if (!isTrouble(error)) throw error
    return null
  }
}

function takeOver(old: Connection, writer: Writer): { kept: number; lost: boolean } {
  const queue = readTable(old, 'queue', 'id', Queued)
  const drafts = readTable(old, 'draft', 'conversation_id', DraftRow)
  const files = readTable(old, 'attachment', 'n', FileRow)
  // A store from before there were saved replies has none to lose.
  const none = { rows: [], lost: false }
  const replyFiles = hasTable(old, 'reply_file') ? readTable(old, 'reply_file', 'n', ReplyFileRow) : none
  const departing = hasTable(old, 'departing') ? readTable(old, 'departing', 'n', DepartingRow) : none
  for (const file of files.rows) insertRow(writer, 'attachment', file)
  for (const file of replyFiles.rows) insertRow(writer, 'reply_file', file)
  for (const one of departing.rows) insertRow(writer, 'departing', one)
  for (const draft of drafts.rows) insertRow(writer, 'draft', draft)
  const missing = takeOverQueue(writer, queue.rows)
  const lost = [queue, drafts, files, replyFiles, departing].some((table) => table.lost) || missing
  return { kept: queue.rows.length + drafts.rows.length + departing.rows.length, lost }
}

/** False for a table that the store never had; one that cannot be looked for is taken to be there. */
function hasTable(old: Connection, table: string): boolean {
  try {
    return old.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", table) !== undefined
  } catch (error) {
    if (!isTrouble(error)) throw error
    return true
  }
}

/** Keeps every number: a gap among those the hub has not taken is filled. @returns whether there was one */
function takeOverQueue(writer: Writer, rows: readonly Queued[]): boolean {
  const about = readAbout(writer)
  for (const row of rows) {
    const refusal = row.refusal !== null && isRefusal(row.refusal) ? row.refusal : null
    const reason = row.state === 'refused' ? (refusal ?? JSON.stringify(UNKNOWN_REASON)) : null
    insertRow(writer, 'queue', { ...row, refusal: reason })
  }
  const lastSeq = Math.max(about.lastSeq, ...rows.map(({ seq }) => seq ?? 0))
  changeAbout(writer, { last_seq: lastSeq })
  const taken = new Set(rows.map(({ seq }) => seq))
  let filled = false
  for (let seq = about.lastClientSeq + 1; seq <= lastSeq; seq++) {
    if (taken.has(seq)) continue
    filled = true
    writer.run(
      "INSERT INTO queue (seq, state, name, args, at, local, conversation_id) VALUES (?, 'waiting', ?, ?, 0, 1, NULL)",
      seq,
      FILLER.name,
      FILLER.args,
    )
  }
  return filled
}

const UNKNOWN_REASON: Refusal = { code: 'internal.error', params: {}, whoCould: null, instead: 'none' }

/** Inserts the fields of a checked row; their names are those of its schema, never input. */
function insertRow(writer: Writer, table: string, row: Record<string, Param>): void {
  const names = Object.keys(row)
  writer.run(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
    ...Object.values(row),
  )
}

/**
 * Every row that can be read and fits: from the front to where the file is damaged, and then from the back. A row is
 * fetched by its key alone, so that a damaged one costs no other.
 */
function readTable<T extends Record<string, Param>>(
  old: Connection,
  table: string,
  key: string,
  schema: z.ZodType<T>,
): { rows: T[]; lost: boolean } {
  const rows = new Map<Param, T>()
  let lost = false
  for (const [compare, order] of [
    ['>', 'ASC'],
    ['<', 'DESC'],
  ] as const) {
    let last: Param | undefined
    try {
      for (;;) {
        const where = last === undefined ? '' : `WHERE ${key} ${compare} ?`
        const sql = `SELECT * FROM ${table} ${where} ORDER BY ${key} ${order} LIMIT 1`
        const found = old.get<Record<string, unknown>>(sql, ...(last === undefined ? [] : [last]))
        if (!found) break
        const at = found[key]
        if (typeof at !== 'string' && typeof at !== 'number') break
        if (rows.has(at)) break
        last = at
        const row = schema.safeParse(found)
        if (row.success) rows.set(at, row.data)
        else lost = true
      }
      if (order === 'ASC') break
    } catch (error) {
      if (!isTrouble(error)) throw error
      lost = true
    }
  }
  return { rows: [...rows.values()], lost }
}

/** A damaged page, or a table or column that a newer program has no more. */
function isTrouble(error: unknown): boolean {
  return isDamage(error) || (error instanceof Error && /^no such (table|column)/.test(error.message))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

function isRefusal(text: string): boolean {
  return isJson(text) && Refusal.safeParse(JSON.parse(text)).success
}
