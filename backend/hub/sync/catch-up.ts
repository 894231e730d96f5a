/** What changed for one device since its version, read from the database in one snapshot of it. */
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { ConversationId, TeamId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Member, TableName, Time } from '../../domain/rows.ts'
import { SIGHT } from '../../domain/visibility.ts'
import { MESSAGES_HELD } from '../../sync/protocol.ts'
import type { CommandResult, Version } from '../../sync/protocol.ts'
import type { HubDatabase, HubTransaction, Identity } from '../core.ts'
import { parseRow } from '../store/rows.ts'
import { rowText } from './row-text.ts'
import type { Patch, RowText } from './row-text.ts'
import { REFERENCE_TABLES, REPLY_TABLES } from '../../domain/rows.ts'
import { seesReplyRow } from './reply-scope.ts'
import { inScopeSql } from './scope.ts'

/** Where the team, the member and the member's queue stand. */
export type Standing = {
  version: Version
  /** Of `version`. */
  epoch: string
  /** Null when there is no such member, or none that is active. */
  member: Member | null
  lastClientSeq: number
  /** Of the last command of the queue; null when there is none. */
  lastFingerprint: string | null
  /** Whether a device that is at `version` can be brought up to date by a patch. */
  patchable: (version: Version) => boolean
}

/** Runs `work` on one unchanging view of the database. */
export function reading<T>(db: HubDatabase, work: (trx: HubTransaction) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').execute(work)
}

export async function standingOf(trx: HubTransaction, identity: Omit<Identity, 'expiresAt'>): Promise<Standing> {
  const { teamId, memberId, clientId } = identity
  const { rows } = await sql<{
    seq: Version | null
    epoch: string | null
    tombstones_from: Version | null
    member: string | null
    own_scope: Version | null
    last_seq: number | null
    last_fingerprint: string | null
    team_scope: Version | null
  }>`
    select s.seq, s.epoch, s.tombstones_from, m.data::text as member, m.scope_version as own_scope, p.last_seq,
      r.fingerprint as last_fingerprint,
      (select max(scope_version) from member where team_id = ${teamId}) as team_scope
    from (select 1) as one
    left join team_seq s on s.team_id = ${teamId}
    left join member m on m.team_id = ${teamId} and m.id = ${memberId}
    left join client_progress p on p.team_id = ${teamId} and p.client_id = ${clientId}
    left join client_result r on r.team_id = p.team_id and r.client_id = p.client_id and r.seq = p.last_seq`.execute(
    trx,
  )
  const row = rows[0]
  const member = row?.member ? parseRow('member', row.member) : null
  const seq = row?.seq ?? 0
  const sight = member && SIGHT[member.role] === 'stores' ? row?.team_scope : row?.own_scope
  const from = Math.max(sight ?? 0, row?.tombstones_from ?? 0)
  return {
    version: seq,
    epoch: row?.epoch ?? '',
    member: member?.active ? member : null,
    lastClientSeq: row?.last_seq ?? 0,
    lastFingerprint: row?.last_fingerprint ?? null,
    patchable: (version) => version >= from && version <= seq,
  }
}

