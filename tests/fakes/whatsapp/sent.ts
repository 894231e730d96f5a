/**
 * The messages a business had accepted, as its customers see them, and the statuses the platform reports of them: what was
 * reached exactly once is decided here.
 */
import { randomBytes } from 'node:crypto'
import { webhookFault } from './errors.ts'
import type { Refusal } from './errors.ts'
import type { WhatsAppUser } from './customer.ts'
import type { Media } from './media.ts'
import type { SendRequest } from './schemas/requests.ts'
import type { Status } from './schemas/webhooks.ts'
import type { FilledTemplate } from './templates.ts'

export type SentState = 'accepted' | 'sent' | 'delivered' | 'read' | 'failed'

/** One message of the business to one customer. */
export type SentMessage = {
  wamid: string
  /** When it was accepted, in ms by the fake's clock. */
  at: number
  /** As the request named the customer. */
  to: string
  callbackData: string | null
  message: SendRequest
  /** What the phone shows of a template; null for anything else. */
  template: FilledTemplate | null
  /** What the phone shows of media; null when there is none, or it is somewhere the fake does not reach. */
  media: Pick<Media, 'bytes' | 'mimeType'> | null
  state: SentState
  /** Why it failed. */
  failure: Refusal | null
}

/** How the statuses of one message leave: as they happened, backwards, or only the last of those that are due. */
export type StatusOrder = 'inOrder' | 'shuffled' | 'skipping'

const STEPS = ['accepted', 'sent', 'delivered', 'read'] as const
export type Step = (typeof STEPS)[number]

const DAY = 24 * 60 * 60_000

export class SentMessages {
  readonly #messages = new Map<string, { sent: SentMessage; user: WhatsAppUser | null }>()
  readonly #listeners = new Set<(sent: SentMessage) => void>()
  readonly #now: () => number
  readonly #tell: (status: Status, user: WhatsAppUser | null) => void
  readonly #order: StatusOrder

  /** @param tell is given each status when it is due */
  constructor(now: () => number, order: StatusOrder, tell: (status: Status, user: WhatsAppUser | null) => void) {
    this.#now = now
    this.#order = order
    this.#tell = tell
  }

  /** @param user null when nobody has the number */
  add(sent: Omit<SentMessage, 'wamid' | 'at' | 'state' | 'failure'>, user: WhatsAppUser | null): SentMessage {
    const message: SentMessage = { wamid: newWamid(), at: this.#now(), ...sent, state: 'accepted', failure: null }
    this.#messages.set(message.wamid, { sent: message, user })
    this.#changed(message)
    return message
  }

  get(wamid: string): SentMessage | null {
    return this.#messages.get(wamid)?.sent ?? null
  }

  all(): SentMessage[] {
    return [...this.#messages.values()].map(({ sent }) => sent)
  }

  /** Every message accepted for a customer, in order; by its state it is on their phone, on its way, or failed. */
  for(user: WhatsAppUser): SentMessage[] {
    return [...this.#messages.values()].filter((one) => one.user === user).map(({ sent }) => sent)
  }

  /** Calls back when a message is accepted and each time its state changes. */
  on(listener: (sent: SentMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Brings a message to a step, reporting those between as the account is set to; one that is there already stays.
   * @returns whether it got there: nothing is delivered to whom the business is blocked by, nor after a failure
   * @throws when there is no such message
   */
  advance(wamid: string, to: Step): boolean {
    const { sent, user } = this.#find(wamid)
    if (sent.state === 'failed') return false
    const reachable = user?.hasBlockedUs === true && to !== 'accepted' ? 'sent' : to
    const due = STEPS.slice(STEPS.indexOf(sent.state) + 1, STEPS.indexOf(reachable) + 1)
    for (const step of due) {
      sent.state = step
      this.#changed(sent)
    }
    for (const step of this.#ordered(due)) this.#tell(this.#status(sent, user, step), user)
    return reachable === to
  }

  /** @throws when there is no such message */
  fail(wamid: string, failure: Refusal): void {
    const { sent, user } = this.#find(wamid)
    sent.state = 'failed'
    sent.failure = failure
    this.#changed(sent)
    this.#tell(this.#status(sent, user, 'failed'), user)
  }

  /** What the platform reports of a message; it is not sent by this. */
  status(wamid: string, step: Exclude<SentState, 'accepted'>): Status {
    const { sent, user } = this.#find(wamid)
    return this.#status(sent, user, step)
  }

  #find(wamid: string) {
    const found = this.#messages.get(wamid)
    if (found === undefined) throw new Error(`no message ${wamid}`)
    return found
  }

  #ordered(due: readonly Step[]): Step[] {
    switch (this.#order) {
      case 'inOrder':
        return [...due]
      // Backwards is the one order that is never right by chance.
      case 'shuffled':
        return due.toReversed()
      case 'skipping':
        return due.slice(-1)
    }
  }

  #status(sent: SentMessage, user: WhatsAppUser | null, step: Step | 'failed'): Status {
    if (step === 'accepted') throw new Error('no status says that a message was accepted')
    const now = this.#now()
    const number = user === null ? sent.to.replaceAll(/\D/g, '') : user.waId
    const category = sent.message.type === 'template' ? 'utility' : 'service'
    const isFree = category === 'service'
    return {
      id: sent.wamid,
      status: step,
      timestamp: seconds(now),
      ...(number !== null && { recipient_id: number }),
      ...(user !== null && { recipient_user_id: user.userId }),
      ...(sent.callbackData !== null && { biz_opaque_callback_data: sent.callbackData }),
      ...((step === 'sent' || step === 'delivered') && {
        conversation: {
          id: conversationOf(sent.to),
          ...(step === 'sent' && { expiration_timestamp: seconds(now + DAY) }),
          origin: { type: category },
        },
        pricing: {
          billable: !isFree,
          pricing_model: 'PMP',
          type: isFree ? 'free_customer_service' : 'regular',
          category,
        },
      }),
      ...(step === 'failed' && sent.failure !== null && { errors: [webhookFault(sent.failure)] }),
    }
  }

  #changed(sent: SentMessage): void {
    for (const listener of this.#listeners) listener(sent)
  }
}

/** A new message id. It has the signs that must be escaped in an address, as real ones do. */
export function newWamid(): string {
  return `wamid.${randomBytes(35).toString('base64')}`
}

/** A time in ms as webhooks give it. */
export function seconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}

function conversationOf(to: string): string {
  return Buffer.from(to).toString('hex').padEnd(32, '0').slice(0, 32)
}
