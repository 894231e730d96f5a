/**
 * What the hub keeps for channels that other platforms bring: their accounts, what came in and is not dealt with yet,
 * and what is known of messages on their way out. Rows that were written before get what they have now.
 */
import { sql } from 'kysely'
import type { Generated, Kysely } from 'kysely'
import type { StoredRow } from './001-rows.ts'

export interface StoredTemplate extends StoredRow {
  channel_id: string
}

export interface ChannelAccountTable {
  team_id: string
  channel_id: string
  /** What is no secret, as a JSON object of strings. */
  settings: unknown
  /** The secrets, as a JSON object of strings, sealed. */
  secrets: Uint8Array
  /** When the platform last called us; null when it never has. */
  called_at: number | null
  changed_at: number
  /** When its templates were last read; null when they never were. */
  templates_at: number | null
}

export interface InboundEventTable {
  seq: Generated<number>
  team_id: string
  channel_id: string
  /** By which the platform's repeats of the event are known. */
  event_id: string
  received_at: number
  /** As the platform sent it; null once it is dealt with. */
  event: unknown
  done_at: number | null
  /** Why nothing came of it; with `event` still there when it may be tried again. */
  failure: string | null
}

export interface ReplyTokenTable {
  team_id: string
  conversation_id: string
  token: string
  received_at: number
}

export interface SendAttemptTable {
  team_id: string
  message_id: string
  begun_at: number
  /** The reply token that it uses up; null when it was sent without one. */
  reply_token: string | null
  token_received_at: number | null
}

export interface ChannelTables {
  template: StoredTemplate
  channel_account: ChannelAccountTable
  inbound_event: InboundEventTable
  reply_token: ReplyTokenTable
  send_attempt: SendAttemptTable
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table template (
      team_id text not null,
      id text not null,
      version bigint not null,
      data json not null,
      channel_id text not null,
      primary key (team_id, id)
    )`.execute(db)
  await sql`create index template_version on template (team_id, version)`.execute(db)
  await sql`create index template_channel on template (team_id, channel_id)`.execute(db)
  await sql`
    create table channel_account (
      team_id text not null,
      channel_id text not null,
      settings json not null,
      secrets bytea not null,
      called_at bigint,
      changed_at bigint not null,
      primary key (team_id, channel_id)
    )`.execute(db)
  await sql`
    create table inbound_event (
      seq bigserial,
      team_id text not null,
      channel_id text not null,
      event_id text not null,
      received_at bigint not null,
      event json,
      done_at bigint,
      failure text,
      primary key (team_id, channel_id, event_id)
    )`.execute(db)
  await sql`create index inbound_event_waiting on inbound_event (team_id, seq) where done_at is null`.execute(db)
  await sql`create index inbound_event_done on inbound_event (done_at)`.execute(db)
  await sql`
    create table reply_token (
      team_id text not null,
      conversation_id text not null,
      token text not null,
      received_at bigint not null,
      primary key (team_id, conversation_id)
    )`.execute(db)
  await sql`
    create table send_attempt (
      team_id text not null,
      message_id text not null,
      begun_at bigint not null,
      reply_token text,
      token_received_at bigint,
      primary key (team_id, message_id)
    )`.execute(db)
  await sql`
    update channel set data = (data::jsonb || jsonb_build_object('welcomeText', null, 'problem', null,
      'connected', data ->> 'kind' = 'webchat'))::json where not data::jsonb ? 'connected'`.execute(db)
  await sql`
    update contact set data = (data::jsonb || jsonb_build_object('kind', 'person', 'matchedPhone', null,
      'platformBlockedAt', null, 'people', '[]'::jsonb))::json where not data::jsonb ? 'people'`.execute(db)
  await sql`
    update message set data = jsonb_set(data::jsonb, '{author,from}', 'null')::json
    where data -> 'author' ->> 'type' = 'customer'`.execute(db)
  await sql`
    update conversation set data = jsonb_set(data::jsonb, '{lastMessage,author,from}', 'null')::json
    where data -> 'lastMessage' -> 'author' ->> 'type' = 'customer'`.execute(db)
}
