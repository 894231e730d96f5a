/** One member at a workstation of their own: its process, its cable, what they do all the time, and what it answered. */
import { join } from 'node:path'
import type { CommandArgs, MemberCommandName } from '../../../backend/domain/commands.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Random } from '../../../backend/hub/demo/random.ts'
import type { ConversationRow, QueueItem } from '../../../backend/workstation/views.ts'
import { Desk, freshMessageId } from '../desk.ts'
import { Cable } from '../network.ts'
import { startWorkstation } from '../places.ts'
import type { Process } from '../process.ts'
import { until } from '../until.ts'
import { MemberLedger } from './ledger.ts'
import type { Deed } from './ledger.ts'
import { PASSWORD, WORKERS, emailOf, memberIdOf } from './team.ts'
import type { Worker } from './team.ts'
import { Texts } from './words.ts'

/** ms between two actions; now and then several follow one another without a pause. */
const PACE = [30, 250] as const
const BURST = 8
/** With so much waiting a member stops for a while, and looks again after so many actions: work must get through. */
const WAITING_MAX = 25
const LOOK_EVERY = 6
/** ms: a busy computer takes its time. */
const SETTLED_WITHIN = 180_000
/** What there is to do, by how often. */
const ACTIONS: readonly [MemberCommandName, ...MemberCommandName[]] = [
  'conversation.pin',
  ...times(9, 'message.send'),
  ...times(4, 'note.add'),
  ...times(4, 'conversation.transfer'),
  ...times(3, 'conversation.take'),
  ...times(3, 'conversation.close'),
  ...times(2, 'conversation.reopen'),
  ...times(2, 'conversation.markRead'),
]

export class Workplace {
  readonly worker: Worker
  readonly home: string
  readonly cable: Cable
  readonly ledger = new MemberLedger()
  /** What must not happen, in words. */
  readonly complaints: string[] = []
  /** How often the workstation asked for the password because its session with the hub was over. */
  signedInAgain = 0
  readonly #random: Random
  readonly #texts: Texts
  #process: Process<{ ready: true; url: string }> | null = null
  #desk: Desk | null = null
  #working: Promise<void> | null = null
  #paused = true
  #actions = 0
  /** Conversations they know of, also such as have left their sight: people act on what they remember. */
  readonly #remembered = new Map<string, ConversationRow>()

  private constructor(worker: Worker, home: string, cable: Cable, random: Random) {
    this.worker = worker
    this.home = home
    this.cable = cable
    this.#random = random
    this.#texts = new Texts(worker.replace(/\W|_/g, ''), random)
  }

  /** @param folder where its home is made */
  static async furnish(worker: Worker, folder: string, hubPort: () => number, random: Random): Promise<Workplace> {
    return new Workplace(worker, join(folder, worker), await Cable.lay(hubPort), random)
  }

  get isUp(): boolean {
    return this.#desk !== null
  }

  /** Where they sit, while its backend runs. */
  get desk(): Desk | null {
    return this.#desk
  }

  /** How its process ended without being told to; null when it did not. */
  get fell(): string | null {
    return this.#process?.ended ?? null
  }

  get log(): string {
    return this.#process?.log ?? ''
  }

  /** Starts its backend and signs the member in: with the hub when it answers, with the device alone otherwise. */
  async start(): Promise<void> {
    const process = await startWorkstation(this.home, this.cable.url)
    this.#process = process
    const desk = new Desk(process.url)
    await desk.enter(emailOf(this.worker), PASSWORD)
    this.#desk = desk
  }

  /** Ends its backend hard, whatever it is doing. */
  async kill(): Promise<void> {
    const process = this.#process
    this.#process = null
    this.#desk = null
    await process?.kill()
  }

  async stop(): Promise<void> {
    await this.pause()
    const process = this.#process
    this.#process = null
    this.#desk = null
    await process?.stop()
  }

