/** How LINE takes an account's messages: reply tokens, retry keys, the monthly quota, and who is reached in the end. */
import { newMessageId, newReplyToken, newToken } from './ids.ts'
import type { OutgoingMessage } from './message-schemas.ts'
import { FAILED_TO_SEND, invalidField, ok, refused } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Chat, People, User } from './people.ts'
import type { MulticastRequest, PnpRequest, PushRequest, ReplyRequest, SentMessage } from './schemas.ts'
import type { Shown, ShownMessage } from './shown.ts'
import type { z } from 'zod'

const REPLY_WITHIN = 60_000
const RETRY_KEY_FOR = 24 * 3_600_000
/** LINE's month ends with Japan's. */
const JAPAN = 9 * 3_600_000
const QUOTABLE = new Set(['text', 'textV2', 'sticker', 'image', 'video'])

export type Sent = { requestId: string; retryKey: string | null }

type Accepted = { at: number; requestId: string; sentMessages: SentMessage[] | null }
type Batch = Pick<ShownMessage, 'via' | 'retryKey'> & {
  messages: OutgoingMessage[]
  notificationDisabled?: boolean | undefined
}

export class Sending {
  /** null: as many as it likes. May be changed while it runs. */
  monthlyQuota: number | null
  readonly #people: People
  readonly #shown: Shown
  readonly #now: () => number
  readonly #replyTokens = new Map<string, { chatId: string; at: number }>()
  readonly #accepted = new Map<string, Accepted>()
  readonly #quoteTokens = new Set<string>()
  readonly #used = new Map<string, number>()

  constructor(parts: { people: People; shown: Shown; now: () => number; monthlyQuota: number | null }) {
    this.#people = parts.people
    this.#shown = parts.shown
    this.#now = parts.now
    this.monthlyQuota = parts.monthlyQuota
  }

  /** A token with which one event can be answered once, within a minute. */
  newReplyToken(chatId: string): string {
    const token = newReplyToken()
    this.#replyTokens.set(token, { chatId, at: this.#now() })
    return token
  }

  /** A token by which the account may quote a customer's message. */
  newQuoteToken(): string {
    const token = newToken()
    this.#quoteTokens.add(token)
    return token
  }

  /** How many messages were pushed in this month. */
  consumption(): number {
    return this.#used.get(this.#month()) ?? 0
  }

  /** As if so many had been pushed before. */
  consume(messages: number): void {
    this.#used.set(this.#month(), this.consumption() + messages)
  }

