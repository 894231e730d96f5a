/** Two hubs over one PostgreSQL: members act at both at random, and the words between the hubs come late, or never. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemberId, MessageId } from '../../domain/ids.ts'
import type { CommandName } from '../../domain/commands.ts'
import { SampleExchange } from '../line/sample-line.ts'
import type { SampleLine } from '../line/sample-line.ts'
import { openDatabase } from '../store/database.ts'
import { startSampleServer } from '../store/sample-server.ts'
import type { SampleServer } from '../store/sample-server.ts'
import { SampleDevice } from './sample-device.ts'
import { HubTeam, SampleHub, idOf } from './sample-hub-team.ts'

let server: SampleServer
let exchange: SampleExchange
let lines: SampleLine[]
let hubs: SampleHub[]
beforeAll(async () => {
  server = await startSampleServer()
  exchange = new SampleExchange()
  lines = ['a', 'b'].map((name) => exchange.join(name))
  hubs = []
  for (const line of lines) {
    const started = await SampleHub.start(await openDatabase({ databaseUrl: server.databaseUrl }), line)
    // Words are delivered while others commit: none may be on its way before what it tells of is there.
    line.tellsInTransactions = false
    started.core.onCommit(({ teamId, version }) => line.tell({ type: 'committed', teamId, version }))
    hubs.push(started)
  }
}, 120_000)
afterAll(async () => {
  for (const hub of hubs) await hub.stop()
  await server.stop()
})

/** In ms. */
const SETTLES_WITHIN = 10_000
const WATCHED = ['supervisor', 'cs_agent', 'cs_agent2', 'salesperson', 'sales_manager']
const who = fc.constantFrom('lin', 'wang', 'chen')
const hub = fc.constantFrom(0, 1)
const member = fc.constantFrom('admin', ...WATCHED)
const done = fc.record({
  type: fc.constantFrom(
    'conversation.take' as const,
    'conversation.close' as const,
    'conversation.reopen' as const,
    'conversation.transfer' as const,
    'message.send' as const,
    'conversation.pin' as const,
    'conversation.markRead' as const,
  ),
  hub,
  member,
  who,
  to: member,
})
const changed = fc.record({
  type: fc.constant('member.update' as const),
  hub,
  member: fc.constantFrom('cs_agent2', 'salesperson', 'sales_manager'),
  change: fc.constantFrom({ role: 'cs_agent' }, { role: 'salesperson' }, { storeIds: [] }, { storeIds: ['xinyi'] }),
})
const action = fc.oneof(
  { weight: 12, arbitrary: done },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('customer' as const), hub, who }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('progress' as const), hub, who }) },
  { weight: 2, arbitrary: changed },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('break' as const), hub }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('move' as const), hub, member: fc.nat(WATCHED.length - 1) }) },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

/** One team at both hubs, and a device of each watched member at one of them. */
class Play {
  readonly teams: HubTeam[]
  readonly devices: SampleDevice[]
  readonly #moves = new Map<number, Promise<void>>()
  readonly #seqs = new Map<string, number>()
  #made = 0

  private constructor(teams: HubTeam[], devices: SampleDevice[]) {
    this.teams = teams
    this.devices = devices
  }

  static async begin(): Promise<Play> {
    const first = await hubs[0]!.team()
    const teams = [first, new HubTeam(hubs[1]!, first.id, 'b')]
    return new Play(teams, await Promise.all(WATCHED.map((name, at) => SampleDevice.live(teams[at % 2]!, name))))
  }

