import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import { openDatabase } from './database.ts'
import { startSampleServer } from './sample-server.ts'

it('statements with parameters are planned once for a connection, and answer each time', async () => {
  const server = await startSampleServer()
  onTestFinished(() => server.stop())
  const { db, close } = await openDatabase({ databaseUrl: server.databaseUrl })
  onTestFinished(close)
  const seen = await db.transaction().execute(async (trx) => {
    const answers: number[] = []
    for (const n of [1, 2, 3]) {
      const { rows } = await sql<{ twice: number }>`select ${n}::integer * 2 as twice`.execute(trx)
      answers.push(...rows.map(({ twice }) => twice))
    }
    await sql`select 1`.execute(trx)
    const { rows } = await sql<{ statement: string; uses: number }>`
      select statement, generic_plans + custom_plans as uses from pg_prepared_statements`.execute(trx)
    return { answers, kept: rows.map(({ statement, uses }) => `${statement}, ${uses} times`) }
  })
  expect(seen).toEqual({ answers: [2, 4, 6], kept: ['select $1::integer * 2 as twice, 3 times'] })
})
