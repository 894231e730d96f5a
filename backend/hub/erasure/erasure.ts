/**
 * After a conversation is deleted no byte of it is left at the hub (DEL-7). A deletion is noted in its own transaction; one hub
 * then carries out all that is noted in one go: files and other traces of each conversation, the tables they were in written
 * anew, and the write-ahead log. A note goes last, so that whatever is cut is done again.
 */
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { Attachments } from '../attachments/attachments.ts'
import type { EffectSink, HubDatabase } from '../core.ts'
import { traceOf } from '../listeners.ts'
import { forgetConversation } from './forget.ts'
import type { Erased } from './forget.ts'
import { REWRITTEN, rewriteTables } from './rewrite.ts'
import { RIGHTS, missingRights } from './rights.ts'
import type { Right } from './rights.ts'
import type { ErasureSession } from './session.ts'
import { clearWal } from './wal.ts'

export type ErasureParts = {
  db: HubDatabase
  /** A session of its own; null while another hub erases. */
  session(): Promise<ErasureSession | null>
  attachments: Pick<Attachments, 'remove' | 'removeLost'>
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
}

/** `later`: something is still noted, which may work next time or is another hub's to do. */
export type Pass = { result: 'nothing' | 'done' | 'later'; locked: number }

export interface Erasure {
  /** Notes what is to be erased in the transaction that wants it, and leaves all other effects to `others`. */
  over(others: EffectSink): EffectSink
  /** How many deletions of the team are not complete. */
  pending(teamId: TeamId): Promise<number>
  /** Of the whole database: how many are not complete, and for how long, in ms, the oldest was not. */
  waiting(): Promise<{ count: number; oldest: number }>
  /** What the hub may not do, so that deletions stay incomplete; known after `start`. */
  missing(): readonly Right[]
  /** Carries out what is noted, at once. */
  carryOut(): Promise<Pass>
  /** Says what the hub may not do, and begins with what a killed hub left. */
  start(): Promise<void>
  /** Erases uploads of conversations that never came to be, or that were deleted while the file was on its way. */
  tidy(): Promise<void>
  /** Waits for the step that is being done and begins no other. */
  stop(): Promise<void>
}

/** How long, in ms, it waits for more of a batch after a deletion. */
const QUIET = 1_000
/** How often, in ms, it is looked for deletions that another hub took, and for what did not work. */
const LOOK_EVERY = 10_000
/** For how many times the time for which tables were locked they are left alone afterwards. */
const REST = 20
/** How old, in ms, an upload is that nobody will send a message with any more. */
const UPLOAD_KEPT = 24 * 60 * 60 * 1000

