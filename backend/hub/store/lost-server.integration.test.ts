import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import { openDatabase } from './database.ts'
import { startSampleServer } from './sample-server.ts'

it.each(['SIGKILL', 'SIGQUIT'] as const)(
  'a server that dies (%s) fails what is under way and nothing else',
  async (signal) => {
    const server = await startSampleServer()
    onTestFinished(() => server.stop())
    const database = await openDatabase({ databaseUrl: server.databaseUrl })
    onTestFinished(() => database.close())

    let begun = () => {}
    const isBegun = new Promise<void>((resolve) => (begun = resolve))
    let died = () => {}
    const isDead = new Promise<void>((resolve) => (died = resolve))
    const between = database.db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx)
      begun()
      // Its connection breaks while nothing is asked of it: between two statements of a command.
      await isDead
      await sql`select 2`.execute(trx)
    })
    const during = database.db.transaction().execute((trx) => sql`select pg_sleep(60)`.execute(trx))
    const outcomes = Promise.allSettled([between, during])
    await isBegun
    await server.kill(signal)
    died()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])

    await server.start()
    expect((await sql<{ n: number }>`select 3 as n`.execute(database.db)).rows).toEqual([{ n: 3 }])
  },
)
