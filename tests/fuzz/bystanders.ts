/**
 * A customer and a member who have nothing to do with the fuzz and talk with each other all the while: each message must
 * arrive, once, in order, and soon.
 */
import { HubFrame, PROTOCOL } from '../../backend/sync/protocol.ts'
import { isObject } from './mutate.ts'
import { parseJson } from './answers.ts'
import { clientIdOf, tokenOf, visitorCookie, visitorId } from './keys.ts'
import { FuzzSocket } from './socket.ts'
import { CAFE, standingOf } from './world.ts'
import type { World } from './world.ts'

/** How long a message may take from one to the other, in ms. */
const ARRIVES_WITHIN = 5_000
/** How long they wait between two exchanges, in ms: a visitor may write once a second. */
const PAUSE = 1_100
const VISITOR = visitorId(999_999)
const SEAT = { team: CAFE, member: 'supervisor', slot: 0 }
export const BYSTANDER_CONVERSATION = `webchat-${VISITOR}`

export class Bystanders {
  readonly problems: string[] = []
  exchanges = 0
  /** The longest that a message took, in ms. */
  slowest = 0
  readonly #world: World
  readonly #done: Promise<void>
  #over = false
  #device: FuzzSocket | null = null
  #customer: FuzzSocket | null = null
  #seq = 0
  /** The device has this conversation; both sides hear the texts of the other in the order in which they came. */
  readonly #heard: { device: string[]; customer: string[] } = { device: [], customer: [] }
  #renewed = Date.now()

  private constructor(world: World) {
    this.#world = world
    this.#done = this.#talk().catch(
      (error: unknown) => void this.problems.push(`the bystanders failed: ${String(error)}`),
    )
  }

  static begin(world: World): Bystanders {
    return new Bystanders(world)
  }

  async end(): Promise<void> {
    this.#over = true
    await this.#done
    this.#device?.cut()
    this.#customer?.cut()
  }

  async #talk(): Promise<void> {
    const { url } = this.#world.hub
    const sockets = url.replace('http', 'ws')
    const customer = new FuzzSocket(`${sockets}/chat/socket?channel=${CAFE}`, {
      'x-forwarded-for': '192.0.2.1',
      cookie: visitorCookie(CAFE, VISITOR),
    })
    const device = new FuzzSocket(`${sockets}/sync`, { 'x-forwarded-for': '192.0.2.2' })
    this.#customer = customer
    this.#device = device
    if (!(await customer.opened()) || !(await device.opened())) throw new Error('they could not connect')
    customer.send(JSON.stringify({ type: 'hello', after: 0 }))
    await this.#hello(device)
    for (let n = 1; !this.#over; n++) {
      await this.#exchange(n)
      if (this.problems.length > 0) return
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }

  async #exchange(n: number): Promise<void> {
    const [device, customer] = [this.#device, this.#customer]
    if (!device || !customer) return
    const question = `question ${n}`
    const answer = `answer ${n}`
    const begun = performance.now()
    customer.send(JSON.stringify({ type: 'send', id: `by-${n}`, content: { kind: 'text', text: question } }))
    await this.#arrives(device, 'device', question, n)
    this.slowest = Math.max(this.slowest, performance.now() - begun)
    if (n === 1) this.#push(device, 'conversation.take', { messageId: 'by-take' })
    const answered = performance.now()
    this.#push(device, 'message.send', { messageId: `by-answer-${n}`, content: { kind: 'text', text: answer } })
    await this.#arrives(customer, 'customer', answer, n)
    this.slowest = Math.max(this.slowest, performance.now() - answered)
    customer.send(JSON.stringify({ type: 'seen', upTo: 2 ** 31 - 1 }))
    this.exchanges = n
    await this.#renewNowAndThen(device)
  }

  #push(device: FuzzSocket, name: string, args: Record<string, unknown>): void {
    const command = { seq: ++this.#seq, name, args: { conversationId: BYSTANDER_CONVERSATION, ...args }, at: 0 }
    device.send(JSON.stringify({ type: 'push', commands: [command] }))
  }

  async #arrives(at: FuzzSocket, who: 'device' | 'customer', text: string, n: number): Promise<void> {
    const heard = this.#heard[who]
    const came = await at.until(() => {
      for (const one of at.texts.splice(0)) this.#hear(who, one)
      return heard.length >= n || at.closedWith !== null
    }, ARRIVES_WITHIN)
    if (!came || heard.length !== n || heard[n - 1] !== text) {
      const closed = at.closedWith === null ? '' : `, closed with ${at.closedWith}`
      this.problems.push(`the ${who} waits for "${text}" and has ${JSON.stringify(heard.slice(-3))}${closed}`)
    }
  }

  #hear(who: 'device' | 'customer', text: string): void {
    const value = parseJson(text)
    if (!isObject(value)) return
    if (value['type'] === 'error') this.problems.push(`the ${who} was told ${text.slice(0, 200)}`)
    if (who === 'device') {
      const frame = HubFrame.parse(value)
      if (frame.type === 'resync') this.problems.push('the device was told to begin anew')
      if (frame.type !== 'patch') return
      for (const { refusal } of frame.results) this.problems.push(`the device was refused: ${refusal.code}`)
      for (const [table, row] of frame.puts) {
        if (table !== 'message' || row.conversationId !== BYSTANDER_CONVERSATION) continue
        // A message is put again when it gets further.
        if (row.author.type === 'customer' && row.body.kind === 'text' && !this.#heard.device.includes(row.body.text)) {
          this.#heard.device.push(row.body.text)
        }
      }
    } else if (value['type'] === 'messages' && Array.isArray(value['messages'])) {
      for (const message of value['messages']) {
        const from: unknown = message.from?.type
        if (from === 'member') this.#heard.customer.push(String(message.content?.text))
      }
    }
  }

  async #hello(device: FuzzSocket): Promise<void> {
    device.send(
      JSON.stringify({
        type: 'hello',
        protocol: PROTOCOL,
        accessToken: await tokenOf(SEAT),
        clientId: clientIdOf(SEAT),
        // It keeps no rows, so it needs none of those before.
        ...(await standingOf(this.#world, CAFE)),
        resultsAfter: 0,
      }),
    )
    if (!(await device.until(() => device.texts.length > 0))) throw new Error('a hello was not answered')
    const welcome = HubFrame.parse(parseJson(device.texts.shift() ?? ''))
    if (welcome.type !== 'welcome' || welcome.snapshot) throw new Error(`a hello was answered with ${welcome.type}`)
    this.#seq = welcome.lastClientSeq
  }

  async #renewNowAndThen(device: FuzzSocket): Promise<void> {
    if (Date.now() - this.#renewed < 60_000) return
    this.#renewed = Date.now()
    device.send(JSON.stringify({ type: 'renew', accessToken: await tokenOf(SEAT) }))
  }
}
