/**
 * PouchDB and its server, as they are at the registry, in a cache folder of their own: with all that they need they are
 * half as many packages again as this project has, and only one benchmark wants them.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RequestListener } from 'node:http'
import type { Say } from '../bench.ts'
import { cache } from '../folders.ts'

const manifest = fileURLToPath(new URL('./', import.meta.url))
const installed = join(cache, 'pouchdb')
const LOCK = 'package-lock.json'

export type Replicated = { ok: boolean; docs_written: number; doc_write_failures: number }
/** What the benchmark uses of a database. */
export interface Pouch {
  bulkDocs(docs: readonly object[]): Promise<{ error?: unknown }[]>
  info(): Promise<{ doc_count: number }>
  close(): Promise<void>
  createIndex(options: { index: { fields: string[] } }): Promise<unknown>
  find(query: object): Promise<{ docs: unknown[] }>
  replicate: { from(url: string, options?: { batch_size: number }): Promise<Replicated> }
}
interface PouchConstructor {
  new (name: string): Pouch
  defaults(options: { prefix: string }): PouchConstructor
  plugin(plugin: unknown): PouchConstructor
}
interface Modules {
  PouchDB: PouchConstructor
  express: () => { use(path: string, handler: RequestListener): void } & RequestListener
  expressPouchDB: (database: PouchConstructor, options: object) => RequestListener
}

/** Installs the pinned packages unless they are there. @throws when the registry cannot be reached */
export function installPouch(say: Say): void {
  const marker = join(installed, 'node_modules', '.package-lock.json')
  const isSame = existsSync(marker) && readFileSync(join(installed, LOCK)).equals(readFileSync(join(manifest, LOCK)))
  if (isSame) return
  say('installing PouchDB and express-pouchdb to compare with…')
  rmSync(installed, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  for (const name of ['package.json', LOCK]) copyFileSync(join(manifest, name), join(installed, name))
  // Their native part comes ready made: no script has to run.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const isWindows = process.platform === 'win32'
  const { status, error } = spawnSync(isWindows ? 'npm.cmd' : 'npm', args, {
    cwd: installed,
    stdio: ['ignore', 2, 2],
    shell: isWindows,
    timeout: 5 * 60_000,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`npm ci of PouchDB ended with ${status}`)
}

/** The installed packages. */
export function loadPouch(): Modules {
  const load = createRequire(join(installed, 'package.json'))
  // They ship no types; the interfaces above say what is used of them.
  const PouchDB: PouchConstructor = load('pouchdb').plugin(load('pouchdb-find'))
  return { PouchDB, express: load('express'), expressPouchDB: load('express-pouchdb') } as Modules
}
