/** Reads everything that is on a workstation's disk: as it lies there, and deciphered with the member's password. */
import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Home } from '../../backend/workstation/session/home.ts'
import { Vault } from '../../backend/workstation/session/vault.ts'
import { Connection } from '../../backend/workstation/store/connection.ts'

const log = pino({ level: 'silent' })

/** Every byte of every file under a folder, as one text. */
export async function bytesUnder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(files.map((file) => readFile(file)))
  return contents.map((content) => `${content.toString('latin1')}\n${content.toString('utf8')}`).join('\n')
}

/**
 * Opens a copy of a member's store, as it lies on the disk, and gives it to `use`; the copy is gone afterwards. The
 * workstation must not be running.
 */
export async function openedStore<T>(
  homePath: string,
  { hub, email, password }: { hub: string; email: string; password: string },
  use: (db: Connection, folder: string) => Promise<T> | T,
): Promise<T> {
  const home = await Home.open(homePath, log)
  const found = (await home.vaults(hub)).find(({ vault }) => vault.email === email)
  if (!found) throw new Error(`no store of ${email} in ${homePath}`)
  const opened = await Vault.byPassword(found.folder, found.vault, password, null)
  if (!opened.ok) throw new Error(`the vault does not open: ${opened.why}`)
  const folder = await mkdtemp(join(tmpdir(), 'countertop-dump-'))
  try {
    const copy = join(folder, 'store.db')
    const store = join(found.folder, 'store.db')
    await copyFile(store, copy)
    if (existsSync(`${store}-wal`)) await copyFile(`${store}-wal`, `${copy}-wal`)
    const db = new Connection(copy, opened.vault.dataKey, log)
    try {
      return await use(db, folder)
    } finally {
      db.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * A member's store, deciphered: every row of every table, those of the search index included, and the pages themselves
 * with their free and slack bytes. The workstation must not be running.
 */
export async function decipheredStore(homePath: string, hub: string, email: string, password: string): Promise<string> {
  return openedStore(homePath, { hub, email, password }, deciphered)
}

/** {@link decipheredStore} of an opened copy, whose cipher is taken off. */
export async function deciphered(db: Connection, folder: string): Promise<string> {
  db.exec(`PRAGMA rekey=''`)
  const tables = db.all<{ name: string }>(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`,
  )
  const rows = tables.flatMap(({ name }) => db.all<Record<string, unknown>>(`SELECT * FROM "${name}"`))
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const values = rows.flatMap((row) => Object.values(row)).map(asText)
  return [...values, await bytesUnder(folder)].join('\n')
}

function asText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}
