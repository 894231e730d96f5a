/**
 * The encrypted SQLite file: how it is opened, and the two faces it has. What only reads takes a {@link Reader}; what
 * changes takes a {@link Writer}, which exists inside a transaction alone.
 *
 * The cipher is ChaCha20-Poly1305: measured equal to SQLCipher's AES-CBC with HMAC in bulk writes and in commits, it
 * authenticates every page, and it needs no AES instructions to be fast on an old counter PC.
 */
import Database from 'better-sqlite3'

export type Param = string | number | null | Uint8Array

/** Reads. Statements are prepared once and kept; `sql` is a constant or built from constants, never from what was typed. */
export interface Reader {
  all<T>(sql: string, ...params: Param[]): T[]
  get<T>(sql: string, ...params: Param[]): T | undefined
}

/** Reads and writes, inside a transaction. */
export interface Writer extends Reader {
  /** @returns how many rows changed */
  run(sql: string, ...params: Param[]): number
}

/** What the store tells the log: codes, counts and durations, never what people wrote. */
export interface StoreLog {
  info(data: Record<string, unknown>, message: string): void
  warn(data: Record<string, unknown>, message: string): void
}

/** A transaction that takes longer than this, in ms, is logged. */
const SLOW = 250
const CACHE_KIB = 32 * 1024
const JOURNAL_MAX = 16 * 1024 * 1024
/**
 * The file is tidied up after so many transactions, once none has come for so long, in ms, or so many have: whoever waits
 * for a transaction does not wait for that as well.
 */
const TIDY_AFTER = 16
const QUIET_FOR = 100
const TIDY_AT_LAST = 512
/** ms between one piece of that work and the next, for whoever comes meanwhile. */
const BETWEEN_PIECES = 20
/**
 * With so many pages the write-ahead log is folded into the file when it is quiet, with so many by whichever transaction
 * comes next. Not sooner: the first transaction after that begins the log anew, which costs it another wait for the disk.
 */
const FOLD_PAGES = 2_000
const FOLD_PAGES_AT_LAST = 16_000

export class Connection implements Writer {
  readonly #db: Database
  readonly #log: StoreLog
  readonly #statements = new Map<string, Database.Statement>()
  /** How many transactions there were since the file was last tidied up. */
  #untidy = 0
  #quiet: NodeJS.Timeout | undefined
  #tidying: () => boolean = () => false

  /**
   * Opens the file, which is created when there is none (not when `readonly`).
   * @param key 32 bytes
   * @throws an SQLite error when the key is wrong or the file is no database; the key is in no message
   */
  constructor(path: string, key: Uint8Array, log: StoreLog, options: { readonly?: boolean } = {}) {
    if (key.length !== 32) throw new Error('the key of a store has 32 bytes')
    this.#log = log
    this.#db = new Database(path, { readonly: options.readonly ?? false, timeout: 5_000 })
    try {
      this.#db.pragma(`cipher='chacha20'`)
      this.#db.pragma(`key="raw:${Buffer.from(key).toString('hex')}"`)
      this.#db.pragma('temp_store=MEMORY')
      this.#db.pragma(`cache_size=-${CACHE_KIB}`)
      if (options.readonly) {
        this.#db.prepare('SELECT count(*) FROM sqlite_schema').get()
      } else {
        this.#db.pragma('journal_mode=WAL')
        this.#db.pragma('synchronous=FULL')
        this.#db.pragma('secure_delete=ON')
        this.#db.pragma('foreign_keys=ON')
        this.#db.pragma(`journal_size_limit=${JOURNAL_MAX}`)
        this.#db.pragma(`wal_autocheckpoint=${FOLD_PAGES_AT_LAST}`)
      }
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  all<T>(sql: string, ...params: Param[]): T[] {
    // The statement's own columns are what `T` names; each caller stands beside its SQL.
    return this.#statement(sql).all(...params) as T[]
  }

  get<T>(sql: string, ...params: Param[]): T | undefined {
    return this.#statement(sql).get(...params) as T | undefined
  }

  run(sql: string, ...params: Param[]): number {
    return this.#statement(sql).run(...params).changes
  }

  /** Runs statements that return nothing, for migrations. */
  exec(sql: string): void {
    this.#db.exec(sql)
  }

  /** The value of a pragma. */
  pragma(source: string): unknown {
    return this.#db.pragma(source, { simple: true })
  }

  /** Runs `work` in one transaction: durable when it returns, undone when it throws. */
  transaction<R>(name: string, work: (writer: Writer) => R): R {
    const start = performance.now()
    const result = this.#db.transaction(() => work(this)).immediate()
    const ms = Math.round(performance.now() - start)
    if (ms > SLOW) this.#log.info({ transaction: name, ms }, 'slow store transaction')
    this.#untidy += 1
    if (this.#untidy >= TIDY_AFTER) this.#tidyWhenQuiet()
    return result
  }

  /** Runs several reads over one state of the data. */
  read<R>(work: (reader: Reader) => R): R {
    return this.#db.transaction(() => work(this)).deferred()
  }

  /** Empties the write-ahead log, so that it does not keep what was erased. */
  truncateLog(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)')
  }

  /**
   * Sets what else is to be tidied up when it is quiet.
   * @param piece does a little of it and gives whether there is more
   */
  onQuiet(piece: () => boolean): void {
    this.#tidying = piece
  }

  close(): void {
    clearTimeout(this.#quiet)
    this.#statements.clear()
    this.#db.close()
  }

  #tidyWhenQuiet(): void {
    this.#quiet ??= setTimeout(() => this.#tidy(), QUIET_FOR).unref()
    if (this.#untidy < TIDY_AT_LAST) this.#quiet.refresh()
  }

  #tidy(): void {
    this.#quiet = undefined
    this.#untidy = 0
    try {
      if (this.#tidying()) this.#quiet ??= setTimeout(() => this.#tidy(), BETWEEN_PIECES).unref()
      else if (this.#logPages() >= FOLD_PAGES) this.#db.pragma('wal_checkpoint(PASSIVE)')
    } catch (error) {
      // Nothing is lost by it, and whoever uses the store next meets the same file and the same disk.
      const code = error instanceof Database.SqliteError ? error.code : 'unknown'
      this.#log.warn({ code }, 'the store could not be tidied up')
    }
  }

  #logPages(): number {
    const [state] = this.#db.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[]
    return state ? state.log - state.checkpointed : 0
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** Whether an error says that the file itself is damaged (or was opened with a wrong key). */
export function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT|IOERR|FORMAT)/.test(error.code)
}

/** Whether an error says that no page could be deciphered. */
export function isNotADatabase(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB'
}
