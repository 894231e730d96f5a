/**
 * What one kind of channel brings: how its platform calls us, what its events mean, and how messages leave. A platform is
 * one folder beside this file and one line in `platforms.ts`; what can be done on it is said in
 * `domain/channels/capabilities.ts`, where the rules and the composer ask.
 */
import type { z } from 'zod'
import type { AttachmentId, ChannelId, TeamId } from '../../domain/ids.ts'
import type { Failure } from '../../domain/channels/failures.ts'
import type { InboundContent } from '../../domain/messages/content.ts'
import type {
  Channel,
  ChannelKind,
  Contact,
  Conversation,
  Delivery,
  Message,
  Template,
  Time,
} from '../../domain/rows.ts'

export interface Platform {
  readonly kind: ChannelKind
  /** What an admin gives so that the hub can speak for the channel: fields by their names, all of them strings. */
  readonly account: z.ZodType<Account>
  /** Those fields that are never shown again. */
  readonly secrets: readonly string[]
  /** Those fields that the hub makes up at random when none is given: shown, to be given to the platform. */
  readonly madeUp?: readonly string[]
  /**
   * The platform for one channel. Called again whenever the account has changed; keeps nothing that has to survive that.
   */
  connect(place: ChannelPlace, account: Account, outside: Outside): Connection
}

/** Checked by the platform's own schema. */
export type Account = Readonly<Record<string, string>>

/** Which channel of which team. */
export type ChannelPlace = { teamId: TeamId; channelId: ChannelId }

/** What lies outside the hub. */
export type Outside = {
  /** Addresses other than the platform's own, for its fakes: by a name that the platform's folder defines. */
  addresses: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  clock: () => Time
}

/** A channel's platform, ready to be used. What is optional the platform does not have. */
export interface Connection {
  readonly webhook: Webhook | null
  /**
   * Sends one message, as the customer shall get it, once.
   * @throws {@link TryLater} when nothing was sent and it may work later, {@link Uncertain} when it may have been sent
   */
  send(outgoing: Outgoing): Promise<SendResult>
  /** The bytes of something a customer sent, by its `ref`. @throws TryLater */
  media?(ref: string): Promise<FetchedMedia>
  /** What a contact, or somebody in a group, is called; null when the platform does not tell. @throws TryLater */
  profile?(contact: Pick<Contact, 'kind' | 'externalId'>, of: string | null): Promise<{ name: string } | null>
  /** Whether the account works, one step after the other; the first that fails is the last. */
  check(webhookUrl: string): Promise<CheckStep[]>
  /** Every template, approved or not. @throws TryLater */
  templates?(): Promise<Template[]>
  /** Blocks or unblocks customers, each with its own answer. @throws TryLater */
  setBlocked?(externalIds: readonly string[], blocked: boolean): Promise<BlockResult[]>
  /** Gives customers a rich menu, or takes theirs away (null): up to 500 at a time. @throws TryLater */
  setRichMenu?(externalIds: readonly string[], richMenuId: string | null): Promise<void>
  /** What goes to a customer outside of any conversation (NTF-1). */
  readonly notices?: Notices
}

/** Notification messages, and how who they are for becomes known. */
export interface Notices {
  /**
   * Sends a text to somebody who is known on the platform.
   * @param key the same at every attempt; what is tried again within 24 hours of the first is sent once
   * @throws TryLater
   */
  toUser(externalId: string, text: string, key: string): Promise<SendResult>
  /**
   * Sends a text to whoever has a phone number.
   * @param phone E.164
   * @param tag by which the platform tells that it was delivered
   * @throws TryLater when nothing was sent, {@link Uncertain} when it may have been and must not be tried again
   */
  toPhone(phone: string, text: string, tag: string): Promise<SendResult>
  /** Null where the channel's account lacks what it needs. */
  readonly login: Login | null
}

/** How somebody proves to a page of ours who they are on the platform, and adds the account on the way (NTF-5). */
export interface Login {
  /** Where to send them. `state` comes back with them to `returnTo`. */
  address(asked: { returnTo: string; state: string; nonce: string }): string
  /**
   * Who came back with `code`; null when the platform does not vouch for them.
   * @throws TryLater
   */
  whoIs(came: { code: string; returnTo: string; nonce: string }): Promise<string | null>
}

/** How a platform calls us. Only a call that {@link isGenuine} is looked into. */
export interface Webhook {
  /** The answer to the platform's question whether the address is ours; null when the question is not genuine. */
  challenge?(query: URLSearchParams): string | null
  /** Whether the call is from the platform, by its signature over the raw body. */
  isGenuine(raw: Uint8Array, headers: Headers): boolean
  /** The events of a call, in their order. @throws when the body is not of the platform's shape */
  events(body: unknown): RawEvent[]
  /** What an event that was kept means. @throws when it is not of a known shape */
  parse(event: unknown): ChannelEvent[]
}

