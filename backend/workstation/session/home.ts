/** The workstation's folder: who it is, and a folder for each member who has a store on it. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from 'pino'
import { isMissing, readIfThere, writeAtomically } from './atomic-file.ts'
import { readVault } from './vault.ts'
import type { VaultFile } from './vault.ts'

const Identity = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/), name: z.string().min(1).max(100) })
export type WorkstationIdentity = z.infer<typeof Identity>

export class Home {
  readonly path: string
  readonly workstation: WorkstationIdentity
  readonly #log: Logger

  private constructor(path: string, workstation: WorkstationIdentity, log: Logger) {
    this.path = path
    this.workstation = workstation
    this.#log = log
  }

  /** Opens the folder; a new one gets an identity, which the hub will know this workstation by. */
  static async open(path: string, log: Logger): Promise<Home> {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const file = join(path, 'workstation.json')
    const text = await readIfThere(file)
    if (text !== undefined) {
      const known = Identity.safeParse(parse(text))
      if (known.success) return new Home(path, known.data, log)
      log.error('workstation.json cannot be read; this workstation gets a new identity')
    }
    const fresh = { id: randomUUID(), name: hostname().slice(0, 100) || 'workstation' }
    await writeAtomically(file, JSON.stringify(fresh))
    return new Home(path, fresh, log)
  }

  /** The folder of a member of a hub: its name tells nothing about either. */
  folderOf(hub: string, memberId: string): string {
    const hash = createHash('sha256').update(`${hub}\n${memberId}`).digest('hex').slice(0, 32)
    return join(this.path, 'members', hash)
  }

  /** Every member of this hub who has a store here, with the folder it is in. */
  async vaults(hub: string): Promise<{ folder: string; vault: VaultFile }[]> {
    const members = join(this.path, 'members')
    const names = await readdir(members).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw error
    })
    const found = await Promise.all(
      names.sort().map(async (name) => {
        const folder = join(members, name)
        const vault = await readVault(folder, this.#log)
        return vault?.hub === hub ? [{ folder, vault }] : []
      }),
    )
    return found.flat()
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the caller's schema says so.
    return undefined
  }
}
