/** Which hub process began which stretch of a team's history: tells a restored copy from what it was restored from. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export interface EpochTable {
  team_id: string
  /** The first version of the epoch; it lasts until the next one's. */
  from_version: number
  epoch: string
}
export interface EpochTables {
  epoch: EpochTable
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table team_seq add column epoch text not null default ''`.execute(db)
  await sql`
    create table epoch (
      team_id text not null,
      from_version bigint not null,
      epoch text not null,
      primary key (team_id, from_version)
    )`.execute(db)
}
