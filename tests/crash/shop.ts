/** Everything of a crash run that is alive: the hub, its database, the workplaces and the customers, in one folder. */
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from '../../backend/hub/demo/random.ts'
import { Cable } from '../world/network.ts'
import { keepResults } from '../world/results.ts'
import { Customer } from '../world/shop/customer.ts'
import { openShopDatabase } from '../world/shop/database.ts'
import type { ShopDatabase, DatabaseKind } from '../world/shop/database.ts'
import { WORKERS, createTeam } from '../world/shop/team.ts'
import { Workplace } from '../world/shop/workplace.ts'
import { Hubs } from './hubs.ts'

const CUSTOMERS = 10

export class Shop {
  readonly folder: string
  readonly database: ShopDatabase
  readonly workplaces: readonly Workplace[]
  readonly customers: readonly Customer[]
  /** Between the customers and the hub. */
  readonly street: Cable
  readonly #hubs: Hubs

  private constructor(parts: {
    folder: string
    database: ShopDatabase
    hubs: Hubs
    street: Cable
    workplaces: readonly Workplace[]
    customers: readonly Customer[]
  }) {
    this.folder = parts.folder
    this.database = parts.database
    this.#hubs = parts.hubs
    this.street = parts.street
    this.workplaces = parts.workplaces
    this.customers = parts.customers
  }

  /** Sets everything up in a new folder and starts it; nobody does anything yet. */
  static async open(kind: DatabaseKind, seed: number): Promise<Shop> {
    const folder = await mkdtemp(join(tmpdir(), 'countertop-crash-'))
    const home = join(folder, 'hub')
    await mkdir(home)
    const database = await openShopDatabase(kind, home)
    await database.prepare(async (db) => {
      await keepResults(db)
      await createTeam(db, home)
    })
    const hubs = new Hubs(home, { ...database.env, COUNTERTOP_TRUST_PROXY: '1' })
    await hubs.start()
    const street = await Cable.lay(() => hubs.port)
    const workplaces: Workplace[] = []
    for (const [n, worker] of WORKERS.entries()) {
      workplaces.push(await Workplace.furnish(worker, folder, () => hubs.port, seeded(seed * 101 + n)))
    }
    await Promise.all(workplaces.map((place) => place.start()))
    const customers: Customer[] = []
    for (let n = 0; n < CUSTOMERS; n++) {
      customers.push(await Customer.arrive(`c${n}`, street.url, `192.0.2.${n}`, seeded(seed * 103 + n)))
    }
    return new Shop({ folder, database, hubs, street, workplaces, customers })
  }

  begin(): void {
    for (const one of [...this.customers, ...this.workplaces]) one.begin()
  }

  async pause(): Promise<void> {
    for (const customer of this.customers) customer.pause()
    await Promise.all(this.workplaces.map((place) => place.pause()))
  }

  startHub(): Promise<void> {
    return this.#hubs.start()
  }

  /** Starts the hub and kills it again while it starts. */
  killStartingHub(ms: number): Promise<void> {
    return this.#hubs.killStarting(ms)
  }

  killHub(): Promise<void> {
    return this.#hubs.kill()
  }

  /** Waits until everything that was acknowledged has been everywhere, and nothing moves any more. */
  async settle(): Promise<void> {
    await this.pause()
    await Promise.all(this.workplaces.map((place) => place.reconnect()))
    await Promise.all(this.workplaces.map((place) => place.settled()))
    await Promise.all(this.customers.map((customer) => customer.settled()))
    await Promise.all(this.workplaces.map((place) => place.caughtUp()))
  }

  /** Leaves the log of each process that runs in the folder. */
  async saveLogs(): Promise<void> {
    const logs = [['hub', this.#hubs.log], ...this.workplaces.map(({ worker, log }) => [worker, log])] as const
    await Promise.all(logs.map(([who, log]) => writeFile(join(this.folder, `${who}.log`), log ?? '')))
  }

  /** What went wrong while it ran: processes that ended by themselves, answers that must not be. */
  get complaints(): string[] {
    const fallen = [
      { who: 'the hub', how: this.#hubs.fell, log: this.#hubs.log },
      ...this.workplaces.map((place) => ({ who: place.worker, how: place.fell, log: place.log })),
    ].flatMap(({ who, how, log }) => (how === null ? [] : [`${who} ended by itself: ${how}\n${log.slice(-2_000)}`]))
    return [...fallen, ...[...this.workplaces, ...this.customers].flatMap(({ complaints }) => complaints)]
  }

  async close(): Promise<void> {
    for (const customer of this.customers) customer.leave()
    await Promise.all(this.workplaces.map((place) => place.remove()))
    await this.#hubs.kill()
    await this.street.remove()
    await this.database.close()
  }
}
