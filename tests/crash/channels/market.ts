/** Everything of a channels' crash run that is alive: the hub, both platforms in this process, and two members at work. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChannelId } from '../../../backend/domain/ids.ts'
import type { Channel } from '../../../backend/domain/rows.ts'
import { seeded } from '../../../backend/hub/demo/random.ts'
import { webhookPath } from '../../../backend/hub/channels/webhooks.ts'
import type { HubDatabase } from '../../../backend/hub/core.ts'
import { connectionsOver, coreOver } from '../../world/hub-parts.ts'
import { Cable } from '../../world/network.ts'
import { keepResults } from '../../world/results.ts'
import { openShopDatabase } from '../../world/shop/database.ts'
import type { DatabaseKind, ShopDatabase } from '../../world/shop/database.ts'
import { TEAM, createTeam } from '../../world/shop/team.ts'
import { Texts } from '../../world/shop/words.ts'
import { Workplace } from '../../world/shop/workplace.ts'
import { Hubs } from '../hubs.ts'
import { WELCOME } from './chat.ts'
import type { Side } from './chat.ts'
import { LINE_ACCOUNT, LINE_CHANNEL, LineSide } from './line-side.ts'
import { WHATSAPP_ACCOUNT, WHATSAPP_CHANNEL, WhatsAppSide } from './whatsapp-side.ts'

/** How many are there from the beginning. */
export type Inhabitants = { people: number; groups: number }

export class Market {
  readonly folder: string
  readonly database: ShopDatabase
  readonly hubs: Hubs
  /** Between the platforms and the hub. */
  readonly street: Cable
  readonly line: LineSide
  readonly whatsapp: WhatsAppSide
  readonly workplaces: readonly Workplace[]
  /** What customers write. */
  readonly texts: Texts

  private constructor(parts: {
    folder: string
    database: ShopDatabase
    hubs: Hubs
    street: Cable
    line: LineSide
    whatsapp: WhatsAppSide
    workplaces: readonly Workplace[]
    texts: Texts
  }) {
    this.folder = parts.folder
    this.database = parts.database
    this.hubs = parts.hubs
    this.street = parts.street
    this.line = parts.line
    this.whatsapp = parts.whatsapp
    this.workplaces = parts.workplaces
    this.texts = parts.texts
  }

  /** Sets everything up in a new folder and starts it; nobody writes yet. */
  static async open(kind: DatabaseKind, seed: number, { people, groups }: Inhabitants): Promise<Market> {
    const folder = await mkdtemp(join(tmpdir(), 'countertop-crash-'))
    const home = join(folder, 'hub')
    await mkdir(home)
    const database = await openShopDatabase(kind, home)
    await database.prepare(async (db) => {
      await keepResults(db)
      await createTeam(db, home)
      await createChannels(db, home)
    })
    let hubPort = () => 0
    const street = await Cable.lay(() => hubPort())
    const texts = new Texts('customer', seeded(seed * 101))
    const hook = (channelId: ChannelId) => `${street.url}${webhookPath(channelId)}`
    const line = await LineSide.start(hook(LINE_CHANNEL), people, groups, seeded(seed * 103))
    const newText = () => texts.next()
    const whatsapp = await WhatsAppSide.start(hook(WHATSAPP_CHANNEL), people, seeded(seed * 107), newText)
    const hubs = new Hubs(home, {
      ...database.env,
      COUNTERTOP_LINE_API: line.fake.apiUrl,
      COUNTERTOP_LINE_DATA_API: line.fake.dataUrl,
      COUNTERTOP_GRAPH_API: whatsapp.fake.origin,
    })
    hubPort = () => hubs.port
    await hubs.start()
    // Supervisors may write in every conversation, so nothing is refused because a colleague was faster.
    const workplaces = await Promise.all(
      ['one', 'two'].map((name, n) =>
        Workplace.furnish('supervisor', join(folder, name), () => hubs.port, seeded(seed * 109 + n)),
      ),
    )
    await Promise.all(workplaces.map((place) => place.start()))
    return new Market({ folder, database, hubs, street, line, whatsapp, workplaces, texts })
  }

  get sides(): readonly [Side, Side] {
    return [this.line, this.whatsapp]
  }

  /** Everything is connected, and nobody waits to try again. */
  async reconnect(): Promise<void> {
    this.street.plug()
    await Promise.all(this.workplaces.map((place) => place.reconnect()))
  }

  /** What went wrong while it ran: processes that ended by themselves. */
  get complaints(): string[] {
    return [
      { who: 'the hub', how: this.hubs.fell, log: this.hubs.log },
      ...this.workplaces.map((place) => ({ who: place.worker, how: place.fell, log: place.log })),
    ].flatMap(({ who, how, log }) => (how === null ? [] : [`${who} ended by itself: ${how}\n${log.slice(-2_000)}`]))
  }

  /** Leaves the logs of the processes, and what the platforms were asked and told, in the folder. */
  async saveLogs(): Promise<void> {
    const logs: [string, string][] = [
      ['hub.log', this.hubs.everything],
      ...this.workplaces.map((place, n): [string, string] => [`workstation-${n}.log`, place.log]),
    ]
    for (const { name, fake } of [this.line, this.whatsapp]) {
      logs.push([`${name}-calls.json`, JSON.stringify(fake.calls.all(), null, 1)])
      logs.push([`${name}-webhooks.json`, JSON.stringify(fake.deliveries.log, null, 1)])
    }
    await Promise.all(logs.map(([name, log]) => writeFile(join(this.folder, name), log)))
  }

  async close(): Promise<void> {
    await Promise.all(this.workplaces.map((place) => place.remove()))
    await this.hubs.kill()
    await this.street.remove()
    await this.line.close()
    await this.whatsapp.close()
    await this.database.close()
  }
}

async function createChannels(db: HubDatabase, home: string): Promise<void> {
  const settings = { botOn: false, botKeywords: [], welcomeText: WELCOME, connected: true, problem: null }
  const line: Channel = { id: LINE_CHANNEL, kind: 'line', name: 'LINE', ...settings }
  const whatsapp: Channel = { id: WHATSAPP_CHANNEL, kind: 'whatsapp', name: 'WhatsApp', ...settings }
  await coreOver(db).importRows(TEAM, [
    ['channel', line],
    ['channel', whatsapp],
  ])
  const connections = connectionsOver(db, home)
  await connections.save(TEAM, line, LINE_ACCOUNT, Date.now())
  await connections.save(TEAM, whatsapp, WHATSAPP_ACCOUNT, Date.now())
}
