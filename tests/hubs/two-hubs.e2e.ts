/**
 * Two hubs on one PostgreSQL, workstations and customers at both, and each hub killed once under load: what everybody was
 * told at once, and what was acknowledged, compared as after a crash.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seeded } from '../../backend/hub/demo/random.ts'
import { compareAll } from '../world/shop/compare.ts'
import type { Comparison, Found } from '../world/shop/compare.ts'
import { Customer } from '../world/shop/customer.ts'
import { openShopDatabase } from '../world/shop/database.ts'
import type { ShopDatabase } from '../world/shop/database.ts'
import { readDevice } from '../world/shop/device-state.ts'
import { readHub } from '../world/shop/hub-state.ts'
import { PASSWORD, WORKERS, createTeam, emailOf } from '../world/shop/team.ts'
import { Workplace } from '../world/shop/workplace.ts'
import { Desk, freshMessageId } from '../world/desk.ts'
import { Cable } from '../world/network.ts'
import { startWorkstation } from '../world/places.ts'
import { keepResults } from '../world/results.ts'
import { until } from '../world/until.ts'
import { TwoHubs } from './balancer.ts'
import type { HubProcess } from './balancer.ts'

const SEED = 4_680
const CUSTOMERS = 8
/** ms within which what happens at one hub has to be seen at the other: far less than anybody asks again by themselves. */
const AT_ONCE = 3_000
/** So much each street's customers have written and the members have done, at least. */
const ENOUGH = 30

let folder: string
let database: ShopDatabase
let hubs: TwoHubs
let streets: Cable[]
let workplaces: Workplace[]
let customers: Customer[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countertop-hubs-'))
  database = await openShopDatabase('postgres', folder)
  await database.prepare(async (db) => {
    await keepResults(db)
    await createTeam(db, folder)
  })
  const secret = (await readFile(join(folder, 'hub-secret'), 'utf8')).trim()
  hubs = new TwoHubs(folder, join(folder, 'attachments'), { ...database.env, COUNTERTOP_HUB_SECRET: secret })
  await Promise.all([hubs.a.start(), hubs.b.start()])
  streets = [await Cable.lay(hubs.portFor(0)), await Cable.lay(hubs.portFor(1))]
  workplaces = []
  for (const [n, worker] of WORKERS.entries()) {
    workplaces.push(await Workplace.furnish(worker, folder, hubs.portFor(n), seeded(SEED * 101 + n)))
  }
  await Promise.all(workplaces.map((place) => place.start()))
  customers = []
  for (let n = 0; n < CUSTOMERS; n++) {
    const street = streets[n % streets.length]!
    customers.push(await Customer.arrive(`c${n}`, street.url, `192.0.2.${n}`, seeded(SEED * 103 + n)))
  }
}, 180_000)