  /** Works until {@link pause}, whenever the backend is there. */
  begin(): void {
    if (this.#working) return
    this.#paused = false
    this.#working = this.#work()
  }

  /** Resolves when nothing is under way any more. */
  async pause(): Promise<void> {
    this.#paused = true
    await this.#working
    this.#working = null
  }

  /** The network is there again, and nobody wants to wait. */
  async reconnect(): Promise<void> {
    this.cable.plug()
    await this.#desk?.wake()
  }

  /** Waits until nothing waits on the device any more. */
  async settled(): Promise<void> {
    const desk = this.#here()
    await until(
      `${this.worker}: online, and nothing waits`,
      async () => {
        const { connection, waiting } = await desk.queue()
        if (connection.state === 'offline' && connection.reason?.instead === 'sign-in') {
          this.signedInAgain += 1
          await desk.enter(emailOf(this.worker), PASSWORD)
        }
        return connection.state === 'online' && waiting.length === 0
      },
      { within: SETTLED_WITHIN, diagnosis: async () => JSON.stringify(await desk.queue(), null, 1).slice(0, 2_000) },
    )
  }

  /** Connects anew and waits until it has everything that the hub has by then. */
  async caughtUp(): Promise<void> {
    const desk = this.#here()
    this.cable.cut()
    await desk.connectionIs('offline')
    await this.reconnect()
    await desk.connectionIs('online')
  }

  /** What is shown as refused (SYN-4). */
  async refused(): Promise<QueueItem[]> {
    return (await this.#here().queue()).refused
  }

  async remove(): Promise<void> {
    await this.stop()
    await this.cable.remove()
  }

  #here(): Desk {
    if (!this.#desk) throw new Error(`${this.worker} is not at work`)
    return this.#desk
  }

  async #work(): Promise<void> {
    for (let inRow = 0; !this.#paused; inRow++) {
      const desk = this.#desk
      if (desk) {
        try {
          await this.#act(desk)
        } catch (error) {
          // Whoever is killed cannot answer. Anybody else has to.
          if (this.#desk === desk && this.fell === null) this.complaints.push(`${this.worker}: ${String(error)}`)
        }
      }
      if (!desk || inRow >= BURST || this.#random.chance(0.7)) {
        inRow = 0
        await new Promise((resolve) => setTimeout(resolve, this.#random.int(...PACE)))
      }
    }
  }

  async #act(desk: Desk): Promise<void> {
    if (this.#actions % LOOK_EVERY === 0 && (await desk.queue()).waiting.length > WAITING_MAX) return
    this.#actions += 1
    const name = this.#random.pick(ACTIONS)
    const row = await this.#conversationFor(desk, name)
    if (!row) return
    const { id: conversationId, conversation } = row
    const about = { conversationId, messageId: freshMessageId() }
    switch (name) {
      case 'message.send': {
        const text = this.#texts.next()
        return this.#do(desk, name, { ...about, content: { kind: 'text', text } }, text)
      }
      case 'note.add': {
        const text = this.#texts.next()
        return this.#do(desk, name, { ...about, text }, text)
      }
      case 'conversation.take':
      case 'conversation.close':
      case 'conversation.reopen':
        return this.#do(desk, name, about)
      case 'conversation.transfer':
        return this.#do(desk, name, { ...about, toMemberId: this.#colleague() })
      case 'conversation.markRead':
        return this.#do(desk, name, { conversationId, readInbound: conversation.inboundCount })
      case 'conversation.pin':
        return this.#do(desk, name, { conversationId, pinned: !row.pinned })
      case 'member.update':
      case 'message.retry':
    }
  }

  async #do<N extends MemberCommandName>(
    desk: Desk,
    name: N,
    args: CommandArgs<N> & Deed['args'],
    typed: string | null = null,
  ): Promise<void> {
    const deed = this.ledger.begin(name, args, typed)
    if (!deed) return
    const answer = await desk.run(name, args)
    this.ledger.answer(deed, answer.ok)
  }

  #colleague(): MemberId {
    const others = WORKERS.filter((worker) => worker !== this.worker) as [Worker, ...Worker[]]
    return memberIdOf(this.#random.pick(others))
  }

  /** One that the action makes sense for, most of the time. */
  async #conversationFor(desk: Desk, name: MemberCommandName): Promise<ConversationRow | undefined> {
    if (this.#random.chance(0.06) && this.#remembered.size > 0) {
      return this.#oneOf([...this.#remembered.values()])
    }
    const list = this.#random.pick(LISTS[name] ?? ANY)
    const rows = await desk.rows(list)
    for (const row of rows) this.#remembered.set(row.id, row)
    return this.#oneOf(rows)
  }

  #oneOf(rows: readonly ConversationRow[]): ConversationRow | undefined {
    return rows[this.#random.int(0, Math.max(0, rows.length - 1))]
  }
}

type List = Parameters<Desk['rows']>[0]
const ANY: readonly [List, ...List[]] = [
  'open_mine',
  'open_mine',
  'pending_person',
  'open_team',
  'closed_mine',
  'closed_team',
]
/** Where the member looks for something to do it to. */
const LISTS: Partial<Record<MemberCommandName, readonly [List, ...List[]]>> = {
  'message.send': ['open_mine', 'open_mine', 'open_mine', 'pending_person', 'open_team'],
  'conversation.take': ['pending_person'],
  'conversation.close': ['open_mine', 'open_mine', 'pending_person', 'open_team'],
  'conversation.reopen': ['closed_mine', 'closed_team'],
  'conversation.transfer': ['open_mine', 'open_mine', 'open_team', 'pending_person'],
}

function times(n: number, name: MemberCommandName): MemberCommandName[] {
  return Array.from({ length: n }, () => name)
}
