/** What is known of each stored file; the bytes are in the attachment store. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export interface AttachmentTable {
  team_id: string
  id: string
  /** Null for a file of a saved reply, which has `reply_id` and `uploaded_by` (see `011-replies.ts`). */
  conversation_id: string | null
  reply_id: string | null
  uploaded_by: string | null
  name: string
  /** The true type, found in the bytes. */
  mime: string
  /** Bytes. */
  size: number
  sha256: Uint8Array
  created_at: number
}

export interface AttachmentTables {
  attachment: AttachmentTable
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table attachment (
      team_id text not null,
      id text not null,
      conversation_id text not null,
      name text not null,
      mime text not null,
      size bigint not null check (size > 0),
      sha256 bytea not null,
      created_at bigint not null,
      primary key (team_id, id)
    )`.execute(db)
  await sql`create index attachment_conversation on attachment (team_id, conversation_id)`.execute(db)
}