  async do(step: Action): Promise<void> {
    switch (step.type) {
      case 'deliver':
        return exchange.deliver(step.count)
      case 'break':
        exchange.lose()
        // Every hub looks: here what the other one told is lost as well.
        return lines.forEach((line) => line.isBack())
      case 'customer':
        return void (await this.teams[step.hub]!.customer(step.who))
      case 'progress':
        return this.#progress(step.hub, step.who)
      case 'move':
        return this.#move(step.hub, step.member)
      case 'member.update': {
        const args = { memberId: MemberId.parse(step.member), ...step.change }
        return this.#push(step.hub, 'admin', step.type, args)
      }
      default: {
        const args = argsOf(step, this.#messageId())
        return this.#push(step.hub, step.member, step.type, args)
      }
    }
  }

  /** Fetches a snapshot where the hub asked for one; resolves when the device has everything. */
  async settled(device: SampleDevice): Promise<void> {
    const done = device.caughtUp()
    const late = new Promise<never>((_, reject) => {
      const complain = () =>
        reject(new Error(`${device.member} does not catch up: ${JSON.stringify(device.frames.at(-1))}`))
      setTimeout(complain, SETTLES_WITHIN).unref()
    })
    late.catch(() => undefined)
    for (;;) {
      await Promise.race([done, device.until(() => asked(device)), late])
      if (!asked(device)) return done
      await device.snapshot()
      await device.hello()
    }
  }

  async #progress(at: number, name: string): Promise<void> {
    const { hub: own, id } = this.teams[at]!
    const found = await own.core.db
      .selectFrom('message')
      .select('id')
      .where('team_id', '=', id)
      .where('conversation_id', '=', idOf(name))
      .execute()
    const messageIds = found.map((one) => MessageId.parse(one.id)).slice(-20)
    if (messageIds.length === 0) return
    await own.core.system(id, 'message.progress', { messageIds, delivery: { state: 'delivered' } })
  }

  /** The device goes on at another hub, as after a cut. */
  #move(to: number, at: number): Promise<void> {
    // One move after the other: a device in the middle of a snapshot has no version.
    const moved = (this.#moves.get(at) ?? Promise.resolve()).then(() => this.#moveNow(to, at))
    this.#moves.set(at, moved)
    return moved
  }

  async #moveNow(to: number, at: number): Promise<void> {
    const old = this.devices[at]!
    const moved = new SampleDevice(this.teams[to]!, old.member)
    ;[moved.version, moved.epoch] = [old.version, old.epoch]
    for (const [key, row] of old.rows) moved.rows.set(key, row)
    this.devices[at] = moved
    await moved.connect()
  }

  async #push(at: number, name: string, command: CommandName, args: Record<string, unknown>): Promise<void> {
    const team = this.teams[at]!
    const client = `client-${name}-${at}`
    const seq = (this.#seqs.get(client) ?? 0) + 1
    this.#seqs.set(client, seq)
    await team.hub.core.runPushed(team.identity(name, client), { seq, name: command, args, at: 0 })
  }

  #messageId(): MessageId {
    return MessageId.parse(`p${this.teams[0]!.id}-${++this.#made}`)
  }
}

/** Whether the hub wants the device to fetch a snapshot. */
function asked({ frames }: SampleDevice): boolean {
  const last = frames.findLast(({ type }) => type === 'resync' || type === 'welcome')
  return last?.type === 'resync' || (last?.type === 'welcome' && last.snapshot)
}

function argsOf(step: Extract<Action, { to: string }>, messageId: MessageId): Record<string, unknown> {
  const conversationId = idOf(step.who)
  switch (step.type) {
    case 'message.send':
      return { conversationId, messageId, content: { kind: 'text', text: '有的' } }
    case 'conversation.transfer':
      return { conversationId, messageId, toMemberId: step.to }
    case 'conversation.pin':
      return { conversationId, pinned: true }
    case 'conversation.markRead':
      return { conversationId, readInbound: 1 }
    default:
      return { conversationId, messageId }
  }
}

it('[SYN-6] [ROL-2] whatever is done at which hub, every device ends with what a fresh one has, and nothing more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { maxLength: 25 }), async (rounds) => {
      exchange.lose()
      const play = await Play.begin()
      // What is done in one round is done at once.
      for (const round of rounds) await Promise.all(round.map((step) => play.do(step)))
      exchange.deliver()
      for (const device of play.devices) {
        await play.settled(device)
        const conversations = new Set(device.ids('conversation'))
        const strays = [...device.rows.values()].filter(
          ([table, row]) => (table === 'message' || table === 'mark') && !conversations.has(row.conversationId),
        )
        expect({ [device.member]: strays }).toEqual({ [device.member]: [] })
        const fresh = new SampleDevice(device.team, device.member, `fresh-${device.member}`)
        await fresh.snapshot()
        expect({ [device.member]: device.held() }).toEqual({ [device.member]: fresh.held() })
      }
      for (const device of play.devices) await device.close()
    }),
    { numRuns: 25, endOnFailure: true },
  )
}, 120_000)
