/** Brings a store's tables to the shape this program knows, one numbered step at a time, each in a transaction. */
import type { Connection } from './connection.ts'
import { first } from './migrations/001-first.ts'
import { channels } from './migrations/002-channels.ts'
import { replies } from './migrations/003-replies.ts'
import { collaboration } from './migrations/004-collaboration.ts'
import { filters } from './migrations/005-filters.ts'

/** In order; a step is never changed once it is out. `user_version` says how many a file has had. */
const steps: readonly { name: string; sql: string }[] = [
  { name: '001-first', sql: first },
  { name: '002-channels', sql: channels },
  { name: '003-replies', sql: replies },
  { name: '004-collaboration', sql: collaboration },
  { name: '005-filters', sql: filters },
]

/** The version that this program writes. */
export const STORE_VERSION = steps.length

/** The version of a file; 0 for an empty one. */
export function versionOf(connection: Connection): number {
  return Number(connection.pragma('user_version'))
}

/** Runs the steps that a file has not had. Does nothing to a file from a newer program. */
export function migrate(connection: Connection): void {
  for (let version = versionOf(connection); version < STORE_VERSION; version++) {
    const step = steps[version]
    if (!step) throw new Error(`no step ${version + 1}`)
    connection.transaction(step.name, () => {
      connection.exec(step.sql)
      connection.exec(`PRAGMA user_version = ${version + 1}`)
    })
  }
}