/** One event as it is kept until it is dealt with: a JSON value, and an id (at most 200 characters) by which repeats of it are known. */
export type RawEvent = { id: string; event: unknown }

/** Who a customer or group is, as the event tells; see `Source` in the domain. */
export type EventSource = { kind: 'person' | 'group'; externalId: string; name: string | null; phone: string | null }

/** What happened on the platform. */
export type ChannelEvent =
  | {
      type: 'message'
      source: EventSource
      /** Who of a group wrote, where the platform says. */
      from: string | null
      /** The platform's id of the message. */
      externalMessageId: string
      sentAt: Time | null
      content: InboundContent
      /** By which it can be answered once and soon, for free (LINE). */
      replyToken: string | null
    }
  | { type: 'follow'; source: EventSource; eventId: string; at: Time | null; replyToken: string | null }
  | { type: 'unfollow'; source: EventSource; eventId: string }
  | { type: 'unsend'; externalMessageId: string }
  /** How far a message of ours has come; `messageId` is what we gave the platform with it. */
  | { type: 'progress'; messageId: string; delivery: Delivery }
  /** A notification message was delivered (NTF-2): about nobody we may know. */
  | { type: 'notified'; tag: string }
  /** The account itself: null when it works (again). */
  | { type: 'health'; problem: Failure | null }
  /** Nothing that concerns us; `why` is for the log. */
  | { type: 'nothing'; why: string }

/** One message to a customer or group. */
export type Outgoing = ChannelPlace & {
  channel: Channel
  contact: Pick<Contact, 'kind' | 'externalId'>
  conversation: Pick<Conversation, 'id' | 'kind'>
  message: Pick<Message, 'id' | 'body'>
  /** The template that the message is made of, as it is now. */
  template: Template | null
  attempt: Attempt
  /** The file that the message shows. @throws when its bytes are gone */
  file(id: AttachmentId): Promise<{ name: string; mime: string; size: number; bytes: Uint8Array<ArrayBuffer> }>
  /** An address at which the platform finds the picture for a while: itself, or one of at most a megabyte. */
  pictureUrl(id: AttachmentId, variant: 'original' | 'preview'): string
}

/**
 * What is known of trying to send this message. An attempt is durable before anything is sent, so that after a crash it
 * is known that something may have been.
 */
export interface Attempt {
  /** One that was begun and of which no end is known; null when there is none. */
  readonly earlier: Begun | null
  /** Begins one, with the conversation's reply token where it has a fresh one. Not for a message with an earlier attempt. */
  begin(): Promise<Begun>
  /** Notes that the reply token did nothing, before the message goes another way. */
  dropReply(): Promise<void>
}

/** An attempt; `receivedAt` is when the event came that brought the token. */
export type Begun = { begunAt: Time; reply: { token: string; receivedAt: Time } | null }

export type SendResult = { ok: true } | { ok: false; code: Failure; platformCode: string | null }

/** Nothing came of this call, and it may work later: an attempt that it began is forgotten, an earlier one is not. */
export class TryLater extends Error {
  /** What to tell when it never works. */
  readonly code: Failure
  readonly platformCode: string | null
  /** How long nothing at all should be sent through the channel, in ms; 0 when the channel is not to blame. */
  readonly pause: number
  /** Something may have come of it, but trying again is safe: what is done once is not done twice. */
  readonly mayBeDone: boolean
  override name = 'TryLater'

  constructor(
    message: string,
    more: {
      code?: Failure
      platformCode?: string | null
      pause?: number
      mayBeDone?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: more.cause })
    this.code = more.code ?? 'channel.failed'
    this.platformCode = more.platformCode ?? null
    this.pause = more.pause ?? 0
    this.mayBeDone = more.mayBeDone ?? false
  }
}

/** The message may have been sent: the next attempt is told of this one. */
export class Uncertain extends Error {
  override name = 'Uncertain'
}

/** `type` is the platform's word for it; `name` null when it has none. */
export type FetchedMedia =
  | { state: 'here'; name: string | null; type: string; bytes: ReadableStream<Uint8Array> }
  /** The platform has it no more, or never had. */
  | { state: 'gone' }

/** `detail` is shown as it is: what the account is called, or the platform's own words for what is wrong. */
export type CheckStep = {
  step: 'token' | 'webhook' | 'subscription' | 'quota'
  ok: boolean
  code: Failure | null
  detail: string
}

export type BlockResult = { externalId: string; ok: boolean; platformCode: string | null }
