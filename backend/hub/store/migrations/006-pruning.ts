/** When a row was removed: what tells devices of it is kept for a while, not for ever. Those of before count from now. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // The default serves a hub of the version before, which may run beside this one during an upgrade.
  await sql`
    alter table tombstone add column at bigint not null default floor(extract(epoch from now()) * 1000)`.execute(db)
}
