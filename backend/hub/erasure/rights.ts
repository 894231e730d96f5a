/** What the hub's role needs on a server to leave nothing of what was deleted. The hub says what is missing, and changes no setting. */
import type { ErasureSession } from './session.ts'

/** Each with what the operator grants, to the hub's role in its database. */
export const RIGHTS = {
  checkpoint: 'grant pg_checkpoint to …',
  switchWal: 'grant execute on function pg_switch_wal() to …',
  listWal: 'grant execute on function pg_ls_waldir() to …',
  statistics: 'alter database … owner to …',
} as const
export type Right = keyof typeof RIGHTS

/** Those that the role of the session does not have. */
export async function missingRights(session: ErasureSession): Promise<Right[]> {
  const { rows } = await session.run<Record<Right, boolean>>(`
    select
      me.rolsuper or exists (
        select from pg_roles r where r.rolname = 'pg_checkpoint' and pg_has_role(r.oid, 'usage')) as "checkpoint",
      has_function_privilege('pg_catalog.pg_switch_wal()', 'execute') as "switchWal",
      has_function_privilege('pg_catalog.pg_ls_waldir()', 'execute') as "listWal",
      me.rolsuper or pg_has_role(d.datdba, 'usage') as "statistics"
    from pg_roles me, pg_database d where me.rolname = current_user and d.datname = current_database()`)
  const has = rows[0]
  const all: Right[] = ['checkpoint', 'switchWal', 'listWal', 'statistics']
  return all.filter((right) => !has?.[right])
}
