/**
 * An embedded database with the newest schema, for tests. Making one takes seconds of processor time; so it is made
 * once for these migrations, kept in the cache, and every test begins with a copy.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDatabase } from './database.ts'
import type { OpenDatabase } from './database.ts'
import { migrate } from './migrations/index.ts'

const migrations = fileURLToPath(new URL('migrations/', import.meta.url))
const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url))

/** @param folder where it keeps its files; in memory when absent. One that exists is opened as it is. */
export async function sampleDatabase(folder?: string): Promise<OpenDatabase> {
  const database = await openDatabase({ from: await template(), ...(folder ? { folder } : {}) })
  await migrate(database.db)
  return database
}

async function template(): Promise<Blob> {
  const file = join(cache, `database-${fingerprint()}.tar`)
  if (existsSync(file)) return new Blob([readFileSync(file)])
  const database = await openDatabase()
  await migrate(database.db)
  if (!database.pglite) throw new Error('a sample is an embedded database')
  const dump = await database.pglite.dumpDataDir('none')
  await database.close()
  mkdirSync(cache, { recursive: true })
  // Several test files may make it at once: each one whole, the last one stays.
  const own = `${file}.${randomUUID()}`
  writeFileSync(own, Buffer.from(await dump.arrayBuffer()))
  renameSync(own, file)
  return dump
}

/** Changes with the migrations and with the database's own version. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(migrations).toSorted()) hash.update(name).update(readFileSync(join(migrations, name)))
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  hash.update(readFileSync(join(dirname(main), '..', 'package.json')))
  return hash.digest('hex').slice(0, 16)
}
