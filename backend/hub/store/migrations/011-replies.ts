/** Saved replies with their folders, and files that belong to one of them instead of to a conversation. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { StoredRow } from './001-rows.ts'

export interface StoredReply extends StoredRow {
  folder_id: string | null
}

export interface ReplyTables {
  replyFolder: StoredRow
  reply: StoredReply
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "replyFolder" (
      team_id text not null,
      id text not null,
      version bigint not null,
      data json not null,
      primary key (team_id, id)
    )`.execute(db)
  await sql`create index reply_folder_version on "replyFolder" (team_id, version)`.execute(db)
  await sql`
    create table reply (
      team_id text not null,
      id text not null,
      version bigint not null,
      data json not null,
      folder_id text,
      primary key (team_id, id)
    )`.execute(db)
  await sql`create index reply_version on reply (team_id, version)`.execute(db)
  await sql`create index reply_folder on reply (team_id, folder_id)`.execute(db)
  // Of a file that belongs to a reply, `uploaded_by` is who may have it before the reply shows it.
  await sql`
    alter table attachment
      alter column conversation_id drop not null,
      add column reply_id text,
      add column uploaded_by text,
      add check ((conversation_id is null) <> (reply_id is null)),
      add check ((reply_id is null) = (uploaded_by is null))`.execute(db)
}
