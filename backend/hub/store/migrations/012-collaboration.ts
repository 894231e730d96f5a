/** Collaborations, the blacklist and what a team goes by. Rows that were written before get what they have now. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table conversation add column asking_ids text[] not null default '{}'`.execute(db)
  await sql`create index conversation_collaborators on conversation using gin (collaborator_ids)`.execute(db)
  await sql`create index conversation_asking on conversation using gin (asking_ids)`.execute(db)
  await sql`alter table contact add column blocked_at bigint`.execute(db)
  await sql`
    create index contact_blocked on contact (team_id, blocked_at desc) where blocked_at is not null`.execute(db)
  await sql`
    update conversation set data = (data::jsonb || '{"askingIds":[]}')::json where not data::jsonb ? 'askingIds'`.execute(
    db,
  )
  await sql`
    update contact set data = (data::jsonb || '{"blocked":null,"deletions":0}')::json
    where not data::jsonb ? 'deletions'`.execute(db)
  await sql`
    update team set data = (data::jsonb || jsonb_build_object(
      'modules', '["omo","memberCard","crm","journeys","lineNotifications"]'::jsonb,
      'collaboration', '{"from":null,"omoFrom":null}'::jsonb,
      'permissions', '{"delete":["supervisor"],"blacklist":["supervisor"]}'::jsonb))::json
    where not data::jsonb ? 'modules'`.execute(db)
}
