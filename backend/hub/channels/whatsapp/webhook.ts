/**
 * How WhatsApp calls: the question whether the address is ours, the signature, and the single events of a call. What an
 * event means is in `parse.ts`.
 *
 * https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Time } from '../../../domain/rows.ts'
import type { RawEvent, Webhook } from '../platform.ts'
import { parseEvent } from './parse.ts'
import type { KeptEvent } from './parse.ts'

export type WebhookAccount = {
  phoneNumberId: string
  businessAccountId: string
  appSecret: string
  verifyToken: string
}

const EVENT_ID_MAX = 200
const DAY = 24 * 60 * 60 * 1_000

const list = z.array(z.looseObject({ id: z.string().min(1).optional() })).default([])
/** Loose: what is not known here belongs to another field, or to a newer version. */
const Value = z.looseObject({
  metadata: z.object({ phone_number_id: z.string() }).optional(),
  contacts: z.array(z.unknown()).default([]),
  messages: list,
  statuses: list,
  errors: z.array(z.unknown()).default([]),
})
const Call = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(
    z.object({
      id: z.string(),
      time: z.number().optional(),
      changes: z.array(z.object({ field: z.string(), value: z.unknown() })),
    }),
  ),
})

export function createWebhook(account: WebhookAccount, clock: () => Time): Webhook {
  return {
    challenge(query) {
      const challenge = query.get('hub.challenge') ?? ''
      const isQuestion = query.get('hub.mode') === 'subscribe' && /^[\w.-]{1,200}$/.test(challenge)
      return isQuestion && isSame(query.get('hub.verify_token') ?? '', account.verifyToken) ? challenge : null
    },
    isGenuine(raw, headers) {
      const [, given] = /^sha256=([0-9a-f]{64})$/.exec(headers.get('x-hub-signature-256') ?? '') ?? []
      if (given === undefined) return false
      return timingSafeEqual(createHmac('sha256', account.appSecret).update(raw).digest(), Buffer.from(given, 'hex'))
    },
    events: (body) =>
      Call.parse(body).entry.flatMap(({ id, time, changes }) =>
        changes.flatMap(({ field, value }) => {
          const about = { field, value, isOurAccount: id === account.businessAccountId }
          return eventsOf(about, account.phoneNumberId, time ?? Math.floor(clock() / DAY))
        }),
      ),
    parse: parseEvent,
  }
}

type Change = { field: string; value: unknown; isOurAccount: boolean }

/** @param time by which the same thing happening again is told from a repeat of the call */
function eventsOf({ field, value, isOurAccount }: Change, phoneNumberId: string, time: number): RawEvent[] {
  const keep = (id: string, event: KeptEvent): RawEvent => ({ id: cut(id), event })
  const number = z.looseObject({ metadata: z.object({ phone_number_id: z.string() }) }).safeParse(value)
  const isOurs = number.success ? number.data.metadata.phone_number_id === phoneNumberId : isOurAccount
  if (!isOurs) return []
  if (field !== 'messages') return [keep(`${field} ${hash([time, value])}`, { type: 'account', field, value })]

  const { contacts, messages, statuses, errors } = Value.parse(value)
  return [
    ...messages.map((message) => keep(message.id ?? hash(message), { type: 'message', message, contacts })),
    ...statuses.map((status) =>
      keep(`${status.id ?? hash(status)} ${String(status.status)}`, { type: 'status', status }),
    ),
    ...(errors.length > 0 ? [keep(`errors ${hash([time, errors])}`, { type: 'errors', errors })] : []),
  ]
}

function cut(id: string): string {
  return id.length <= EVENT_ID_MAX ? id : hash(id)
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}

/** Compares without telling by its time how much was right. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
