/**
 * One LINE Official Account of the fake: the people around it, what its customers do (each act is told to the account's
 * webhook), and what they see of it. Ids may be given instead of people and chats wherever one is asked for.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Deliveries, Recipient } from '../platform/webhook.ts'
import { Contents } from './contents.ts'
import { contentOf, envelope, sourceOf } from './events.ts'
import type { CustomerMessage } from './events.ts'
import { makeIdToken } from './id-token.ts'
import { newUserId } from './ids.ts'
import { LoginCodes } from './login-codes.ts'
import { People } from './people.ts'
import type { Chat, NewUser, User } from './people.ts'
import { fetchPicture, ORIGINAL_MAX, PREVIEW_MAX, throughTunnel } from './pictures.ts'
import type { Picture } from './pictures.ts'
import { RichMenus } from './rich-menus.ts'
import { Sending } from './sending.ts'
import { Shown } from './shown.ts'
import type { ShownMessage } from './shown.ts'
import { WebhookBody } from './webhook-schemas.ts'
import type { EventOf, WebhookEvent } from './webhook-schemas.ts'

export type LineAccountOptions = {
  channelId: string
  channelSecret: string
  accessToken: string
  /** As it is set in LINE's console; null when none is. */
  webhookUrl: string | null
  name: string
  /** `@` and what follows. */
  basicId: string
  /** The account's own user id. */
  userId?: string
  /** null, or not given: none. */
  monthlyQuota?: number | null
  loginChannelId?: string
  loginChannelSecret?: string
  /** Where public origins lead: `{ 'https://hub.example': 'http://127.0.0.1:3000' }`. */
  tunnel?: Record<string, string>
}

type In = { in?: Chat | string | undefined }

export class LineAccount {
  readonly channelId: string
  readonly channelSecret: string
  readonly name: string
  readonly basicId: string
  readonly userId: string
  readonly loginChannelId: string
  readonly loginChannelSecret: string
  readonly tunnel: Record<string, string>
  /** May be changed, as in LINE's console; null takes the account's access away. */
  accessToken: string | null
  webhookUrl: string | null
  /** Whether the console's switch 「Use webhook」 is on. */
  isWebhookActive = true
  /** Whether a notification message that was shown is told of by itself. */
  tellsPnpDelivered = true
  readonly people = new People()
  readonly contents = new Contents()
  readonly loginCodes = new LoginCodes()
  readonly menus: RichMenus
  readonly sending: Sending
  readonly shown = new Shown()
  /** ms, by the fake's clock. */
  readonly now: () => number
  readonly #deliveries: Deliveries
  readonly #readTokens = new Map<string, string>()
  readonly #read = new Set<string>()
  #together: WebhookEvent[] | null = null

  constructor(options: LineAccountOptions, { deliveries, now }: { deliveries: Deliveries; now: () => number }) {
    this.channelId = options.channelId
    this.channelSecret = options.channelSecret
    this.accessToken = options.accessToken
    this.webhookUrl = options.webhookUrl
    this.name = options.name
    this.basicId = options.basicId
    this.userId = options.userId ?? newUserId()
    this.loginChannelId = options.loginChannelId ?? `${options.channelId}1`
    this.loginChannelSecret = options.loginChannelSecret ?? randomBytes(16).toString('hex')
    this.tunnel = options.tunnel ?? {}
    this.#deliveries = deliveries
    this.now = now
    this.menus = new RichMenus(this.people)
    const { people, shown } = this
    this.sending = new Sending({ people, shown, now, monthlyQuota: options.monthlyQuota ?? null })
  }

  // — people —

  addUser(user?: NewUser): User {
    return this.people.addUser(user)
  }

