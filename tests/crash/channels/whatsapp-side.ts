/**
 * WhatsApp in a crash run: customers of one number, and a platform that stumbles, tells in any order, and reports how far
 * messages have come shuffled, twice, or leaving states out.
 */
import { ChannelId } from '../../../backend/domain/ids.ts'
import { DELIVERY_STATES } from '../../../backend/domain/rows.ts'
import type { Random } from '../../../backend/hub/demo/random.ts'
import { meaningOf } from '../../../backend/hub/channels/whatsapp/errors.ts'
import type { WhatsAppAccount } from '../../fakes/whatsapp/account.ts'
import type { WhatsAppUser } from '../../fakes/whatsapp/customer.ts'
import { graphError } from '../../fakes/whatsapp/errors.ts'
import { Webhook } from '../../fakes/whatsapp/schemas/webhooks.ts'
import type { SentMessage } from '../../fakes/whatsapp/sent.ts'
import { startWhatsApp } from '../../fakes/whatsapp/whatsapp.ts'
import type { WhatsAppFake } from '../../fakes/whatsapp/whatsapp.ts'
import { until } from '../../world/until.ts'
import { counted, idsOf } from './chat.ts'
import type { Chat, Shown, Side } from './chat.ts'
import { AGAIN_AFTER, callSummary, drawBreak, repeatSome } from './platform.ts'

export const WHATSAPP_CHANNEL = ChannelId.parse('whatsapp-channel')
/** What an admin gives the hub of the account. */
export const WHATSAPP_ACCOUNT = {
  phoneNumberId: '106540352242922',
  businessAccountId: '102290129340398',
  appSecret: 'whatsapp-secret',
  verifyToken: 'whatsapp-verify',
  accessToken: 'whatsapp-token',
}
const SENDS = /\/messages$/
/** ms until a status leaves after its message was accepted, at most: before its answer or after. */
const STATUS_LATE = 300
/** The platform never tells of what it did not carry out, so the hub has to wait for minutes; that is rare here. */
const UNDONE = 0.08

type Step = 'sent' | 'delivered' | 'read'

export class WhatsAppSide implements Side {
  readonly name = 'WhatsApp'
  readonly fake: WhatsAppFake
  readonly chats: Chat[] = []
  readonly #account: WhatsAppAccount
  readonly #random: Random
  readonly #newTexts: () => string
  /** The furthest state that was reported, by the platform's id of the message. */
  readonly #told = new Map<string, Step>()
  /** Customers' messages that the hub has taken. */
  readonly #takenIds = new Set<string>()
  #statusesDue = 0
  #calls = 0

  private constructor(fake: WhatsAppFake, account: WhatsAppAccount, random: Random, newTexts: () => string) {
    this.fake = fake
    this.#account = account
    this.#random = random
    this.#newTexts = newTexts
    fake.deliveries.on(({ status, body }) => {
      if (status !== 200) return
      this.#calls += 1
      for (const id of inboundIds(body)) this.#takenIds.add(id)
    })
    fake.on('changed', (sent) => {
      if (sent.state === 'accepted') this.#reportLater(sent)
    })
  }

  /**
   * @param webhook where the hub is called
   * @param newText gives what newcomers write
   */
  static async start(webhook: string, people: number, random: Random, newText: () => string): Promise<WhatsAppSide> {
    const fake = await startWhatsApp({
      deliveries: { retryAfterMs: 3 * AGAIN_AFTER, parallel: 4, duplicate: () => random.chance(0.15) },
    })
    fake.faults.latency = () => random.int(0, 40)
    const { businessAccountId, ...account } = WHATSAPP_ACCOUNT
    const added = fake.addAccount({
      ...account,
      wabaId: businessAccountId,
      displayPhoneNumber: '+886 2 2700 1234',
      verifiedName: '好日子',
      webhookUrl: webhook,
      // What is reported, and when, is drawn below.
      automatic: 'accepted',
      statusesBeforeAnswer: true,
    })
    const side = new WhatsAppSide(fake, added, random, newText)
    for (let n = 0; n < people; n++) side.#addPerson(`W${n}`)
    return side
  }

  carried(): number {
    return this.#account.sent.all().length
  }

  taken(): number {
    return this.#calls
  }

