/** LINE in a crash run: friends, strangers and groups around one account, and a platform that stumbles. */
import { ChannelId } from '../../../backend/domain/ids.ts'
import type { Random } from '../../../backend/hub/demo/random.ts'
import { startLine } from '../../fakes/line/line.ts'
import type { LineFake } from '../../fakes/line/line.ts'
import type { LineAccount } from '../../fakes/line/account.ts'
import type { Fault } from '../../fakes/platform/faults.ts'
import { WELCOME, counted, idsOf } from './chat.ts'
import type { Chat, Side } from './chat.ts'
import { AGAIN_AFTER, callSummary, drawBreak, repeatSome } from './platform.ts'

export const LINE_CHANNEL = ChannelId.parse('line-channel')
/** What an admin gives the hub of the account. */
export const LINE_ACCOUNT = { channelId: '2000000001', channelSecret: 'line-secret', accessToken: 'line-token' }
const SENDS = /\/v2\/bot\/message\/(push|reply)$/
const GROUP_MEMBERS = 3

export class LineSide implements Side {
  readonly name = 'LINE'
  readonly fake: LineFake
  readonly chats: Chat[] = []
  readonly #account: LineAccount
  readonly #random: Random
  readonly #greeted: string[] = []

  private constructor(fake: LineFake, account: LineAccount, random: Random) {
    this.fake = fake
    this.#account = account
    this.#random = random
  }

  /** @param webhook where the hub is called */
  static async start(webhook: string, people: number, groups: number, random: Random): Promise<LineSide> {
    const fake = await startLine({
      // LINE tells in order here, so that the order of what everybody wrote can be asked for.
      deliveries: { retryAfterMs: AGAIN_AFTER, keepsOrder: true, parallel: 1, duplicate: () => random.chance(0.15) },
    })
    fake.faults.latency = () => random.int(0, 40)
    const account = fake.addAccount({ ...LINE_ACCOUNT, webhookUrl: webhook, name: '好日子', basicId: '@goodday' })
    const side = new LineSide(fake, account, random)
    for (let n = 0; n < people; n++) side.#addPerson(`L${n}`)
    for (let n = 0; n < groups; n++) side.#addGroup(`G${n}`)
    return side
  }

  carried(): number {
    return this.#account.shown.all().length
  }

  taken(): number {
    return this.fake.deliveries.log.filter(({ status }) => status === 200).length
  }

  newcomer(): void {
    const user = this.#account.addUser({ name: 'New' })
    this.#greeted.push(user.id)
    this.#account.follow(user)
  }

  upset(): void {
    const fault: Fault = this.#random.chance(0.1)
      ? { type: 'answer', status: 429, body: { message: 'The API rate limit has been exceeded.' }, effect: 'none' }
      : drawBreak(this.#random, 0.5)
    this.fake.faults.next({ path: SENDS }, fault)
  }

  calm(): void {
    this.fake.faults.clear()
  }

  repeat(): void {
    repeatSome(this.fake.deliveries, this.#account.recipient(), this.#random)
  }

  idle(): Promise<void> {
    return this.fake.deliveries.idle()
  }

  invalid(): string[] {
    return this.fake.calls.invalid().map(({ path, problems }) => `LINE was asked ${path}: ${problems.join('; ')}`)
  }

  /** Who added the account, and how often they were greeted. */
  greetings(): { userId: string; times: number }[] {
    return this.#greeted.map((userId) => ({
      userId,
      times: this.#textsOf(userId).filter((text) => text === WELCOME).length,
    }))
  }

  figures(): Record<string, number> {
    const via = counted(this.#account.shown.all().map((one) => `shown by ${one.via}`))
    return { ...via, ...callSummary(this.fake.calls, this.fake.deliveries, SENDS) }
  }

  close(): Promise<void> {
    return this.fake.close()
  }

  #addPerson(name: string): void {
    const user = this.#account.addUser({ name, isFriend: true })
    this.#addChat(user.id, (text) => this.#account.send(user, { type: 'text', text }))
  }

  #addGroup(name: string): void {
    const members = Array.from({ length: GROUP_MEMBERS }, (_, n) => this.#account.addUser({ name: `${name}-${n}` }))
    const group = this.#account.addGroup({ name, members })
    this.#addChat(group.id, (text) => {
      const member = members[this.#random.int(0, GROUP_MEMBERS - 1)]
      if (member) this.#account.send(member, { type: 'text', text }, { in: group })
    })
  }

  #addChat(externalId: string, say: (text: string) => void): void {
    const written: string[] = []
    this.chats.push({
      ...idsOf(LINE_CHANNEL, externalId),
      written,
      isFree: () => true,
      write: (texts) => {
        written.push(...texts)
        this.#account.together(() => texts.forEach(say))
      },
      shown: () => this.#textsOf(externalId).map((text) => ({ text, told: null })),
    })
  }

  #textsOf(chatId: string): string[] {
    return this.#account
      .messagesFor(chatId)
      .map(({ message }) => ('text' in message && typeof message.text === 'string' ? message.text : message.type))
  }
}
