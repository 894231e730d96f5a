/**
 * One business phone number on the fake platform: its customers and what they do, what it sends them, and the webhooks
 * that tell of both.
 */
import { createHmac, randomBytes, randomInt } from 'node:crypto'
import type { Deliveries, Recipient } from '../platform/webhook.ts'
import { inboundMessage } from './customer.ts'
import type { CustomerMessage, InboundOptions, WhatsAppUser } from './customer.ts'
import { webhookFault } from './errors.ts'
import type { Refusal } from './errors.ts'
import type { MediaStore } from './media.ts'
import { Webhook } from './schemas/webhooks.ts'
import type { Change, InboundMessage, Status } from './schemas/webhooks.ts'
import { SentMessages, newWamid, seconds } from './sent.ts'
import type { SentMessage, StatusOrder, Step } from './sent.ts'
import type { Template } from './templates.ts'

/** How long after a customer's last message anything but a template may be sent, in ms. */
export const WINDOW = 24 * 60 * 60_000

export type AccountSettings = {
  phoneNumberId: string
  wabaId: string
  appSecret: string
  verifyToken: string
  accessToken: string
  /** As people write it: `+886 2 2700 1234`. */
  displayPhoneNumber: string
  verifiedName: string
  /** Asked for at each delivery when it is a function: the hub may come back somewhere else. */
  webhookUrl: string | (() => string)
  /** How far a message gets by itself; `delivered` when not given. */
  automatic?: Step
  statusOrder?: StatusOrder
  /** Reports each status twice. */
  duplicateStatuses?: boolean
  /** Lets statuses leave before the answer to the send, as happens on the platform; not before, when not given. */
  statusesBeforeAnswer?: boolean
  /** Refuses what is outside the window at once instead of accepting it and reporting a failure later. */
  windowAtOnce?: boolean
  /** Whether the app gets this account's webhooks from the start; true when not given. */
  isSubscribed?: boolean
  /** Sends a second, and to one customer within a time, before they are refused; unlimited when not given. */
  rate?: { perSecond?: number; perCustomer?: { messages: number; ms: number } }
  /** Where the fake really fetches media given by link: origins in place of public ones. */
  tunnel?: Record<string, string>
}

export type UserSettings = {
  name: string
  /** Digits; made up when not given. */
  waId?: string
  userId?: string
  username?: string
  /** They show the business only a username. */
  withoutPhone?: true
}

/** What a customer's message became. */
export type Inbound = {
  wamid: string
  message: InboundMessage
  /** False when the business has blocked them: then nobody is told. */
  isTold: boolean
}

export type ReadMark = { wamid: string; at: number; isTyping: boolean }

export type AccountParts = { now: () => number; deliveries: Deliveries; media: MediaStore }

export class WhatsAppAccount {
  readonly settings: AccountSettings
  readonly sent: SentMessages
  /** What the business marked as read, in order. */
  readonly readMarks: ReadMark[] = []
  isSubscribed: boolean
  /** Faults of the next sends, in order: refused at once, or accepted and failed later. */
  readonly upsets: { refusal: Refusal; atOnce: boolean }[] = []
  readonly #parts: AccountParts
  readonly #users: WhatsAppUser[] = []
  readonly #templates: Template[] = []
  readonly #inbound = new Map<string, WhatsAppUser>()

  constructor(settings: AccountSettings, parts: AccountParts) {
    this.settings = settings
    this.isSubscribed = settings.isSubscribed ?? true
    this.#parts = parts
    this.sent = new SentMessages(parts.now, settings.statusOrder ?? 'inOrder', (status, user) => {
      const change = this.#statusChange(status, user)
      for (let n = 0; n < (settings.duplicateStatuses ? 2 : 1); n += 1) this.webhook([[change]])
    })
  }

  /** The number in digits. */
  get number(): string {
    return this.settings.displayPhoneNumber.replaceAll(/\D/g, '')
  }

  /** @throws when there is one with that number or id */
  addUser({ name, waId, userId, username, withoutPhone }: UserSettings): WhatsAppUser {
    const user: WhatsAppUser = {
      waId: withoutPhone ? null : (waId ?? `8869${randomInt(10_000_000, 100_000_000)}`),
      userId: userId ?? `TW.${randomInt(10 ** 14, 2 ** 47)}${randomInt(1000, 10_000)}`,
      name,
      username: username ?? (withoutPhone ? `user.${randomBytes(4).toString('hex')}` : null),
      lastInboundAt: null,
      hasBlockedUs: false,
      isBlocked: false,
    }
    const id = user.waId ?? user.userId
    if (this.user(id) !== null || this.user(user.userId) !== null) throw new Error(`there is already a user ${id}`)
    this.#users.push(user)
    return user
  }

  users(): readonly WhatsAppUser[] {
    return this.#users
  }

  /** By phone number, with or without its plus, or business-scoped id; null when there is none. */
  user(id: string): WhatsAppUser | null {
    return (
      this.#users.find(({ waId, userId }) => userId === id || (waId !== null && waId === id.replace('+', ''))) ?? null
    )
  }

  /** @throws when there is one of that name and language */
  addTemplate(template: Omit<Template, 'id'> & { id?: string }): Template {
    if (this.#templates.some(({ name, language }) => name === template.name && language === template.language)) {
      throw new Error(`there is already a template ${template.name} in ${template.language}`)
    }
    const added = { id: String(randomInt(10 ** 14, 2 ** 47)), ...template }
    this.#templates.push(added)
    return added
  }

  templates(): readonly Template[] {
    return this.#templates
  }

  /** The customer writes. */
  send(user: WhatsAppUser, message: CustomerMessage, options: InboundOptions = {}): Inbound {
    const { change, ...inbound } = this.prepare(user, message, options)
    if (!user.isBlocked) this.webhook([[change]])
    return { ...inbound, isTold: !user.isBlocked }
  }