  newcomer(): void {
    this.#addPerson('New').write([this.#newTexts()])
  }

  upset(): void {
    const { fake } = this
    const kind = this.#random.int(0, 9)
    if (kind === 0) return this.#account.failNext({ code: 131026, details: 'undeliverable' })
    if (kind === 1) return this.#account.failNext({ code: 131026, details: 'undeliverable' }, { atOnce: true })
    if (kind === 2) {
      const body = graphError({ code: 131056, details: 'too fast' })
      return fake.faults.next({ path: SENDS }, { type: 'answer', status: 400, body, effect: 'none' })
    }
    if (kind === 3) {
      const body = graphError({ code: 131016, details: 'overloaded' })
      return fake.faults.next({ path: SENDS }, { type: 'answer', status: 500, body, effect: 'none' })
    }
    fake.faults.next({ path: SENDS }, drawBreak(this.#random, UNDONE))
  }

  calm(): void {
    this.fake.faults.clear()
    this.#account.upsets.length = 0
  }

  repeat(): void {
    repeatSome(this.fake.deliveries, this.#account.recipient(), this.#random)
  }

  async idle(): Promise<void> {
    await until('every status was reported', () => this.#statusesDue === 0)
    await this.fake.idle()
  }

  invalid(): string[] {
    return this.fake.calls.invalid().map(({ path, problems }) => `WhatsApp was asked ${path}: ${problems.join('; ')}`)
  }

  figures(): Record<string, number> {
    const states = counted(this.#account.sent.all().map(({ state }) => (state === 'failed' ? 'failed' : 'carried out')))
    return { ...states, ...callSummary(this.fake.calls, this.fake.deliveries, SENDS) }
  }

  close(): Promise<void> {
    return this.fake.close()
  }

  #addPerson(name: string): Chat {
    const user = this.#account.addUser({ name })
    const written: string[] = []
    let last: string | null = null
    const chat: Chat = {
      ...idsOf(WHATSAPP_CHANNEL, user.waId ?? user.userId),
      written,
      // The platform promises no order, so nobody writes on before what they wrote got through.
      isFree: () => last === null || this.#takenIds.has(last),
      write: (texts) => {
        written.push(...texts)
        const said = texts.map((text) => this.#account.prepare(user, { type: 'text', text }))
        last = said.at(-1)?.wamid ?? last
        this.#account.webhook([said.map(({ change }) => change)])
      },
      shown: () => this.#shownTo(user),
    }
    this.chats.push(chat)
    return chat
  }

  #shownTo(user: WhatsAppUser): Shown[] {
    return this.#account.sent.for(user).map(({ wamid, message, failure }) => ({
      text: message.type === 'text' ? message.text.body : message.type,
      told: failure
        ? { state: 'failed', code: meaningOf(failure.code).code, platformCode: String(failure.code) }
        : { state: this.#told.get(wamid) ?? 'sent' },
    }))
  }

  /** Reports at least one state, some of them, or all, in any order, some twice. */
  #reportLater({ wamid }: SentMessage): void {
    const random = this.#random
    const chosen = (['sent', 'delivered', 'read'] as const).filter(() => random.chance(0.6))
    const steps = chosen.length > 0 ? chosen : (['delivered'] as const)
    const order = [...steps, ...steps.filter(() => random.chance(0.3))].toSorted(() => random.int(-1, 1))
    for (const step of order) {
      this.#statusesDue += 1
      setTimeout(
        () => {
          this.#statusesDue -= 1
          if (this.#account.sent.get(wamid)?.state !== 'failed') this.#report(wamid, step)
        },
        random.int(0, STATUS_LATE),
      )
    }
  }

  #report(wamid: string, step: Step): void {
    const before = this.#told.get(wamid)
    if (!before || DELIVERY_STATES.indexOf(step) > DELIVERY_STATES.indexOf(before)) this.#told.set(wamid, step)
    this.#account.webhook([[this.#account.statusChange(wamid, step)]])
  }
}

function inboundIds(body: unknown): string[] {
  return Webhook.parse(body).entry.flatMap(({ changes }) =>
    changes.flatMap(({ value }) => ('messages' in value ? value.messages.map(({ id }) => id) : [])),
  )
}
