/** Where the hub of a run under load keeps its rows: embedded in its folder, or on a PostgreSQL server that can be killed too. */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubDatabase } from '../../../backend/hub/core.ts'
import { openDatabase } from '../../../backend/hub/store/database.ts'
import type { OpenDatabase } from '../../../backend/hub/store/database.ts'
import { migrate } from '../../../backend/hub/store/migrations/index.ts'
import { sampleDatabase } from '../../../backend/hub/store/sample-database.ts'
import { startSampleServer } from '../../../backend/hub/store/sample-server.ts'
import type { SampleServer } from '../../../backend/hub/store/sample-server.ts'

export type DatabaseKind = 'pglite' | 'postgres'

export interface ShopDatabase {
  readonly kind: DatabaseKind
  /** What the hub is started with. */
  readonly env: Record<string, string>
  /** The server, where there is one. */
  readonly server: SampleServer | null
  /** Makes the empty tables and lets `fill` write the first rows. */
  prepare(fill: (db: HubDatabase) => Promise<void>): Promise<void>
  /** Reads what is durable. No hub may be running. */
  read<T>(use: (database: OpenDatabase) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** @param home the hub's folder */
export async function openShopDatabase(kind: DatabaseKind, home: string): Promise<ShopDatabase> {
  return kind === 'pglite' ? embedded(home) : onServer(await startSampleServer())
}

function embedded(home: string): ShopDatabase {
  const folder = join(home, 'database')
  return {
    kind: 'pglite',
    env: {},
    server: null,
    async prepare(fill) {
      await using(await sampleDatabase(folder), ({ db }) => fill(db))
    },
    async read(use) {
      // A copy: what a killed hub left is for the next hub to mend, not for who looks at it.
      const copy = `${folder}-copy`
      await cp(folder, copy, { recursive: true })
      try {
        return await using(await openDatabase({ folder: copy }), use)
      } finally {
        await rm(copy, { recursive: true, force: true })
      }
    },
    close: async () => undefined,
  }
}

function onServer(server: SampleServer): ShopDatabase {
  const { databaseUrl } = server
  return {
    kind: 'postgres',
    env: { DATABASE_URL: databaseUrl },
    server,
    async prepare(fill) {
      await using(await openDatabase({ databaseUrl }), async ({ db }) => {
        await migrate(db)
        await fill(db)
      })
    },
    read: async (use) => using(await openDatabase({ databaseUrl }), use),
    close: () => server.stop(),
  }
}

async function using<T>(database: OpenDatabase, use: (database: OpenDatabase) => Promise<T>): Promise<T> {
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