/** Whether a version that a device names is one of this history: a restored hub gives the numbers after its backup anew. */
export async function isOurs(trx: HubTransaction, teamId: TeamId, version: Version, epoch: string): Promise<boolean> {
  const begun = await trx
    .selectFrom('epoch')
    .select('epoch')
    .where('team_id', '=', teamId)
    .where('from_version', '<=', version)
    .orderBy('from_version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (begun?.epoch ?? '') === epoch
}

/** The database's clock, in seconds: the same for every hub. */
export async function databaseTime(trx: HubTransaction): Promise<number> {
  const { rows } = await sql<{ at: number }>`
    select extract(epoch from clock_timestamp())::double precision as at`.execute(trx)
  return rows[0]?.at ?? 0
}

/** What became of the queue's refused commands after `seq`. */
export async function resultsAfter(trx: HubTransaction, identity: Identity, seq: number): Promise<CommandResult[]> {
  const { rows } = await sql<{ seq: number; refusal: string }>`
    select seq, refusal::text as refusal from client_result
    where team_id = ${identity.teamId} and client_id = ${identity.clientId} and seq > ${seq} and refusal is not null
    order by seq`.execute(trx)
  return rows.map((row) => ({ seq: row.seq, refusal: Refusal.parse(JSON.parse(row.refusal)) }))
}

/**
 * More changed messages than this are not told in one patch: it is read whole into memory here and is one transaction on
 * the device, while a snapshot comes in short lines and goes on where it was cut.
 */
const PATCH_MESSAGES = 10_000

async function isTooMuch(trx: HubTransaction, teamId: string, cursor: Version): Promise<boolean> {
  const { rows } = await sql`
    select 1 from message where team_id = ${teamId} and version > ${cursor} offset ${PATCH_MESSAGES} limit 1`.execute(
    trx,
  )
  return rows.length > 0
}

export type CatchUp = { type: 'patch'; patch: Patch } | { type: 'resync' } | { type: 'inactive' }

/**
 * Everything that changed for the device since `cursor`: rows of its scope, whole conversations that entered it, ids of
 * those that left it, removed rows, and the queue's refused commands after `toldSeq`.
 */
export function catchUp(
  db: HubDatabase,
  identity: Identity,
  cursor: Version,
  horizon: Time,
  toldSeq: number,
): Promise<CatchUp> {
  return reading(db, async (trx) => {
    const { version, epoch, member, lastClientSeq, patchable } = await standingOf(trx, identity)
    if (!member) return { type: 'inactive' }
    if (!patchable(cursor)) return { type: 'resync' }
    const scope = inScopeSql({ member, horizon })
    const team = identity.teamId
    if (await isTooMuch(trx, team, cursor)) return { type: 'resync' }
    const puts = new Map<string, RowText>()
    const add = async (table: TableName, query: RawBuilder<{ id: string; data: string }>) => {
      const { rows } = await query.execute(trx)
      for (const { id, data } of rows) puts.set(`${table} ${id}`, rowText(table, data))
    }

    for (const table of REFERENCE_TABLES) {
      await add(
        table,
        sql`select id, data::text as data from ${sql.table(table)} where team_id = ${team} and version > ${cursor}`,
      )
    }
    const unseen: (readonly [TableName, string])[] = []
    for (const table of REPLY_TABLES) {
      const { rows } = await sql<{ id: string; data: string }>`
        select id, data::text as data from ${sql.table(table)} where team_id = ${team} and version > ${cursor}`.execute(
        trx,
      )
      for (const { id, data } of rows) {
        if (seesReplyRow(parseRow(table, data), member)) puts.set(`${table} ${id}`, rowText(table, data))
        // The device may have it from before; what it was then is not known here.
        else unseen.push([table, id])
      }
    }
    // Each in two parts, so that each finds its rows by an index: what changed, and what came with a conversation.
    const entered = sql`c.team_id = ${team} and c.scope_version > ${cursor} and ${scope}`
    await add(
      'contact',
      sql`select t.id, t.data::text as data from contact t where t.team_id = ${team} and t.version > ${cursor}
            and exists (select 1 from conversation c where c.team_id = ${team} and c.contact_id = t.id and ${scope})
          union all
          select t.id, t.data::text from conversation c
            join contact t on t.team_id = ${team} and t.id = c.contact_id where ${entered}`,
    )
    await add(
      'conversation',
      sql`select c.id, c.data::text as data from conversation c
          where c.team_id = ${team} and c.version > ${cursor} and ${scope}`,
    )
    const held = sql`m.ordinal > c.message_count - ${MESSAGES_HELD}::integer`
    await add(
      'message',
      sql`select m.id, m.data::text as data, m.conversation_id, m.ordinal from message m
            join conversation c on c.team_id = ${team} and c.id = m.conversation_id
            where m.team_id = ${team} and m.version > ${cursor} and ${held} and ${scope}
          union all
          select m.id, m.data::text, m.conversation_id, m.ordinal from conversation c
            join message m on m.team_id = ${team} and m.conversation_id = c.id and ${held} where ${entered}
          order by conversation_id, ordinal`,
    )
    const own = sql`k.team_id = ${team} and k.member_id = ${member.id}`
    await add(
      'mark',
      sql`select k.id, k.data::text as data from mark k
            join conversation c on c.team_id = ${team} and c.id = k.conversation_id
            where ${own} and k.version > ${cursor} and ${scope}
          union all
          select k.id, k.data::text from conversation c
            join mark k on ${own} and k.conversation_id = c.id where ${entered}`,
    )

    const left = await sql<{ id: ConversationId }>`
      select c.id from conversation c
      where c.team_id = ${team} and c.scope_version > ${cursor} and not ${scope}`.execute(trx)
    const gone = await sql<{ table_name: TableName; id: string }>`
      select table_name, id from tombstone where team_id = ${team} and version > ${cursor}
        and (table_name <> 'mark' or starts_with(id, ${`${member.id}~`}))
      order by version`.execute(trx)
    return {
      type: 'patch',
      patch: {
        version,
        epoch,
        lastClientSeq,
        results: await resultsAfter(trx, identity, toldSeq),
        evicts: left.rows.map(({ id }) => id),
        // A row that was removed and is there again is only put.
        removes: [
          ...gone.rows
            .filter(({ table_name, id }) => !puts.has(`${table_name} ${id}`))
            .map(({ table_name, id }) => [table_name, id] as const),
          ...unseen,
        ],
        puts: [...puts.values()],
      },
    }
  })
}
