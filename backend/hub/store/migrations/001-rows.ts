/**
 * The domain's rows, each kept as its JSON text beside the columns that queries need, and what orders and remembers
 * commands. `json` and not `jsonb`: the text goes to the wire as it was written, and no query looks inside.
 */
import { sql } from 'kysely'
import type { Generated, Kysely } from 'kysely'
import type { TableName } from '../../../domain/rows.ts'

/** What every row has. `data` holds the whole row; read it as `data::text`. */
export interface StoredRow {
  team_id: string
  id: string
  /** The team's version at which the row was last written. */
  version: number
  data: unknown
}
export interface StoredMember extends StoredRow {
  store_ids: string[]
  /** The version at which role, stores or activity last changed: what the member sees changed with it. */
  scope_version: number
}
export interface StoredContact extends StoredRow {
  external_id: string
  channel_id: string
  /** Since when it is on the blacklist. */
  blocked_at: number | null
}
export interface StoredConversation extends StoredRow {
  contact_id: string
  channel_id: string
  status: string
  follower_id: string | null
  collaborator_ids: string[]
  asking_ids: Generated<string[]>
  closed_at: number | null
  /** Of the newest message; of its beginning when it has none. */
  last_message_at: number
  message_count: number
  /** The version at which it last changed who sees it. */
  scope_version: number
}
export interface StoredMessage extends StoredRow {
  conversation_id: string
  ordinal: number
}
export interface StoredMark extends StoredRow {
  member_id: string
  conversation_id: string
}

export interface TeamSeqTable {
  team_id: string
  /** The team's version. Whoever writes rows holds this row's lock, so versions become visible in their order. */
  seq: number
  /** Tombstones up to this version have been forgotten: a device from before needs a snapshot. */
  tombstones_from: number
  /** Of the newest version; see `005-epochs.ts`. */
  epoch: Generated<string>
}
export interface TombstoneTable {
  team_id: string
  version: number
  table_name: TableName
  id: string
  conversation_id: string | null
  /** When the row was removed; see `006-pruning.ts`. */
  at: number
}
export interface ClientProgressTable {
  team_id: string
  client_id: string
  last_seq: number
}
export interface ClientResultTable {
  team_id: string
  client_id: string
  seq: number
  /** SHA-256 of the command's name and arguments. */
  fingerprint: string
  /** Null when it was accepted. */
  refusal: unknown
}
/** Who did what, when and where (ROL-6); never what anybody wrote. */
export interface AuditTable {
  n: Generated<number>
  team_id: string
  at: number
  member_id: string
  workstation_id: string
  client_id: string
  seq: number
  command: string
  subject_id: string | null
  accepted: boolean
  /** The refusal's code. */
  code: string | null
}

export interface RowTables {
  team: StoredRow
  store: StoredRow
  member: StoredMember
  channel: StoredRow
  tag: StoredRow
  contact: StoredContact
  conversation: StoredConversation
  message: StoredMessage
  mark: StoredMark
  team_seq: TeamSeqTable
  tombstone: TombstoneTable
  client_progress: ClientProgressTable
  client_result: ClientResultTable
  audit: AuditTable
}

/** The columns beside `team_id, id, version, data`. */
const COLUMNS = {
  team: '',
  store: '',
  member: `store_ids text[] not null, scope_version bigint not null,`,
  channel: '',
  tag: '',
  contact: `external_id text not null, channel_id text not null,`,
  conversation: `
    contact_id text not null, channel_id text not null, status text not null, follower_id text,
    collaborator_ids text[] not null, closed_at bigint, last_message_at bigint not null,
    message_count integer not null, scope_version bigint not null,`,
  message: `conversation_id text not null, ordinal integer not null,`,
  mark: `member_id text not null, conversation_id text not null,`,
} satisfies Record<Exclude<TableName, 'template' | 'replyFolder' | 'reply'>, string>

const INDEXES = [
  'contact (team_id, external_id)',
  'conversation (team_id, contact_id)',
  'conversation (team_id, scope_version)',
  'conversation (team_id, last_message_at desc, id)',
  'conversation (team_id, follower_id)',
  'message (team_id, conversation_id, ordinal)',
  'mark (team_id, conversation_id)',
  'mark (team_id, member_id)',
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [table, columns] of Object.entries(COLUMNS)) {
    await sql
      .raw(
        `create table ${table} (
          team_id text not null, id text not null, version bigint not null, data json not null, ${columns}
          primary key (team_id, id)
        )`,
      )
      .execute(db)
    await sql.raw(`create index ${table}_version on ${table} (team_id, version)`).execute(db)
  }
  for (const index of INDEXES) await sql.raw(`create index on ${index}`).execute(db)
  await sql`
    create table team_seq (
      team_id text primary key,
      seq bigint not null,
      tombstones_from bigint not null default 0
    )`.execute(db)
  await sql`
    create table tombstone (
      team_id text not null,
      version bigint not null,
      table_name text not null,
      id text not null,
      conversation_id text,
      primary key (team_id, version, table_name, id)
    )`.execute(db)
  await sql`
    create table client_progress (
      team_id text not null,
      client_id text not null,
      last_seq bigint not null,
      primary key (team_id, client_id)
    )`.execute(db)
  await sql`
    create table client_result (
      team_id text not null,
      client_id text not null,
      seq bigint not null,
      fingerprint text not null,
      refusal json,
      primary key (team_id, client_id, seq)
    )`.execute(db)
  await sql`
    create table audit (
      n bigint generated always as identity primary key,
      team_id text not null,
      at bigint not null,
      member_id text not null,
      workstation_id text not null,
      client_id text not null,
      seq bigint not null,
      command text not null,
      subject_id text,
      accepted boolean not null,
      code text
    )`.execute(db)
  await sql`create index audit_team on audit (team_id, at)`.execute(db)
}