afterAll(async () => {
  for (const customer of customers) customer.leave()
  await Promise.all(workplaces.map((place) => place.remove()))
  await Promise.all([hubs.a.kill(), hubs.b.kill()])
  await Promise.all(streets.map((street) => street.remove()))
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

it(
  '[SYN-2] [SYN-3] [SYN-4] [SYN-6] [ROL-2] two hubs on one database, each killed under load: once, in order, everywhere the same',
  { timeout: 300_000 },
  async () => {
    await until('both hubs have workstations and customers', async () => {
      const counts = [hubs.a, hubs.b].flatMap((hub) => [hub.connections('workstation'), hub.connections('webchat')])
      return (await Promise.all(counts)).every((count) => count > 0)
    })
    await acrossAtOnce()

    for (const one of [...customers, ...workplaces]) one.begin()
    await flows('under load at both hubs')
    for (const hub of [hubs.a, hubs.b]) {
      await underPush(hub)
      await flows('with one hub')
      await hub.start()
      // Who was sent to the other one comes back when its connection breaks.
      for (const { cable } of workplaces) {
        cable.cut()
        cable.plug()
      }
      await flows('with both hubs again')
    }

    await until('there is enough to compare', () => done().every((count) => count > ENOUGH), { within: 120_000 })
    const { differences, ...counts } = await compared()
    expect([...differences, ...workplaces.flatMap(({ complaints }) => complaints)]).toEqual([])
    expect(customers.flatMap(({ complaints }) => complaints)).toEqual([])
    expect(Math.min(counts.customers, counts.taken)).toBeGreaterThan(ENOUGH)
  },
)

/** What happens at one hub is seen at the other before anybody asks again. */
async function acrossAtOnce(): Promise<void> {
  const [customer] = customers
  const [boss, agent] = workplaces
  if (!customer || !boss?.desk || !agent?.desk) throw new Error('nobody is there')
  const { conversationId } = customer
  const answer = 'zqatonceqz 馬上來'
  const about = { conversationId, messageId: freshMessageId() }
  const within = { within: AT_ONCE }
  const sees = (place: Workplace, text: string) => async () =>
    (await place.desk?.texts(conversationId))?.includes(text) ?? false

  customer.write()
  const question = customer.written[0]?.text ?? ''
  await until('a member at the other hub sees the customer', sees(agent, question), within)
  const args = { ...about, content: { kind: 'text', text: answer } } as const
  const deed = agent.ledger.begin('message.send', args, answer)
  if (!deed) throw new Error('it was done before')
  agent.ledger.answer(deed, (await agent.desk.run('message.send', args)).ok)
  await until('the customer sees the answer', () => customer.shown.has(about.messageId), within)
  await until('a colleague at the first hub sees it', sees(boss, answer), within)
}

/** Kills a hub in the middle of the load, as a push sets out. */
async function underPush(hub: HubProcess): Promise<void> {
  const passed = new Promise<void>((resolve) => {
    for (const { cable } of workplaces) {
      cable.onText = (text) => text.startsWith('{"type":"push"') && resolve()
    }
  })
  await passed
  for (const { cable } of workplaces) cable.onText = () => undefined
  await hub.kill()
}

/** How much customers at each street, and members, have got through. */
function done(): number[] {
  const heard = streets.map((_, n) =>
    customers
      .filter((__, at) => at % streets.length === n)
      .reduce((sum, { written }) => sum + written.filter(({ accepted }) => accepted).length, 0),
  )
  const kept = workplaces.map(({ ledger }) => ledger.deeds.filter(({ outcome }) => outcome === 'kept').length)
  return [...heard, kept.reduce((sum, count) => sum + count, 0)]
}

/** Waits until customers at each street and members have got something through again. */
async function flows(when: string): Promise<void> {
  const before = done()
  await until(`work gets through ${when}`, () => done().every((count, at) => count > (before[at] ?? 0) + 2))
}

/** Everything comes to rest, is killed, looked at and compared. */
async function compared(): Promise<Comparison> {
  for (const customer of customers) customer.pause()
  await Promise.all(workplaces.map((place) => place.pause()))
  await Promise.all(workplaces.map((place) => place.reconnect()))
  await Promise.all(workplaces.map((place) => place.settled()))
  await Promise.all(customers.map((customer) => customer.settled()))
  await Promise.all(workplaces.map((place) => place.caughtUp()))
  const refused = await Promise.all(workplaces.map((place) => place.refused()))
  const fresh = await Promise.all(workplaces.map((place) => freshHome(place)))
  await Promise.all([hubs.a.kill(), hubs.b.kill(), ...workplaces.map((place) => place.kill())])
  const found: Found[] = []
  for (const [n, place] of workplaces.entries()) {
    found.push({
      place,
      device: await readDevice(place.home, place.cable.url, place.worker),
      fresh: await readDevice(fresh[n] ?? '', place.cable.url, place.worker),
      refused: refused[n] ?? [],
    })
  }
  return compareAll(await database.read(readHub), customers, found)
}

/** The folder of a workstation at which the member signs in for the first time, and which has everything. */
async function freshHome({ worker, cable }: Workplace): Promise<string> {
  const home = join(folder, `fresh-${worker}`)
  const process = await startWorkstation(home, cable.url)
  await new Desk(process.url).signIn(emailOf(worker), PASSWORD)
  await process.stop()
  return home
}
