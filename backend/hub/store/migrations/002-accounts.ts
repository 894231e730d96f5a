/** Who may sign in, at which workstations, and the sessions they hold there. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export interface AccountTable {
  team_id: string
  member_id: string
  /** Lower-case; one account in the whole hub, since signing in names no team. */
  email: string
  /** argon2id in the PHC format. */
  password_hash: string
  created_at: number
}

export interface WorkstationTable {
  team_id: string
  id: string
  name: string
  registered_at: number
  removed_at: number | null
}

/** A member at a workstation: the owner of one queue of commands. */
export interface ClientTable {
  team_id: string
  id: string
  member_id: string
  workstation_id: string
  /** Sealed with the hub's key; opened it is 32 bytes. */
  store_key: Uint8Array
  created_at: number
}

/** One signing in and all refresh tokens that follow from it: a family. Only hashes of the tokens are kept. */
export interface SessionTable {
  team_id: string
  id: string
  client_id: string
  current_hash: Uint8Array
  /** The token before the current one, while it may still be used (a workstation may die before it wrote the new one). */
  previous_hash: Uint8Array | null
  previous_until: number | null
  created_at: number
  expires_at: number
  revoked_at: number | null
  revoked_for: 'sign-out' | 'reuse' | 'workstation' | null
}

export interface AccountTables {
  account: AccountTable
  workstation: WorkstationTable
  client: ClientTable
  session: SessionTable
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table account (
      team_id text not null,
      member_id text not null,
      email text not null unique check (email = lower(email)),
      password_hash text not null,
      created_at bigint not null,
      primary key (team_id, member_id)
    )`.execute(db)
  await sql`
    create table workstation (
      team_id text not null,
      id text not null,
      name text not null,
      registered_at bigint not null,
      removed_at bigint,
      primary key (team_id, id)
    )`.execute(db)
  await sql`
    create table client (
      team_id text not null,
      id text not null,
      member_id text not null,
      workstation_id text not null,
      store_key bytea not null,
      created_at bigint not null,
      primary key (team_id, id),
      unique (team_id, member_id, workstation_id),
      foreign key (team_id, workstation_id) references workstation (team_id, id)
    )`.execute(db)
  await sql`
    create table session (
      team_id text not null,
      id text not null,
      client_id text not null,
      current_hash bytea not null,
      previous_hash bytea,
      previous_until bigint,
      created_at bigint not null,
      expires_at bigint not null,
      revoked_at bigint,
      revoked_for text check (revoked_for in ('sign-out', 'reuse', 'workstation')),
      primary key (team_id, id),
      foreign key (team_id, client_id) references client (team_id, id)
    )`.execute(db)
  await sql`create index session_client on session (team_id, client_id)`.execute(db)
}
