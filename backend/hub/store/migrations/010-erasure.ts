/**
 * Conversations whose last bytes are still to be removed (DEL-7): noted in the transaction that deletes their rows. And the
 * names of files are kept out of the planner's statistics, which would hold samples of them.
 */
import { sql } from 'kysely'
import type { Generated, Kysely } from 'kysely'

export interface ErasureTable {
  n: Generated<number>
  team_id: string
  channel_id: string
  conversation_id: string
  asked_at: number
  /** What it left is gone from tables and files; only the write-ahead log still has it. */
  rewritten: Generated<boolean>
}

export interface ErasureTables {
  erasure: ErasureTable
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table erasure (
      n bigint generated always as identity primary key,
      team_id text not null,
      channel_id text not null,
      conversation_id text not null,
      asked_at bigint not null,
      rewritten boolean not null default false
    )`.execute(db)
  await sql`create index erasure_team on erasure (team_id)`.execute(db)
  await sql`alter table attachment alter column name set statistics 0`.execute(db)
  // The same type changes nothing but that the statistics of before are dropped.
  await sql`alter table attachment alter column name type text`.execute(db)
}
