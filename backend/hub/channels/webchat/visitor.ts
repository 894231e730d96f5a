/**
 * Who writes in a web chat: a random id in a cookie that the hub signed for one channel. Without the hub's secret none
 * can be made up, and one of another channel opens nothing.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ContactId, ConversationId } from '../../../domain/ids.ts'
import type { ChannelId } from '../../../domain/ids.ts'
import type { Time } from '../../../domain/rows.ts'

/** How long a visitor is remembered since the cookie was last signed, in ms. */
export const VISITOR_LIFE = 365 * 24 * 60 * 60 * 1000
/** From which age on a cookie is signed anew, in ms, so that who comes back is never forgotten. */
const RENEW_AFTER = 30 * 24 * 60 * 60 * 1000
/** How far ahead of the hub's clock a signature may be, in ms: clocks of several hubs differ a little. */
const CLOCK_SLACK = 5 * 60 * 1000

/** A person on one web-chat channel; the ids are those of their contact and their first conversation, once they have written. */
export type Visitor = {
  id: string
  contactId: ContactId
  firstConversationId: ConversationId
  /** When the cookie was signed. */
  signedAt: Time
}

/** The cookie's name: one a channel, so that two shops on one hub do not forget each other's visitors. */
export function visitorCookieName(channelId: ChannelId): string {
  return `countertop_visitor_${channelId}`
}

export interface VisitorSigner {
  /** A visitor nobody has seen before. */
  create(now: Time): Visitor
  /** The cookie's value for the visitor, signed now. */
  sign(channelId: ChannelId, visitorId: string, now: Time): string
  /** Who the cookie is for; null when it is missing, forged, of another channel, or too old. */
  verify(channelId: ChannelId, value: string | undefined, now: Time): Visitor | null
  /** Whether it is time to sign the cookie anew. */
  isOld(visitor: Visitor, now: Time): boolean
}

/** @param secret the hub's; the same on every hub of a deployment, at least 16 bytes */
export function createVisitorSigner(secret: string | Uint8Array): VisitorSigner {
  if (secret.length < 16) throw new Error('the web-chat secret must have at least 16 bytes')
  const mac = (channelId: ChannelId, visitorId: string, signed: string): Buffer =>
    createHmac('sha256', secret).update(`webchat-visitor\n${channelId}\n${visitorId}\n${signed}`).digest()

  return {
    create: (now) => visitor(randomBytes(16).toString('base64url'), now),
    sign(channelId, visitorId, now) {
      const signed = now.toString(36)
      return `${visitorId}.${signed}.${mac(channelId, visitorId, signed).toString('base64url')}`
    },
    verify(channelId, value, now) {
      const parts = /^([A-Za-z0-9_-]{22})\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/.exec(value ?? '')
      const [, visitorId, signed, given] = parts ?? []
      if (visitorId === undefined || signed === undefined || given === undefined) return null
      if (!timingSafeEqual(mac(channelId, visitorId, signed), Buffer.from(given, 'base64url'))) return null
      const signedAt = Number.parseInt(signed, 36)
      if (signedAt > now + CLOCK_SLACK || signedAt + VISITOR_LIFE < now) return null
      return visitor(visitorId, signedAt)
    },
    isOld: ({ signedAt }, now) => signedAt + RENEW_AFTER < now,
  }
}

function visitor(id: string, signedAt: Time): Visitor {
  return {
    id,
    contactId: ContactId.parse(`webchat-${id}`),
    firstConversationId: ConversationId.parse(`webchat-${id}`),
    signedAt,
  }
}

/** What members call a visitor who has not said their name: the same four figures each time. */
export function visitorName({ id }: Pick<Visitor, 'id'>): string {
  let figures = 0
  for (const letter of id) figures = (figures * 31 + letter.charCodeAt(0)) % 10_000
  return `訪客 ${String(figures).padStart(4, '0')}`
}
