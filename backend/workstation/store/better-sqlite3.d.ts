/**
 * What the store uses of better-sqlite3 (the build with ciphers). The package ships types, but its export map hides
 * them from the compiler; and these promise less: what a statement gives back is unknown until somebody says.
 */
declare module 'better-sqlite3' {
  namespace Database {
    class SqliteError extends Error {
      readonly code: string
    }
    interface Statement {
      run(...params: unknown[]): { changes: number; lastInsertRowid: number | bigint }
      get(...params: unknown[]): unknown
      all(...params: unknown[]): unknown[]
      iterate(...params: unknown[]): IterableIterator<unknown>
    }
    interface Transaction<R> {
      deferred(): R
      immediate(): R
    }
  }
  class Database {
    static readonly SqliteError: typeof Database.SqliteError
    constructor(path: string, options?: { readonly?: boolean; fileMustExist?: boolean; timeout?: number })
    readonly open: boolean
    prepare(sql: string): Database.Statement
    transaction<R>(work: () => R): Database.Transaction<R>
    exec(sql: string): this
    pragma(source: string, options?: { simple?: boolean }): unknown
    close(): this
  }
  export default Database
}
