import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { HubTransaction } from '../core.ts'
import { openDatabase } from '../store/database.ts'
import type { OpenDatabase } from '../store/database.ts'
import { startSampleServer } from '../store/sample-server.ts'
import type { SampleServer } from '../store/sample-server.ts'
import { endedNews } from './line.ts'
import type { News } from './line.ts'
import { openPostgresLine } from './postgres-line.ts'
import type { PostgresLine } from './postgres-line.ts'

const teamId = TeamId.parse('shop')
const log = pino({ level: 'silent' })
const timing = { beat: 100, silence: 1_000, backOffFrom: 20 }
let server: SampleServer
let database: OpenDatabase
const open: PostgresLine[] = []
beforeAll(async () => {
  server = await startSampleServer()
  database = await openDatabase({ databaseUrl: server.databaseUrl })
}, 120_000)
afterEach(async () => {
  for (const line of open.splice(0)) await line.close()
})
afterAll(async () => {
  await database.close()
  await server.stop()
})

const version = (n: number): News => ({ type: 'committed', teamId, version: n })

/** An end of the line, and what it heard. */
async function end(databaseUrl = server.databaseUrl) {
  const line = await openPostgresLine({ databaseUrl, log, timing })
  open.push(line)
  const heard: News[] = []
  const gone: string[] = []
  const counts = { missed: 0 }
  line.onNews((news) => heard.push(news))
  line.onGone((hub) => gone.push(hub))
  line.onMissed(() => (counts.missed += 1))
  return { line, heard, gone, counts }
}
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 })
const inTransaction = (work: (trx: HubTransaction) => Promise<void>) => database.db.transaction().execute(work)

it('what is told in a transaction is heard by the others when it commits, in order, and never when it does not', async () => {
  const [a, b] = [await end(), await end()]
  const undone = inTransaction(async (trx) => {
    await a.line.tellIn(trx, version(1))
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  let toldIn: readonly News[] = []
  await inTransaction(async (trx) => {
    await a.line.tellIn(trx, version(2))
    // Heard after this one, which commits first.
    await inTransaction((other) => a.line.tellIn(other, version(3)))
    await eventually(() => expect(b.heard).toHaveLength(1))
    toldIn = [...b.heard]
  })
  await eventually(() => expect(b.heard).toHaveLength(2))
  expect(toldIn).toEqual([version(3)])
  expect(b.heard).toEqual([version(3), version(2)])
  expect(a.heard).toEqual([])
})

it('what is told without one is heard soon, in order, however much it is', async () => {
  const [a, b] = [await end(), await end()]
  const words = Array.from({ length: 2_000 }, (_, n) => version(n))
  for (const word of words) a.line.tell(word)
  await eventually(() => expect(b.heard).toHaveLength(words.length))
  expect(b.heard).toEqual(words)
  const clientIds = Array.from({ length: 130 }, (_, n) => `client-${n}`.padEnd(64, '-'))
  await inTransaction(async (trx) => {
    for (const news of endedNews(teamId, clientIds, refuse('workstation.removed', {}))) await a.line.tellIn(trx, news)
  })
  await eventually(() => expect(b.heard).toHaveLength(words.length + 3))
  expect(b.heard.flatMap((news) => (news.type === 'ended' ? news.clientIds : []))).toEqual(clientIds)
})

it('a line that breaks is made anew, and whoever listens is called to look', async () => {
  const [a, b] = [await end(), await end()]
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'countertop-line'`.execute(
    database.db,
  )
  await eventually(() => expect([a.counts.missed, b.counts.missed]).toEqual([1, 1]))
  expect([a.line.isUp(), b.line.isUp()]).toEqual([true, true])
  a.line.tell(version(4))
  await inTransaction((trx) => b.line.tellIn(trx, version(5)))
  await eventually(() => expect([a.heard, b.heard]).toEqual([[version(5)], [version(4)]]))
})

it('a line on which nothing comes through any more is noticed', async () => {
  const pipe = await Pipe.open(Number(new URL(server.databaseUrl).port))
  const [a, b] = [await end(pipe.through(server.databaseUrl)), await end()]
  pipe.freeze()
  await eventually(() => expect(a.counts.missed).toBe(1))
  // What is new goes through again.
  b.line.tell(version(6))
  await eventually(() => expect(a.heard).toEqual([version(6)]))
  pipe.close()
}, 30_000)

it('a hub that ends is gone at once, one that is killed after a while', async () => {
  const [a, b] = [await end(), await end()]
  const pipe = await Pipe.open(Number(new URL(server.databaseUrl).port))
  const killed = await end(pipe.through(server.databaseUrl))
  for (const one of [b, killed]) one.line.tell(version(7))
  await eventually(() => expect(a.heard).toHaveLength(2))
  await b.line.close()
  await eventually(() => expect(a.gone).toHaveLength(1))
  pipe.close()
  await eventually(() => expect(a.gone).toHaveLength(2))
})

/** A way to the server that can be frozen: what is open stays open, and nothing moves on it. */
class Pipe {
  readonly #server = createServer((near) => this.#join(near))
  readonly #sockets: Socket[] = []
  readonly #port: number

  private constructor(port: number) {
    this.#port = port
  }

  static async open(port: number): Promise<Pipe> {
    const pipe = new Pipe(port)
    pipe.#server.listen(0, '127.0.0.1')
    await once(pipe.#server, 'listening')
    return pipe
  }

  through(url: string): string {
    const changed = new URL(url)
    changed.port = String((this.#server.address() as AddressInfo).port)
    return changed.href
  }

  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(near: Socket): void {
    const far = connect(this.#port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.push(one)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  }
}
