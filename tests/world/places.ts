/** Where a test's hub and workstations keep their files, and how they are started there. */
import { rmSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Process } from './process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const HubReady = z.object({
  ready: z.literal(true),
  url: z.string(),
  webchat: z.string(),
  accounts: z.array(z.object({ email: z.string(), password: z.string(), role: z.string(), name: z.string() })),
})
export type HubReady = z.infer<typeof HubReady>
const WorkstationReady = z.object({ ready: z.literal(true), url: z.string() })

/** The port of an address. */
export function portOf(url: string): number {
  return Number(new URL(url).port)
}

const folders: string[] = []
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A new folder, removed when the tests of this file are over. */
export async function newFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `countertop-${name}-`))
  folders.push(folder)
  return folder
}

let seeded: Promise<string> | undefined

/** A hub folder with the demo team in it: made once in a test run, copied for each test. */
export async function demoHubFolder(): Promise<string> {
  seeded ??= (async () => {
    const folder = await newFolder('seed')

    const hub = await startHub(folder)
    await hub.stop()
    return folder
  })()
  const copy = await newFolder('hub')
  await cp(await seeded, copy, { recursive: true })
  return copy
}

/** Starts a hub on `home`, on `port` or any free one; with the demo team unless `env` says otherwise. */
export async function startHub(
  home: string,
  port = 0,
  env: Record<string, string> = { COUNTERTOP_DEMO: '1' },
): Promise<Process<HubReady>> {
  const args = ['--home', home, '--port', String(port)]
  return Process.start(join(root, 'backend/hub/main.ts'), args, env, HubReady)
}

/** Starts a hub on `home` and kills it hard after `ms`, most likely before it is ready. */
export async function killStartingHub(home: string, env: Record<string, string>, ms: number): Promise<void> {
  await Process.startAndKill(join(root, 'backend/hub/main.ts'), ['--home', home, '--port', '0'], env, ms)
}

/** Starts a workstation backend in browser mode, on `port` or any free one. */
export async function startWorkstation(
  home: string,
  hub: string,
  port = 0,
  env: Record<string, string> = {},
): Promise<Process<{ ready: true; url: string }>> {
  const args = ['--hub', hub, '--home', home, '--port', String(port)]
  return Process.start(join(root, 'backend/workstation/main.ts'), args, env, WorkstationReady)
}