  reply({ replyToken, messages, notificationDisabled }: z.infer<typeof ReplyRequest>): Outcome {
    const wrongQuote = this.#wrongQuote(messages)
    if (wrongQuote) return wrongQuote
    const token = this.#replyTokens.get(replyToken)
    if (!token || this.#now() - token.at > REPLY_WITHIN) return refused(400, 'Invalid reply token')
    this.#replyTokens.delete(replyToken)
    const batch: Batch = { via: 'reply', retryKey: null, messages, notificationDisabled }
    return ok({ sentMessages: this.#deliver(token.chatId, batch) })
  }

  push(request: z.infer<typeof PushRequest>, sent: Sent): Outcome {
    const { to, messages, notificationDisabled } = request
    const before = this.#acceptedBefore(sent)
    if (before) return before
    const wrongQuote = this.#wrongQuote(messages)
    if (wrongQuote) return wrongQuote
    const receiver = this.#people.findUser(to) ?? this.#people.findChat(to)
    if (!receiver || ('members' in receiver && !receiver.hasAccount)) return refused(400, FAILED_TO_SEND)
    const overQuota = this.#charge(reachable(receiver))
    if (overQuota) return overQuota
    const { retryKey } = sent
    const sentMessages = this.#deliver(to, { via: 'push', retryKey, messages, notificationDisabled })
    this.#remember(sent, sentMessages)
    return ok({ sentMessages })
  }

  multicast({ to, messages, notificationDisabled }: z.infer<typeof MulticastRequest>, sent: Sent): Outcome {
    const before = this.#acceptedBefore(sent)
    if (before) return before
    const wrongQuote = this.#wrongQuote(messages)
    if (wrongQuote) return wrongQuote
    // LINE skips whom it does not know, and sends to each once.
    const users = [...new Set(to)].flatMap((id) => this.#people.findUser(id) ?? [])
    const overQuota = this.#charge(users.reduce((sum, user) => sum + reachable(user), 0))
    if (overQuota) return overQuota
    const { retryKey } = sent
    for (const { id } of users) this.#deliver(id, { via: 'multicast', retryKey, messages, notificationDisabled })
    this.#remember(sent, null)
    return ok()
  }

  /** @returns whether somebody got it; a notification message costs none of the quota */
  notify({ to, messages, notificationDisabled }: z.infer<typeof PnpRequest>): boolean {
    const user = this.#people
      .byPhoneHash(to)
      .find(({ friendship, takesNotifications }) => takesNotifications && friendship !== 'blocked')
    if (!user) return false
    this.#deliver(user.id, { via: 'pnp', retryKey: null, messages, notificationDisabled })
    return true
  }

  #deliver(chatId: string, { messages, via, retryKey, notificationDisabled = false }: Batch): SentMessage[] {
    return messages.map((message) => {
      const id = newMessageId()
      const quoteToken = QUOTABLE.has(message.type) ? this.newQuoteToken() : null
      if (this.#reaches(chatId, via)) {
        this.#shown.add({ id, chatId, at: this.#now(), via, retryKey, quoteToken, notificationDisabled, message })
      }
      return quoteToken === null ? { id } : { id, quoteToken }
    })
  }

  #reaches(chatId: string, via: ShownMessage['via']): boolean {
    const user = this.#people.findUser(chatId)
    if (!user) return this.#people.findChat(chatId)?.hasAccount ?? false
    // Who wrote without being a friend can be answered; a notification message is for those who are none.
    return via === 'reply' || via === 'pnp' ? user.friendship !== 'blocked' : user.friendship === 'friend'
  }

  /** Whatever the body is: a key stands for one request. */
  #acceptedBefore({ retryKey }: Sent): Outcome | null {
    const accepted = retryKey === null ? undefined : this.#accepted.get(retryKey.toLowerCase())
    if (!accepted || this.#now() - accepted.at >= RETRY_KEY_FOR) return null
    const { requestId, sentMessages } = accepted
    return {
      ...refused(409, 'The retry key is already accepted', sentMessages ? { sentMessages } : {}),
      headers: { 'x-line-accepted-request-id': requestId },
    }
  }

  #remember({ retryKey, requestId }: Sent, sentMessages: SentMessage[] | null): void {
    if (retryKey !== null) this.#accepted.set(retryKey.toLowerCase(), { at: this.#now(), requestId, sentMessages })
  }

  #charge(messages: number): Outcome | null {
    if (this.monthlyQuota !== null && this.consumption() + messages > this.monthlyQuota) {
      return refused(429, 'You have reached your monthly limit.')
    }
    this.consume(messages)
    return null
  }

  #wrongQuote(messages: OutgoingMessage[]): Outcome | null {
    const wrong = messages.findIndex(
      (message) => 'quoteToken' in message && message.quoteToken && !this.#quoteTokens.has(message.quoteToken),
    )
    return wrong < 0 ? null : invalidField(`messages[${wrong}].quoteToken`, 'invalid quote token')
  }

  #month(): string {
    return new Date(this.#now() + JAPAN).toISOString().slice(0, 7)
  }
}

/** How many people one push costs: LINE counts receivers, not message objects, and none who cannot get it. */
function reachable(receiver: User | Chat): number {
  if ('members' in receiver) return receiver.members.size
  return receiver.friendship === 'friend' ? 1 : 0
}
