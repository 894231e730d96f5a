/** A hub that is killed between any two steps: right before, and right after, each statement it makes in the database. */
import type { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { HOURS, PHONE, TEXT, endWorlds, startNotifyWorld } from '../../../tests/notifications/world.ts'
import type { NotifyWorld } from '../../../tests/notifications/world.ts'
import { until } from '../../../tests/world/until.ts'
import type { HubSchema } from '../store/schema.ts'

let world: NotifyWorld
afterEach(() => world.close())
afterAll(endWorlds)

class Killed extends Error {}
type Moment = 'before' | 'after'

/** A way to the database that ends, for good, at the `nth` statement or end of a transaction. */
function mortal(pglite: PGlite, nth: number, moment: Moment) {
  const dialect = new PGliteDialect({ pglite })
  let count = 0
  let armed = false
  let dead = false
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) throw new Killed()
    if (armed) count += 1
    const now = armed && count === nth
    if (now) dead = true
    if (now && moment === 'before') throw new Killed()
    const done = await work()
    if (now) throw new Killed()
    return done
  }
  const wrap = (inner: Driver): Driver => {
    const inside = new Map<DatabaseConnection, DatabaseConnection>()
    const of = (connection: DatabaseConnection) => inside.get(connection) ?? connection
    return {
      init: () => inner.init(),
      acquireConnection: async () => {
        const connection = await inner.acquireConnection()
        const outer: DatabaseConnection = {
          executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
            step(() => connection.executeQuery<R>(query)),
          streamQuery: () => {
            throw new Error('the hub streams no query')
          },
        }
        inside.set(outer, connection)
        return outer
      },
      releaseConnection: (connection) => inner.releaseConnection(of(connection)),
      beginTransaction: (connection, settings) => inner.beginTransaction(of(connection), settings),
      commitTransaction: (connection) => step(() => inner.commitTransaction(of(connection))),
      // What a killed process leaves open, the database undoes; after a commit there is nothing to undo.
      rollbackTransaction: async (connection) => {
        await inner.rollbackTransaction(of(connection))
      },
      destroy: async () => undefined,
    }
  }
  const db = new Kysely<HubSchema>({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (own) => dialect.createIntrospector(own),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => wrap(dialect.createDriver()),
    },
  })
  return { db, arm: () => void (armed = true), isDead: () => dead }
}

type Scene = {
  name: string
  /** @returns what has to hold in the end, whenever the hub was killed */
  prepare(): Promise<(state: string) => void>
  ends: string[]
}

const seen = (user: { id: string }) => world.shown(user)

const SCENES: Scene[] = [
  {
    name: 'a push',
    async prepare() {
      const ann = world.shop.addUser({ phone: PHONE })
      await world.matched(ann)
      return () => expect([seen(ann), world.smsTo()]).toEqual([[`push: ${TEXT}`], []])
    },
    ends: ['sent'],
  },
  {
    name: 'a push that is refused, and a notification message',
    async prepare() {
      const ann = world.shop.addUser({ phone: PHONE })
      await world.matched(ann)
      world.shop.sending.monthlyQuota = 0
      return (state) =>
        // Killed while the push was on its way: that the month is over now does not say that it was then.
        expect([seen(ann), world.smsTo()]).toEqual([state === 'uncertain' ? [] : [`pnp: ${TEXT}`], []])
    },
    ends: ['delivered', 'uncertain'],
  },
  {
    name: 'a notification message without a word of LINE, and a SMS after a day',
    async prepare() {
      const ann = world.shop.addUser({ phone: PHONE })
      world.shop.tellsPnpDelivered = false
      return () => expect([seen(ann), world.smsTo()]).toEqual([[`pnp: ${TEXT}`], [TEXT]])
    },
    ends: ['sent'],
  },
]

describe.each(SCENES)('$name', ({ prepare, ends }) => {
  it.each(['before', 'after'] as const)(
    '[NTF-1] reaches the customer once when the hub is killed %s any step',
    async (moment) => {
      let kills = 0
      for (let nth = 1; ; nth += 1) {
        world = await startNotifyWorld()
        const holds = await prepare()
        const id = await world.send()
        const { db, arm, isDead } = mortal(pgliteOf(world), nth, moment)
        await world.restart(db)
        arm()
        await world.sweep().catch((error: unknown) => expect(error).toBeInstanceOf(Killed))
        await toldOrDead(isDead)
        if (!isDead()) await world.after(24 * HOURS).catch((error: unknown) => expect(error).toBeInstanceOf(Killed))
        const killed = isDead()
        await world.restart()
        await world.sweep()
        await world.settled()
        await world.finish(id)
        const { state, tries } = await world.course(id)
        const left = tries.every(({ means }) => means !== 'pnp') || reached()
        if (left) {
          expect([nth, ends.includes(state) ? 'a right end' : state]).toEqual([nth, 'a right end'])
          holds(state)
        } else {
          // Killed after it was marked as leaving and before it left, which nobody can know: the SMS follows after the day.
          expect([nth, state, world.smsTo()]).toEqual([nth, 'sent', [TEXT]])
        }
        await world.close()
        if (!killed) break
        kills += 1
      }
      // Otherwise nothing was tried.
      expect(kills).toBeGreaterThan(8)
      world = await startNotifyWorld()
    },
  )
})

/** What LINE has to tell is dealt with, unless the hub is killed over it: then LINE tells the next one. */
async function toldOrDead(isDead: () => boolean): Promise<void> {
  let told = false
  void world.settled().then(() => (told = true))
  await until('LINE has told, or the hub is dead', () => told || isDead())
}

/** Whether LINE was asked for a notification message at all. */
function reached(): boolean {
  return world.line.calls.all().some(({ path }) => path === '/bot/pnp/push')
}

function pgliteOf({ database }: NotifyWorld): PGlite {
  if (!database.pglite) throw new Error('the test wants the embedded database')
  return database.pglite
}
