/**
 * What became of every command that a hub ever took. The hub forgets it when the device knows; the checks of a test run
 * compare it to the end, so they keep a copy beside it.
 */
import { sql } from 'kysely'
import type { HubDatabase } from '../../backend/hub/core.ts'

/** From now on everything that goes into `client_result` stays in `client_result_ever` too. */
export async function keepResults(db: HubDatabase): Promise<void> {
  await sql`create table client_result_ever (like client_result including all)`.execute(db)
  await sql`
    create function keep_result() returns trigger language plpgsql as $$
      begin
        insert into client_result_ever values (new.*);
        return new;
      end $$`.execute(db)
  await sql`
    create trigger keep_result after insert on client_result for each row execute function keep_result()`.execute(db)
}