  /** A group the account is in. */
  addGroup({ members, ...group }: { id?: string; name: string; members: Iterable<User | string> }): Chat {
    return this.people.addChat('group', { ...group, members: this.#usersOf(members) })
  }

  /** A multi-person chat the account is in. */
  addRoom({ members, ...room }: { id?: string; members: Iterable<User | string> }): Chat {
    return this.people.addChat('room', { ...room, members: this.#usersOf(members) })
  }

  addRichMenu(name: string, id?: string): string {
    return this.menus.add(name, id).richMenuId
  }

  // — what customers do —

  /**
   * A customer writes, to the account or in a chat.
   * @throws when they have blocked the account and write to it, or are not in that chat
   */
  send(
    user: User | string,
    message: CustomerMessage,
    { in: where, anonymous = false, quotes }: In & { anonymous?: boolean; quotes?: string } = {},
  ): EventOf<'message'> {
    const who = this.people.user(user)
    const chat = where === undefined ? null : this.people.chat(where)
    if (!chat && who.friendship === 'blocked') throw new Error(`${who.name} has blocked the account`)
    if (chat && !chat.members.has(who)) throw new Error(`${who.name} is not in that chat`)
    const { content, kept } = contentOf(message, {
      quotes,
      newQuoteToken: () => this.sending.newQuoteToken(),
      account: this.userId,
    })
    if (kept) this.contents.keep(content.id, kept)
    if (content.markAsReadToken) this.#readTokens.set(content.markAsReadToken, content.id)
    return this.#tell({
      type: 'message',
      ...envelope(this.now()),
      source: sourceOf(anonymous ? null : who, chat),
      replyToken: this.sending.newReplyToken((chat ?? who).id),
      message: content,
    })
  }

  /** A customer takes a message back; LINE then has its content no more. */
  unsend(user: User | string, messageId: string, where?: Chat | string): EventOf<'unsend'> {
    this.contents.forget(messageId)
    const chat = where === undefined ? null : this.people.chat(where)
    const source = sourceOf(this.people.user(user), chat)
    return this.#tell({ type: 'unsend', ...envelope(this.now()), source, unsend: { messageId } })
  }

  /** A customer becomes a friend; by itself it is an unblocking when they had blocked the account. */
  follow(user: User | string, { isUnblocked }: { isUnblocked?: boolean } = {}): EventOf<'follow'> {
    const who = this.people.user(user)
    const follow = { isUnblocked: isUnblocked ?? who.friendship === 'blocked' }
    who.friendship = 'friend'
    return this.#tell({ type: 'follow', ...this.#answerable(who, null), follow })
  }

  /** A customer blocks the account. */
  unfollow(user: User | string): EventOf<'unfollow'> {
    const who = this.people.user(user)
    who.friendship = 'blocked'
    return this.#tell({ type: 'unfollow', ...envelope(this.now()), source: sourceOf(who, null) })
  }

  /** The account is taken into a chat. */
  join(where: Chat | string): EventOf<'join'> {
    const chat = this.people.chat(where)
    chat.hasAccount = true
    return this.#tell({ type: 'join', ...this.#answerable(null, chat) })
  }

  /** The account is put out of a chat. */
  leave(where: Chat | string): EventOf<'leave'> {
    const chat = this.people.chat(where)
    chat.hasAccount = false
    return this.#tell({ type: 'leave', ...envelope(this.now()), source: sourceOf(null, chat) })
  }

  memberJoined(where: Chat | string, ...users: (User | string)[]): EventOf<'memberJoined'> {
    const chat = this.people.chat(where)
    const members = this.#usersOf(users)
    for (const member of members) chat.members.add(member)
    return this.#tell({ type: 'memberJoined', ...this.#answerable(null, chat), joined: listed(members) })
  }

  memberLeft(where: Chat | string, ...users: (User | string)[]): EventOf<'memberLeft'> {
    const chat = this.people.chat(where)
    const members = this.#usersOf(users)
    for (const member of members) chat.members.delete(member)
    const source = sourceOf(null, chat)
    return this.#tell({ type: 'memberLeft', ...envelope(this.now()), source, left: listed(members) })
  }

  /** A customer presses a button of a message or of the rich menu. */
  postback(
    user: User | string,
    data: string,
    { in: where, params }: In & { params?: Record<string, string> } = {},
  ): EventOf<'postback'> {
    const chat = where === undefined ? null : this.people.chat(where)
    return this.#tell({
      type: 'postback',
      ...this.#answerable(this.people.user(user), chat),
      postback: params ? { data, params } : { data },
    })
  }

  /** An event of a kind nobody knows yet. */
  unknownEvent(type: string, fields: Record<string, unknown> = {}): WebhookEvent {
    return this.#tell({ type, ...envelope(this.now()), ...fields })
  }

  /** LINE tells that a notification message was delivered, without saying to whom. */
  pnpDelivered(tag: string): EventOf<'delivery'> {
    return this.#tell({ type: 'delivery', ...envelope(this.now()), delivery: { data: tag } })
  }

