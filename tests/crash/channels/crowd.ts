/** What people do in a channels' crash run: customers write on both platforms, and members answer at their workstations. */
import { seeded } from '../../../backend/hub/demo/random.ts'
import type { Random } from '../../../backend/hub/demo/random.ts'
import { Texts } from '../../world/shop/words.ts'
import type { Workplace } from '../../world/shop/workplace.ts'
import { until } from '../../world/until.ts'
import type { Chat } from './chat.ts'
import type { Reply } from './compare.ts'
import type { Market } from './market.ts'

/** ms in which a round's messages are written. */
const SPAN = 800
/** How many customers back a member looks for whom to answer: at once, as LINE's reply tokens want it. */
const WROTE_LAST = 5

type Member = { place: Workplace; random: Random; texts: Texts }

export class Crowd {
  readonly #market: Market
  /** What customers do, and what members do: each is drawn by itself, as their turns come in any order. */
  readonly #random: Random
  readonly #members: readonly Member[]
  /** Those that were there from the beginning, so that the devices know them. */
  readonly #known: readonly Chat[]
  /** Who wrote, in their order. */
  readonly #wrote: Chat[] = []
  /** How many messages customers still have to write, and members. */
  readonly #left: { inbound: number; outbound: number }
  /** What the devices have taken. */
  readonly replies: Reply[] = []

  constructor(market: Market, seed: number, messages: { inbound: number; outbound: number }) {
    this.#market = market
    this.#random = seeded(seed * 113)
    this.#members = market.workplaces.map((place, n) => {
      const random = seeded(seed * 127 + n)
      return { place, random, texts: new Texts(`member${n}x`, random) }
    })
    this.#known = market.sides.flatMap(({ chats }) => [...chats])
    this.#left = { ...messages }
  }

  /** Everybody writes once, and every device has their conversation: from then on members can answer them. */
  async begin(): Promise<void> {
    for (const chat of this.#known) this.#write(chat, 1)
    await Promise.all(this.#market.sides.map((side) => side.idle()))
    for (const { place } of this.#members) {
      for (const { conversationId } of this.#known) {
        await until('a conversation is on the device', async () => (await place.desk?.statusOf(conversationId)) === 200)
      }
    }
  }

  /** Customers and members write their share of a round. @param rounds how many there are still to come, with this one */
  async write(rounds: number): Promise<void> {
    const inbound = Math.ceil(this.#left.inbound / rounds)
    const outbound = Math.ceil(this.#left.outbound / rounds)
    await Promise.all([
      this.#customersWrite(inbound),
      ...this.#members.map((member, n) =>
        this.#memberWrites(member, n === 0 ? Math.ceil(outbound / 2) : Math.floor(outbound / 2)),
      ),
    ])
  }

  async #customersWrite(inbound: number): Promise<void> {
    const random = this.#random
    const end = this.#left.inbound - inbound
    while (this.#left.inbound > end) {
      const side = random.pick(this.#market.sides)
      const free = side.chats.filter((chat) => chat.isFree())
      const chat = free[random.int(0, free.length - 1)]
      const several = random.chance(0.15) ? random.int(2, 4) : 1
      if (chat) this.#write(chat, Math.min(several, this.#left.inbound - end))
      await pause(random.int(0, Math.ceil((2 * SPAN) / inbound)))
    }
  }

  #write(chat: Chat, messages: number): void {
    this.#wrote.push(chat)
    this.#left.inbound -= messages
    chat.write(Array.from({ length: messages }, () => this.#market.texts.next()))
  }

  async #memberWrites({ place, random, texts }: Member, outbound: number): Promise<void> {
    const { desk } = place
    if (!desk) throw new Error('a member is not at work')
    const known = this.#known
    for (let n = 0; n < outbound; n++) {
      const last = this.#wrote.slice(-WROTE_LAST).filter((chat) => known.includes(chat))
      const among = random.chance(0.5) && last.length > 0 ? last : known
      const chat = among[random.int(0, among.length - 1)]
      if (!chat) throw new Error('there is nobody to write to')
      const text = texts.next()
      const answer = await desk.reply(chat.conversationId, text)
      if (!answer.ok) throw new Error(`a device refused a reply: ${answer.refusal.code}`)
      this.replies.push({ chat, text })
      this.#left.outbound -= 1
      await pause(random.int(0, Math.ceil((2 * SPAN) / outbound)))
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