export function createErasure(parts: ErasureParts): Erasure {
  const { db, attachments, log, clock } = parts
  let missing: readonly Right[] = []
  let stopped = false
  let looking: Promise<void> | null = null
  let notBefore = 0
  let next: { at: number; timer: NodeJS.Timeout } | null = null
  let started = false

  /** Looks in so many ms, if it would not look earlier anyway. */
  const lookIn = (ms: number) => {
    const at = Math.max(performance.now() + ms, notBefore)
    if (stopped || !started || looking || (next && next.at <= at)) return
    if (next) clearTimeout(next.timer)
    const timer = setTimeout(
      () => {
        next = null
        looking = look()
      },
      Math.max(0, at - performance.now()),
    )
    timer.unref()
    next = { at, timer }
  }

  const look = async () => {
    let again = LOOK_EVERY
    try {
      const { result, locked } = await carryOut()
      notBefore = performance.now() + locked * REST
      // More may have been noted meanwhile.
      if (result === 'done') again = QUIET
    } catch (error) {
      log.error({ err: traceOf(error) }, 'erasure: will be tried again')
    }
    looking = null
    lookIn(again)
  }

  async function carryOut(): Promise<Pass> {
    const nothing: Pass = { result: 'nothing', locked: 0 }
    if ((await notesOf(db)).length === 0) return nothing
    const session = await parts.session()
    if (!session) return { result: 'later', locked: 0 }
    try {
      missing = await missingRights(session)
      // Only now nobody else works on them.
      const notes = await notesOf(db)
      return notes.length === 0 ? nothing : await carryOutOf(session, notes)
    } finally {
      await session.close()
    }
  }

  async function carryOutOf(session: ErasureSession, notes: readonly Note[]): Promise<Pass> {
    const begun = performance.now()
    const left = notes.filter(({ rewritten }) => !rewritten)
    const all = notes.map(({ n }) => n)
    let locked = 0
    if (left.length > 0) {
      for (const note of left) await forgetConversation({ db, attachments }, note)
      const tables = REWRITTEN.filter((table) => !table.startsWith('pg_catalog.') || !missing.includes('statistics'))
      const rewriting = await rewriteTables(session, tables, () => stopped)
      locked = rewriting.locked
      if (!rewriting.done) {
        log.warn({ conversations: left.length }, 'erasure: tables are in use, and will be rewritten later')
        return { result: 'later', locked }
      }
      await sql`update erasure set rewritten = true where n = any(${all}::bigint[])`.execute(db)
    }
    const mayClear = !missing.some((right) => right !== 'statistics')
    if (mayClear && !(await clearWal(session, () => stopped))) {
      log.warn({ conversations: notes.length }, 'erasure: the server keeps old segments of its write-ahead log')
      return { result: 'later', locked }
    }
    await sql`delete from erasure where n = any(${all}::bigint[])`.execute(db)
    const [took, lockedFor] = [performance.now() - begun, locked].map(Math.round)
    log.info({ conversations: notes.length, took, lockedFor, missing }, 'erasure: done')
    return { result: 'done', locked }
  }

  return {
    over: (others) => ({
      async record(trx, teamId, effects) {
        const erased = effects.filter((effect) => effect.type === 'conversation.erase')
        const rest = effects.filter((effect) => effect.type !== 'conversation.erase')
        if (rest.length > 0) await others.record(trx, teamId, rest)
        if (erased.length === 0) return
        const rows = erased.map(({ channelId, conversationId }) => ({
          team_id: teamId,
          channel_id: channelId,
          conversation_id: conversationId,
          asked_at: clock(),
        }))
        await trx.insertInto('erasure').values(rows).execute()
        lookIn(QUIET)
      },
    }),
    async pending(teamId) {
      const { rows } = await sql<{ n: number }>`
        select count(*)::integer as n from erasure where team_id = ${teamId}`.execute(db)
      return rows[0]?.n ?? 0
    },
    async waiting() {
      const { rows } = await sql<{ n: number; oldest: Time | null }>`
        select count(*)::integer as n, min(asked_at) as oldest from erasure`.execute(db)
      const [row] = rows
      return { count: row?.n ?? 0, oldest: row?.oldest ? Math.max(0, clock() - row.oldest) : 0 }
    },
    missing: () => missing,
    carryOut,
    async start() {
      const session = await parts.session()
      if (session) {
        try {
          missing = await missingRights(session)
        } finally {
          await session.close()
        }
      }
      if (missing.length > 0) {
        const grants = missing.map((right) => RIGHTS[right])
        log.warn(
          { missing, grants },
          'erasure: the write-ahead log keeps what is deleted until the hub is granted this',
        )
      }
      started = true
      lookIn(0)
    },
    async tidy() {
      const before = clock() - UPLOAD_KEPT
      await noteUploads(db, before)
      await attachments.removeLost(before)
      lookIn(0)
    },
    async stop() {
      stopped = true
      if (next) clearTimeout(next.timer)
      await looking
    },
  }
}

type Note = Erased & { n: number; rewritten: boolean }

async function notesOf(db: HubDatabase): Promise<Note[]> {
  const { rows } = await sql<Note>`
    select n, team_id as "teamId", channel_id as "channelId", conversation_id as "conversationId",
      asked_at as "askedAt", rewritten
    from erasure order by n`.execute(db)
  return rows
}

/** Uploads of before of conversations that are not there are erased like those. */
async function noteUploads(db: HubDatabase, before: Time): Promise<void> {
  await sql`
    insert into erasure (team_id, channel_id, conversation_id, asked_at)
    select distinct a.team_id, '', a.conversation_id, ${before}::bigint from attachment a
    where a.created_at < ${before} and a.conversation_id is not null and not exists (
      select from conversation c where c.team_id = a.team_id and c.id = a.conversation_id)`.execute(db)
}
