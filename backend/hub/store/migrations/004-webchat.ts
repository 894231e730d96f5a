/** A web-chat page is asked for by its channel's id alone: finding its team must not read every channel. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index channel_id on channel (id)`.execute(db)
}
