/**
 * Workstations with so many messages on them, filled as in earnest: signed in to a hub, first sync, closed. They are
 * kept for the next run, under a key of the code that made them.
 */
import { createHash } from 'node:crypto'
import {
  createWriteStream,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pino } from 'pino'
import { Home } from '../../backend/workstation/session/home.ts'
import { openStore } from '../../backend/workstation/session/store-file.ts'
import { Vault } from '../../backend/workstation/session/vault.ts'
import { StandInHub } from '../../backend/workstation/stand-ins/hub.ts'
import { LocalWorkstation } from '../../backend/workstation/workstation.ts'
import type { Say } from './bench.ts'
import { AVERAGE, CORPUS_VERSION, OWNER, corpusLines } from './corpus.ts'
import { cache, root } from './folders.ts'
import { stopwatch } from './statistics.ts'
import type { Cost } from './statistics.ts'

export const SILENT = pino({ level: 'silent' })
export const PASSWORD = 'right horse'
/** ms of the processor in half a second. */
const QUIET_CPU = 25
/** What a device and its rows are made of. */
const SOURCES = ['backend/{domain,sync,workstation,hub/demo}/**/*.ts', 'tests/bench/corpus.ts']

/** A file with the lines of a snapshot with so many messages. */
export async function writeSnapshot(path: string, messages: number, average = AVERAGE): Promise<void> {
  await pipeline(Readable.from(texts(messages, average)), createWriteStream(path))
}

function* texts(messages: number, average: number): Generator<string> {
  for (const line of corpusLines(messages, average)) yield `${JSON.stringify(line)}\n`
}

/** A hub that gives this snapshot to whoever signs in as {@link OWNER}. */
export async function startFeed(snapshot: string): Promise<StandInHub> {
  const hub = await StandInHub.start()
  hub.member = { ...OWNER, storeIds: [...OWNER.storeIds] }
  hub.password = PASSWORD
  hub.version = CORPUS_VERSION
  hub.snapshotFile = snapshot
  return hub
}

/** Signs in; resolves when everything is on the device. @returns what it took from being signed in until then */
export async function syncFirst(workstation: LocalWorkstation): Promise<Cost> {
  const signedIn = await workstation.signIn('bench', OWNER.email, PASSWORD)
  if (!signedIn.ok) throw new Error(`not signed in: ${signedIn.refusal.code}`)
  const taken = stopwatch()
  return new Promise((resolve, reject) => {
    const stop = workstation.onLive('bench', (event) => {
      if (event.type !== 'state') return
      const { connection } = event.state
      if (connection.state === 'offline') reject(new Error(`the first sync broke: ${connection.reason?.code}`))
      if (connection.state !== 'online') return
      stop()
      resolve(taken())
    })
  })
}

/** The home folder of a workstation with so many messages, about `average` a conversation. Whoever changes it takes a copy. */
export async function filledHome(messages: number, say: Say, average = AVERAGE): Promise<string> {
  const shape = average === AVERAGE ? `${messages}` : `${messages}by${average}`
  const kept = join(cache, `${shape}-${sourceKey()}`)
  if (existsSync(kept)) return kept
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache)) {
    if (name.startsWith(`${shape}-`)) rmSync(join(cache, name), { recursive: true, force: true })
  }
  say(`filling a workstation with ${messages.toLocaleString('en')} messages, which is kept for the next time…`)
  const home = `${kept}.part`
  mkdirSync(home)
  const snapshot = join(home, 'snapshot.ndjson')
  await writeSnapshot(snapshot, messages, average)
  const hub = await startFeed(snapshot)
  const workstation = await LocalWorkstation.open({ hub: hub.url, home, openStore, keychain: null, log: SILENT })
  const { ms } = await syncFirst(workstation)
  say(`filled in ${Math.round(ms / 1000)} s`)
  await quiet()
  await workstation.close()
  await hub.stop()
  rmSync(snapshot)
  renameSync(home, kept)
  return kept
}

/** Resolves when this process has nothing more to do: a store tidies up after a first sync. */
async function quiet(): Promise<void> {
  for (let spent = Number.POSITIVE_INFINITY; spent > QUIET_CPU;) {
    const taken = stopwatch()
    await new Promise((resolve) => setTimeout(resolve, 500))
    spent = taken().cpu
  }
}

/** The file of the one store in a home, and its key. */
export async function storeIn(home: string): Promise<{ path: string; key: Uint8Array }> {
  const { folder, file } = await vaultIn(home)
  const opened = await Vault.byPassword(folder, file, PASSWORD, null)
  if (!opened.ok) throw new Error(`the vault does not open: ${opened.why}`)
  return { path: join(folder, 'store.db'), key: opened.vault.dataKey }
}

/** Makes the workstation in `home` follow the hub at another address, as if that one had always been there. */
export function moveToHub(home: string, hub: string): void {
  const path = vaultPath(home)
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), hub }))
}

function vaultPath(home: string): string {
  const members = join(home, 'members')
  const [name = ''] = readdirSync(members)
  return join(members, name, 'vault.json')
}

async function vaultIn(home: string) {
  const path = vaultPath(home)
  const { hub } = JSON.parse(readFileSync(path, 'utf8'))
  const [found] = await (await Home.open(home, SILENT)).vaults(hub)
  if (!found) throw new Error(`no store in ${home}`)
  return { folder: found.folder, file: found.vault }
}

/** A copy of the store with so many messages, to be changed. */
export async function copiedStore(
  messages: number,
  folder: string,
  say: Say,
): Promise<{ path: string; key: Uint8Array }> {
  const home = join(folder, 'home')
  await cp(await filledHome(messages, say), home, { recursive: true })
  return storeIn(home)
}

function sourceKey(): string {
  const hash = createHash('sha256')
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).filter(
    (file) => !/\.test\.ts$/.test(file),
  )
  for (const file of files.toSorted()) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}