  /** Posts these events in one call, as they are. */
  webhook(events: readonly WebhookEvent[]): void {
    if (this.#together) this.#together.push(...events)
    else if (this.webhookUrl !== null && this.isWebhookActive) {
      this.#deliveries.send(this.recipient(), WebhookBody.parse({ destination: this.userId, events }))
    }
  }

  /** Posts in one call whatever happens in `acts`. */
  together(acts: () => void): void {
    if (this.#together) throw new Error('already together')
    const events: WebhookEvent[] = []
    this.#together = events
    try {
      acts()
    } finally {
      this.#together = null
    }
    this.webhook(events)
  }

  /** The content of a message is no longer kept. */
  forget(messageId: string): void {
    this.contents.forget(messageId)
  }

  /** The content of a video or a sound can be had from now on. */
  transcoded(messageId: string, result: 'succeeded' | 'failed' = 'succeeded'): void {
    this.contents.setTranscoding(messageId, result)
  }

  // — what customers see —

  /** Every message of the account that a user, or a chat, was shown, in order. */
  messagesFor(chat: User | Chat | string): readonly ShownMessage[] {
    return this.shown.inChat(typeof chat === 'string' ? chat : chat.id)
  }

  /** @returns ends it */
  on(_event: 'shown', listener: (shown: ShownMessage) => void): () => void {
    return this.shown.on(listener)
  }

  /** Whether the customer sees that a message of theirs was read. */
  isRead(messageId: string): boolean {
    return this.#read.has(messageId)
  }

  /** @returns whether the token was one of the account's */
  markAsRead(token: string): boolean {
    const messageId = this.#readTokens.get(token)
    if (messageId !== undefined) this.#read.add(messageId)
    return messageId !== undefined
  }

  /** Fetches the picture of a message the account sent, as the customer's phone would. */
  fetchPicture(url: string, kind: 'original' | 'preview' = 'original'): Promise<Picture> {
    return fetchPicture(url, { tunnel: this.tunnel, max: kind === 'original' ? ORIGINAL_MAX : PREVIEW_MAX })
  }

  /** What a page of LINE Login gets about a user. */
  idToken(user: User | string, { expired = false, nonce }: { expired?: boolean; nonce?: string } = {}): string {
    const { id, name, pictureUrl } = this.people.user(user)
    const iat = Math.floor(this.now() / 1_000) - (expired ? 7_200 : 0)
    const claims = {
      iss: 'https://access.line.me' as const,
      sub: id,
      aud: this.loginChannelId,
      exp: iat + 3_600,
      iat,
      ...(nonce === undefined ? {} : { nonce }),
      amr: ['linesso'],
      name,
      ...(pictureUrl === null ? {} : { picture: pictureUrl }),
    }
    return makeIdToken(claims, this.loginChannelSecret)
  }

  /**
   * A user agrees on the page of LINE Login that an address of ours sent them to, and adds the account there too unless they
   * take the tick away.
   * @returns the address that LINE sends them back to
   * @throws when LINE would show an error instead of that page
   */
  logIn(user: User | string, address: string, { addsFriend = true }: { addsFriend?: boolean } = {}): string {
    const url = new URL(address)
    const asked = (name: string) => {
      const value = url.searchParams.get(name)
      if (!value) throw new Error(`LINE Login wants ${name}`)
      return value
    }
    if (url.pathname !== '/oauth2/v2.1/authorize') throw new Error(`LINE Login is not at ${url.pathname}`)
    if (asked('response_type') !== 'code') throw new Error('LINE Login knows no other response_type')
    if (asked('client_id') !== this.loginChannelId) throw new Error('there is no such login channel')
    if (!asked('scope').split(' ').includes('openid')) throw new Error('there is no ID token without openid')
    const back = new URL(asked('redirect_uri'))
    const nonce = url.searchParams.get('nonce')
    const idToken = this.idToken(user, nonce ? { nonce } : {})
    back.searchParams.set('code', this.loginCodes.add(idToken, asked('redirect_uri'), this.now()))
    back.searchParams.set('state', asked('state'))
    if (url.searchParams.get('bot_prompt') && addsFriend && this.people.user(user).friendship !== 'friend') {
      this.follow(user)
      back.searchParams.set('friendship_status_changed', 'true')
    }
    return back.href
  }

  /** Who takes this account's webhooks, at the address set now or at another. */
  recipient(url: string | null = null): Recipient {
    return {
      key: this.channelId,
      address: () => throughTunnel(url ?? this.webhookUrl ?? 'https://nowhere.invalid', this.tunnel),
      sign: (raw) => ({
        'x-line-signature': createHmac('sha256', this.channelSecret).update(raw).digest('base64'),
        'user-agent': 'LineBotWebhook/2.0',
      }),
    }
  }

  #answerable(user: User | null, chat: Chat | null) {
    const source = sourceOf(user, chat)
    const replyToken = this.sending.newReplyToken(chat?.id ?? user?.id ?? '')
    return { ...envelope(this.now()), source, replyToken }
  }

  #tell<Event extends WebhookEvent>(event: Event): Event {
    this.webhook([event])
    return event
  }

  #usersOf(users: Iterable<User | string>): User[] {
    return [...users].map((user) => this.people.user(user))
  }
}

const listed = (members: readonly User[]) => ({
  members: members.map(({ id }) => ({ type: 'user' as const, userId: id })),
})
