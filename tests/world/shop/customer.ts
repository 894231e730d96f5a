/**
 * A customer at the web chat without a browser: keeps what they write until the hub has accepted it, sends one after the
 * other, comes back after every cut, and writes down what it was shown. As the page does it.
 */
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { ConversationId, MessageId } from '../../../backend/domain/ids.ts'
import type { Random } from '../../../backend/hub/demo/random.ts'
import type { PageAnswer, PageFrame, PublicMessage } from '../../../backend/hub/channels/webchat/frames.ts'
import { until } from '../until.ts'
import { CHANNEL } from './team.ts'
import { Texts } from './words.ts'

/** ms before the page tries again: the first time, and at most. */
const AGAIN = [60, 1_000] as const
/** ms between two reports of what was shown: the hub allows a page so many frames. */
const REPORT_EVERY = 400
/** ms between two messages: the hub allows a visitor one a second. */
const PACE = [800, 3_000] as const

export type Written = { id: MessageId; text: string; accepted: boolean }

export class Customer {
  readonly name: string
  readonly conversationId: ConversationId
  /** Everything they wrote, in their order. */
  readonly written: Written[] = []
  /** What they were shown, by id. */
  readonly shown = new Map<string, PublicMessage>()
  /** What must not happen, in words. */
  readonly complaints: string[] = []
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #random: Random
  readonly #texts: Texts
  #socket: WebSocket | null = null
  #pongs = 0
  #pace: NodeJS.Timeout | undefined
  #report: NodeJS.Timeout | undefined
  #failures = 0
  #away = false

  private constructor(name: string, url: string, headers: Record<string, string>, cookie: string, random: Random) {
    this.name = name
    this.#url = url
    this.#headers = { ...headers, cookie }
    this.#random = random
    this.#texts = new Texts(name, random)
    const visitor = /=([A-Za-z0-9_-]{22})\./.exec(cookie)?.[1]
    this.conversationId = ConversationId.parse(`webchat-${visitor}`)
    this.#connect()
  }

  /**
   * A new visitor of the web chat at `url`.
   * @param address where they are, as the proxy in front of the hub says: the hub allows an address only so much
   */
  static async arrive(name: string, url: string, address: string, random: Random): Promise<Customer> {
    const headers = { 'x-forwarded-for': address }
    const answer = await fetch(`${url}/chat/${CHANNEL}/visitor`, { method: 'POST', headers })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0]
    if (!answer.ok || !cookie) throw new Error(`the web chat answered ${answer.status}`)
    return new Customer(name, url, headers, cookie, random)
  }

  /** Writes every now and then until {@link pause}. */
  begin(): void {
    this.#pace = setTimeout(
      () => {
        this.write()
        this.begin()
      },
      this.#random.int(...PACE),
    )
  }

  pause(): void {
    clearTimeout(this.#pace)
  }

  write(): void {
    this.written.push({ id: MessageId.parse(randomUUID()), text: this.#texts.next(), accepted: false })
    if (this.#unsent.length === 1) this.#sendNext()
  }

  /** Waits until the hub has accepted everything, has shown what it has, and knows that it was read. */
  async settled(): Promise<void> {
    await until(`${this.name}: everything written is accepted`, () => this.#unsent.length === 0, {
      diagnosis: () => `${this.#unsent.length} wait, the socket is ${this.#socket?.readyState}`,
    })
    // The first answer tells the hub to look for more; the second comes after what it found, the third after our report.
    for (let round = 0; round < 3; round++) await this.#pong(round === 2)
  }

  leave(): void {
    this.#away = true
    this.pause()
    clearTimeout(this.#report)
    this.#socket?.terminate()
  }

  get #unsent(): Written[] {
    return this.written.filter(({ accepted }) => !accepted)
  }

  async #pong(report: boolean): Promise<void> {
    let asked: WebSocket | null = null
    let before = 0
    await until(`${this.name}: the web chat answers`, () => {
      // A new socket has to be asked anew.
      if (asked !== this.#socket || asked === null) {
        if (this.#socket?.readyState !== WebSocket.OPEN) return false
        asked = this.#socket
        before = this.#pongs
        if (report) this.#tellRead()
        this.#send({ type: 'ping' })
      }
      return this.#pongs > before
    })
  }

  #connect(): void {
    if (this.#away) return
    const address = `${this.#url.replace(/^http/, 'ws')}/chat/socket?channel=${CHANNEL}`
    const socket = new WebSocket(address, { headers: this.#headers })
    socket.on('open', () => {
      this.#socket = socket
      this.#send({ type: 'hello', deletions: 0, after: this.#last })
      this.#sendNext()
    })
    socket.on('message', (data) => this.#take(JSON.parse(data.toString()) as PageAnswer))
    // What failed shows as a close, too.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null
      const [first, most] = AGAIN
      setTimeout(() => this.#connect(), Math.min(most, first * 2 ** this.#failures++))
    })
  }

  get #last(): number {
    return Math.max(0, ...[...this.shown.values()].map(({ ordinal }) => ordinal))
  }

  #take(answer: PageAnswer): void {
    switch (answer.type) {
      case 'history':
      case 'messages':
        this.#failures = 0
        for (const message of answer.messages) this.#show(message)
        this.#report ??= setTimeout(() => this.#tellRead(), REPORT_EVERY)
        return
      case 'accepted': {
        const one = this.written.find(({ id }) => id === answer.id)
        if (one) one.accepted = true
        else this.complaints.push(`${this.name}: the hub accepted ${answer.id}, which was never written`)
        return this.#sendNext()
      }
      case 'refused':
        if (answer.refusal.code === 'request.tooMany') setTimeout(() => this.#sendNext(), 1_000)
        else this.complaints.push(`${this.name}: refused with ${answer.refusal.code}`)
        return
      case 'pong':
        this.#pongs += 1
        return
      case 'error':
      case 'older':
      case 'state':
    }
  }

  #show(message: PublicMessage): void {
    const before = this.shown.get(message.id)
    this.shown.set(message.id, message)
    if (before && JSON.stringify(before) !== JSON.stringify(message)) {
      this.complaints.push(`${this.name}: was shown ${JSON.stringify(before)}, later ${JSON.stringify(message)}`)
    }
  }

  #tellRead(): void {
    clearTimeout(this.#report)
    this.#report = undefined
    const upTo = this.#last
    if (upTo === 0) return
    this.#send({ type: 'got', upTo })
    this.#send({ type: 'seen', upTo })
  }

  #sendNext(): void {
    const [next] = this.#unsent
    if (next) this.#send({ type: 'send', id: next.id, content: { kind: 'text', text: next.text } })
  }

  #send(frame: PageFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }
}
