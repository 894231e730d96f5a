/** When a channel's templates were last read from its platform. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table channel_account add column templates_at bigint`.execute(db)
}
