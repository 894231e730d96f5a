/** What changed in a team after a version, read from the database in one statement: what other hubs committed. */
import { sql } from 'kysely'
import { z } from 'zod'
import type { TeamId } from '../../domain/ids.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { Conversation, TableName } from '../../domain/rows.ts'
import { Version } from '../../sync/protocol.ts'
import type { Change } from '../../sync/run.ts'
import type { HubDatabase } from '../core.ts'
import { parseRow } from '../store/rows.ts'

/**
 * A row's change of which is only known what it is now. `sight`: whether it may have changed who sees the conversation
 * (or what the member sees) that the row is; `same` for rows that are neither.
 */
export type HeardChange = Change & { sight?: 'same' | 'changed' }

export type NewsSince = {
  from: Version
  /** The team's version; it may be lower than `from`, when the database is a copy from before. */
  version: Version
  epoch: string
  changes: HeardChange[]
  /** Conversations that did not change and have something under them that did. */
  beside: Conversation[]
  /** Of the queues that were asked about: how far each was taken. */
  taken: Map<string, number>
}

/** More changed rows of one table than this are not read: too much for a patch, and for the memory of recent commits. */
const ROWS_MAX = 2_000

const Head = z.object({ version: Version, epoch: z.string(), taken: z.record(z.string(), z.number().int()) })
type Read = { kind: string; id: string; data: string; scoped: boolean | null }

/** @returns null when it is too much */
export async function newsSince(
  db: HubDatabase,
  teamId: TeamId,
  from: Version,
  clientIds: readonly string[],
): Promise<NewsSince | null> {
  const changed = TABLE_NAMES.map((table) => {
    const scoped = table === 'member' || table === 'conversation' ? sql`scope_version > ${from}` : sql`false`
    return sql`(select ${table}::text, id, data::text, ${scoped} from ${sql.table(table)}
      where team_id = ${teamId} and version > ${from} limit ${ROWS_MAX + 1})`
  })
  const { rows } = await sql<Read>`
    (select 'head' as kind, '' as id, json_build_object('version', s.seq, 'epoch', s.epoch, 'taken',
        (select coalesce(json_object_agg(p.client_id, p.last_seq), '{}') from client_progress p
          where p.team_id = ${teamId} and p.client_id = any(${clientIds}::text[])))::text as data, false as scoped
      from team_seq s where s.team_id = ${teamId})
    union all ${sql.join(changed, sql` union all `)}
    union all (select 'gone ' || table_name, id, '', false from tombstone
      where team_id = ${teamId} and version > ${from} limit ${ROWS_MAX + 1})
    union all (select 'beside', c.id, c.data::text, false from conversation c
      where c.team_id = ${teamId} and c.version <= ${from} and c.id in (
        select conversation_id from message where team_id = ${teamId} and version > ${from}
        union select conversation_id from mark where team_id = ${teamId} and version > ${from})
      limit ${ROWS_MAX + 1})`.execute(db)
  return assembled(rows, from, clientIds)
}

function assembled(rows: readonly Read[], from: Version, clientIds: readonly string[]): NewsSince | null {
  const byKind = Map.groupBy(rows, ({ kind }) => kind)
  for (const some of byKind.values()) if (some.length > ROWS_MAX) return null
  const head = byKind.get('head')?.[0]
  const { version, epoch, taken } = head ? Head.parse(JSON.parse(head.data)) : { version: 0, epoch: '', taken: {} }
  const changes: HeardChange[] = []
  const there = new Set<string>()
  for (const table of TABLE_NAMES) {
    for (const { id, data, scoped } of byKind.get(table) ?? []) {
      there.add(`${table} ${id}`)
      changes.push({ table, id, before: null, after: parseRow(table, data), sight: scoped ? 'changed' : 'same' })
    }
    for (const { id } of byKind.get(`gone ${table}`) ?? []) {
      // One that was removed and is there again is only put.
      if (!there.has(`${table} ${id}`)) changes.push({ table, id, before: null, after: null, sight: sightOf(table) })
    }
  }
  return {
    from,
    version,
    epoch,
    changes,
    beside: (byKind.get('beside') ?? []).map(({ data }) => parseRow('conversation', data)),
    taken: new Map(clientIds.map((id) => [id, taken[id] ?? 0])),
  }
}

function sightOf(table: TableName): 'same' | 'changed' {
  return table === 'member' || table === 'conversation' ? 'changed' : 'same'
}