  /** The customer writes, but the webhook is left to the caller: see {@link webhook}. */
  prepare(user: WhatsAppUser, message: CustomerMessage, { quotes, isForwarded }: InboundOptions = {}) {
    const { now, media } = this.#parts
    const wamid = newWamid()
    const context =
      quotes === undefined
        ? isForwarded && { forwarded: true }
        : { from: this.sent.get(quotes) === null ? (user.waId ?? this.number) : this.number, id: quotes }
    const inbound = inboundMessage(
      message,
      {
        ...(user.waId !== null && { from: user.waId }),
        from_user_id: user.userId,
        id: wamid,
        timestamp: seconds(now()),
        ...(context && { context }),
      },
      this.number,
      (bytes, mimeType) => media.keep(this.settings.phoneNumberId, bytes, mimeType),
    )
    if (!user.isBlocked) user.lastInboundAt = now()
    this.#inbound.set(wamid, user)
    const change: Change = {
      field: 'messages',
      value: { ...this.#about(), contacts: [contactOf(user)], messages: [inbound] },
    }
    return { wamid, message: inbound, change }
  }

  /** A fault of the account itself, told by webhook. */
  fault(refusal: Refusal): void {
    this.webhook([[{ field: 'messages', value: { ...this.#about(), errors: [webhookFault(refusal)] } }]])
  }

  /**
   * Tells the business: one call with these entries, each of these changes. Nothing is told to an app that is not subscribed.
   * @throws when our own schema does not know the body
   */
  webhook(entries: readonly Change[][]): void {
    if (!this.isSubscribed) return
    const body = Webhook.parse({
      object: 'whatsapp_business_account',
      entry: entries.map((changes) => ({ id: this.settings.wabaId, changes })),
    })
    this.#parts.deliveries.send(this.recipient(), body)
  }

  /** Where its webhooks go, and how they are signed. */
  recipient(): Recipient {
    const { phoneNumberId, appSecret } = this.settings
    return {
      key: phoneNumberId,
      address: () => this.#webhookUrl(),
      sign: (raw) => ({ 'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}` }),
    }
  }

  /** Asks the webhook's address to prove that it knows the verify token; whether it did. */
  async challenge(verifyToken = this.settings.verifyToken): Promise<boolean> {
    const url = new URL(this.#webhookUrl())
    const challenge = String(randomInt(10 ** 9, 2 ** 31))
    url.searchParams.set('hub.mode', 'subscribe')
    url.searchParams.set('hub.challenge', challenge)
    url.searchParams.set('hub.verify_token', verifyToken)
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) })
    return answer.status === 200 && (await answer.text()) === challenge
  }

  /**
   * Every message accepted for a customer, in order; what failed is among it and says so.
   * @throws when there is no such customer
   */
  messagesFor(id: string): SentMessage[] {
    const user = this.user(id)
    if (user === null) throw new Error(`no user ${id}`)
    return this.sent.for(user)
  }

  /** The phone of the customer takes a message. */
  deliver(wamid: string): boolean {
    return this.sent.advance(wamid, 'delivered')
  }

  /** The customer reads a message. */
  read(wamid: string): boolean {
    return this.sent.advance(wamid, 'read')
  }

  /** Reports a status of a message as a change, for {@link webhook}; its state stays as it is. */
  statusChange(wamid: string, step: 'sent' | 'delivered' | 'read'): Change {
    const sent = this.sent.get(wamid)
    return this.#statusChange(this.sent.status(wamid, step), sent && this.user(sent.to))
  }

  /** The customer blocks the business: what is sent to them stays `sent`. */
  block(user: WhatsAppUser): void {
    user.hasBlockedUs = true
  }

  unblock(user: WhatsAppUser): void {
    user.hasBlockedUs = false
  }

  /** The next message is refused at once (`atOnce`), or accepted and reported as failed. */
  failNext(refusal: Refusal, { atOnce = false } = {}): void {
    this.upsets.push({ refusal, atOnce })
  }

  /** Moves the customer's last message back, as if so many ms had gone by for them alone. */
  passTime(user: WhatsAppUser, ms: number): void {
    if (user.lastInboundAt !== null) user.lastInboundAt -= ms
  }

  /** Whether anything but a template may be sent to them now. */
  isOpen({ lastInboundAt }: WhatsAppUser): boolean {
    return lastInboundAt !== null && this.#parts.now() - lastInboundAt < WINDOW
  }

  /** The platform loses a file: its id leads nowhere from now on. */
  forget(mediaId: string): void {
    this.#parts.media.forget(mediaId)
  }

  /** Whose message it is; null when no customer of this account sent it. */
  authorOf(wamid: string): WhatsAppUser | null {
    return this.#inbound.get(wamid) ?? null
  }

  #webhookUrl(): string {
    const { webhookUrl } = this.settings
    return typeof webhookUrl === 'string' ? webhookUrl : webhookUrl()
  }

  #about() {
    const metadata = { display_phone_number: this.number, phone_number_id: this.settings.phoneNumberId }
    return { messaging_product: 'whatsapp' as const, metadata }
  }

  #statusChange(status: Status, user: WhatsAppUser | null): Change {
    const contacts = user !== null && status.status !== 'failed' && { contacts: [contactOf(user)] }
    return { field: 'messages', value: { ...this.#about(), ...contacts, statuses: [status] } }
  }
}

function contactOf({ name, username, waId, userId }: WhatsAppUser) {
  return {
    profile: { name, ...(username !== null && { username }) },
    ...(waId !== null && { wa_id: waId }),
    user_id: userId,
  }
}
