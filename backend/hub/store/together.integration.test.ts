import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDatabase } from './database.ts'
import type { OpenDatabase } from './database.ts'
import { startSampleServer } from './sample-server.ts'
import { together } from './together.ts'
import type { Asker } from './together.ts'

const databases: Record<string, () => Promise<OpenDatabase>> = {
  embedded: () => openDatabase(),
  server: async () => {
    const server = await startSampleServer()
    onTestFinished(() => server.stop())
    return openDatabase({ databaseUrl: server.databaseUrl })
  },
}

describe.each(Object.entries(databases))('statements that go out together (%s)', (_, open) => {
  async function sample() {
    const { db, close } = await open()
    onTestFinished(close)
    await sql`create table one (n integer primary key)`.execute(db)
    return db
  }
  const put = (asker: Asker, n: number | string) => sql`insert into one (n) values (${n}::integer)`.execute(asker)
  const all = async (asker: Asker) => (await sql<{ n: number }>`select n from one order by n`.execute(asker)).rows

  it('run in their order, each seeing what those before it did', async () => {
    const db = await sample()
    const [none, , one, , two] = await db
      .transaction()
      .execute((trx) => together(trx, (asker) => [all(asker), put(asker, 1), all(asker), put(asker, 2), all(asker)]))
    expect([none, one, two].map((rows) => rows.length)).toEqual([0, 1, 2])
    expect(await all(db)).toEqual([{ n: 1 }, { n: 2 }])
  })

  it.each(['usual', 'beginning with its first statement'])(
    'are undone when one fails, told once (%s)',
    async (kind) => {
      const db = await sample()
      const untold: unknown[] = []
      const hear = (error: unknown) => void untold.push(error)
      process.on('unhandledRejection', hear)
      onTestFinished(() => void process.off('unhandledRejection', hear))
      const transaction = kind === 'usual' ? db.transaction() : db.transaction().setAccessMode('read write')
      const failing = transaction.execute(async (trx) => {
        await together(trx, (asker) => [put(asker, 1), put(asker, 1), put(asker, 'x'), put(asker, 2)])
      })
      // The second is what failed; those after it only say that the transaction is over.
      await expect(failing).rejects.toMatchObject({ code: '23505' })
      expect(await all(db)).toEqual([])
      // The connection is as good as before, and its statements with it.
      await db.transaction().execute((trx) => together(trx, (asker) => [put(asker, 3), put(asker, 4)]))
      expect(await all(db)).toEqual([{ n: 3 }, { n: 4 }])
      expect(untold).toEqual([])
    },
  )
})

it('a connection that breaks fails all that went out together, and is not used again', async () => {
  const { db, close, executeSql } = await databases['server']!()
  onTestFinished(close)
  const broken = db
    .transaction()
    .setAccessMode('read write')
    .execute((trx) =>
      together(trx, (asker) => [
        sql`select pg_backend_pid()`.execute(asker),
        sql`select pg_terminate_backend(pg_backend_pid())`.execute(asker),
        sql`select 1`.execute(asker),
      ]),
    )
  await expect(broken).rejects.toThrow()
  expect((await executeSql('select 2 as n')).rows).toEqual([{ n: 2 }])
})
