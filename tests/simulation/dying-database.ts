/** A hub's way to its database that ends, as its process would, right before or right after a commit. */
import type { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import type { HubDatabase } from '../../backend/hub/core.ts'
import type { HubSchema } from '../../backend/hub/store/schema.ts'

/** The process is gone: nothing that runs in it goes on. */
export class Crash extends Error {
  constructor() {
    super('the process was killed')
    this.name = 'Crash'
  }
}

export type Moment = 'before' | 'after'

export type Hooks = {
  /** How long the next commit takes; all else goes on meanwhile. */
  commitTakes(): Promise<void>
  /** Called for each commit once it is durable. */
  committed(): void
  /** Called at once when it dies by {@link DyingDatabase.dieAt}. */
  died(): void
}

export class DyingDatabase {
  readonly db: HubDatabase
  dead = false
  /** How many queries are under way. */
  busy = 0
  readonly #hooks: Hooks
  #death: { commits: number; moment: Moment } | null = null

  constructor(pglite: PGlite, hooks: Hooks) {
    this.#hooks = hooks
    const dialect = new PGliteDialect({ pglite })
    this.db = new Kysely<HubSchema>({
      dialect: {
        createAdapter: () => dialect.createAdapter(),
        createIntrospector: (db) => dialect.createIntrospector(db),
        createQueryCompiler: () => dialect.createQueryCompiler(),
        createDriver: () => this.#driver(dialect.createDriver()),
      },
    })
  }

  /** Dies right before or right after the `commits`-th commit from now. */
  dieAt(commits: number, moment: Moment): void {
    this.#death = { commits, moment }
  }

  /** Takes {@link dieAt} back. */
  spare(): void {
    this.#death = null
  }

  die(): void {
    this.dead = true
  }

  #driver(inner: Driver): Driver {
    const known = new Map<DatabaseConnection, DatabaseConnection>()
    const innerOf = (connection: DatabaseConnection) =>
      [...known].find(([, outer]) => outer === connection)?.[0] ?? connection
    return {
      init: () => inner.init(),
      acquireConnection: async () => {
        const connection = await inner.acquireConnection()
        const outer = known.get(connection) ?? this.#connection(connection)
        known.set(connection, outer)
        return outer
      },
      releaseConnection: (connection) => inner.releaseConnection(innerOf(connection)),
      beginTransaction: (connection, settings) =>
        this.#alive(() => inner.beginTransaction(innerOf(connection), settings)),
      commitTransaction: (connection) => this.#alive(() => this.#commit(inner, innerOf(connection))),
      // What a killed process leaves open, the database undoes.
      rollbackTransaction: (connection) => inner.rollbackTransaction(innerOf(connection)),
      destroy: async () => undefined,
    }
  }

  async #commit(inner: Driver, connection: DatabaseConnection): Promise<void> {
    this.busy -= 1
    await this.#hooks.commitTakes()
    this.busy += 1
    if (this.dead) throw new Crash()
    const death = this.#death
    const now = death !== null && (death.commits -= 1) === 0
    if (now && death.moment === 'before') this.#end()
    await inner.commitTransaction(connection)
    this.#hooks.committed()
    if (now) this.#end()
  }

  #end(): never {
    this.dead = true
    this.#hooks.died()
    throw new Crash()
  }

  #connection(inner: DatabaseConnection): DatabaseConnection {
    return {
      executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
        this.#alive(() => inner.executeQuery<R>(query)),
      streamQuery: () => {
        throw new Error('the hub streams no query')
      },
    }
  }

  async #alive<T>(work: () => Promise<T>): Promise<T> {
    if (this.dead) throw new Crash()
    this.busy += 1
    try {
      return await work()
    } finally {
      this.busy -= 1
    }
  }
}
