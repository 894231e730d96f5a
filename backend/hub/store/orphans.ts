/**
 * A killed database leaves the files of tables that it was just writing: they belong to no table, are never removed, and are
 * copies of rows that may be deleted later.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'

/** A table's file: its number, and maybe a fork or a part. */
const FILE = /^(\d+)(?:_\w+)?(?:\.\d+)?$/

/**
 * Removes them from an embedded database that has just been opened, and that nobody uses yet.
 * @returns how many
 */
export async function removeOrphans(pglite: PGlite, folder: string): Promise<number> {
  const { rows } = await pglite.query<{ oid: string; node: number }>(`
    select d.oid::text as oid, pg_relation_filenode(c.oid)::bigint as node from pg_class c, pg_database d
    where d.datname = current_database() and pg_relation_filenode(c.oid) is not null`)
  const [first] = rows
  if (!first) return 0
  const own = new Set(rows.map(({ node }) => String(node)))
  const files = join(folder, 'base', first.oid)
  const orphans = (await readdir(files)).filter((name) => {
    const number = FILE.exec(name)?.[1]
    return number !== undefined && !own.has(number)
  })
  for (const name of orphans) await rm(join(files, name))
  return orphans.length
}
