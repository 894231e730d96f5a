/** Runs plans, many in one process, over one embedded database. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { sampleDatabase } from '../../backend/hub/store/sample-database.ts'
import { violations } from './checks.ts'
import type { Plan } from './plan.ts'
import { Templates } from './templates.ts'
import { World } from './world.ts'

/** A database keeps what was deleted as dead rows: after so many runs a new one is quicker. */
const RUNS_A_DATABASE = 300

export class Simulation {
  readonly #folder = mkdtempSync(join(roomyFolder(), 'countertop-simulation-'))
  readonly #templates = new Templates(this.#folder)
  #database: { pglite: PGlite; runs: number; close: () => Promise<void> } | null = null

  /** Plays one plan. @returns what does not hold afterwards */
  async run(plan: Plan): Promise<string[]> {
    const pglite = await this.#pglite()
    const world = new World(plan, pglite, this.#templates, mkdtempSync(join(this.#folder, 'run-')))
    try {
      await world.play()
      return await violations(world)
    } catch (error) {
      return [
        error instanceof Error ? (error.stack ?? error.message) : String(error),
        ...world.problems,
        ...world.hub.problems,
      ]
    } finally {
      await world.end()
    }
  }

  async close(): Promise<void> {
    await this.#closeDatabase()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #closeDatabase(): Promise<void> {
    await this.#database?.close()
    this.#database = null
  }

  async #pglite(): Promise<PGlite> {
    if (this.#database && this.#database.runs >= RUNS_A_DATABASE) await this.#closeDatabase()
    if (!this.#database) {
      const { pglite, close } = await sampleDatabase()
      if (!pglite) throw new Error('a simulation runs over the embedded database')
      this.#database = { pglite, runs: 0, close }
    }
    this.#database.runs += 1
    return this.#database.pglite
  }
}

/** Memory where there is a file system of it: a kill leaves what was written, on a disk or not. */
export function roomyFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
}
