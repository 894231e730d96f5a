/**
 * Notification messages (NTF-1 … NTF-5): what is to reach a phone number and how far it has come, who may ask for it, and
 * which LINE user has which number. Numbers and texts are sealed, and gone when a notification has ended.
 */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export interface NotificationTable {
  team_id: string
  id: string
  channel_id: string
  idempotency_key: string
  /** Of what was asked for, by a key of the hub: to know a repeat by. */
  digest: Uint8Array
  /** By which LINE tells that the notification message was delivered. */
  tag: string
  /** Number and texts, sealed; null when it has ended. */
  content: Uint8Array | null
  /** `queued`, `waiting` for LINE's word, or how it ended. */
  state: string
  /** Which one it is at: `push`, `pnp` or `sms`. */
  means: string
  due_at: number
  /** Who works on it, and until when nobody else does. */
  lease: string | null
  lease_until: number | null
  created_at: number
  ended_at: number | null
}

/** One of the ways to reach the number; each is gone at most once. */
export interface NotificationTryTable {
  team_id: string
  notification_id: string
  means: string
  channel_id: string
  /** `trying`, `flying` (something is on its way), `accepted`, `delivered`, `refused`, `uncertain`, `expired`. */
  state: string
  /** The LINE user that the push is for: the same at every attempt; null when it has ended. */
  target: string | null
  code: string | null
  platform_code: string | null
  attempts: number
  /** An attempt may have come through of which no answer came. */
  maybe: boolean
  begun_at: number
  accepted_at: number | null
  delivered_at: number | null
  ended_at: number | null
}

export interface NotificationKeyTable {
  team_id: string
  id: string
  name: string
  /** SHA-256 of the key, which is kept nowhere. */
  hash: Uint8Array
  tail: string
  made_at: number
  made_by: string
  used_at: number | null
  revoked_at: number | null
}

export interface NotificationSettingsTable {
  team_id: string
  channel_id: string | null
  sms_url: string | null
  sms_fields: unknown
  /** Sealed. */
  sms_token: Uint8Array | null
}

/** 「LINE UID <> 手機」 */
export interface PhoneMatchTable {
  team_id: string
  /** Whose link was used; each is good once. */
  notification_id: string
  channel_id: string
  external_id: string
  /** Sealed, until the contact has it. */
  phone: Uint8Array | null
  matched_at: number
  applied_at: number | null
}

export interface NotificationTables {
  notification: NotificationTable
  notification_try: NotificationTryTable
  notification_key: NotificationKeyTable
  notification_settings: NotificationSettingsTable
  phone_match: PhoneMatchTable
}

const TABLES = [
  `notification (
    team_id text not null,
    id text not null,
    channel_id text not null,
    idempotency_key text not null,
    digest bytea not null,
    tag text not null,
    content bytea,
    state text not null,
    means text not null,
    due_at bigint not null,
    lease text,
    lease_until bigint,
    created_at bigint not null,
    ended_at bigint,
    primary key (team_id, id),
    unique (team_id, idempotency_key)
  )`,
  `notification_try (
    team_id text not null,
    notification_id text not null,
    means text not null,
    channel_id text not null,
    state text not null,
    target text,
    code text,
    platform_code text,
    attempts integer not null,
    maybe boolean not null,
    begun_at bigint not null,
    accepted_at bigint,
    delivered_at bigint,
    ended_at bigint,
    primary key (team_id, notification_id, means)
  )`,
  `notification_key (
    team_id text not null,
    id text not null,
    name text not null,
    hash bytea not null,
    tail text not null,
    made_at bigint not null,
    made_by text not null,
    used_at bigint,
    revoked_at bigint,
    primary key (team_id, id)
  )`,
  `notification_settings (
    team_id text not null primary key,
    channel_id text,
    sms_url text,
    sms_fields json,
    sms_token bytea
  )`,
  `phone_match (
    team_id text not null,
    notification_id text not null,
    channel_id text not null,
    external_id text not null,
    phone bytea,
    matched_at bigint not null,
    applied_at bigint,
    primary key (team_id, notification_id)
  )`,
]

const INDEXES = [
  'unique index notification_id on notification (id)',
  'unique index notification_tag on notification (team_id, channel_id, tag)',
  'index notification_due on notification (due_at) where ended_at is null',
  'index notification_ended on notification (team_id, ended_at) where ended_at is not null',
  'index notification_try_accepted on notification_try (team_id, accepted_at) where accepted_at is not null',
  'index notification_try_delivered on notification_try (team_id, delivered_at) where delivered_at is not null',
  'unique index notification_key_hash on notification_key (hash)',
  'index phone_match_at on phone_match (team_id, matched_at)',
  'index phone_match_user on phone_match (team_id, channel_id, external_id)',
  'index phone_match_waiting on phone_match (matched_at) where applied_at is null',
  `index contact_matched_phone on contact (team_id, channel_id, (data ->> 'matchedPhone'))
    where data ->> 'matchedPhone' is not null`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of TABLES) await sql.raw(`create table ${table}`).execute(db)
  for (const index of INDEXES) await sql.raw(`create ${index}`).execute(db)
}
