/**
 * What a kept event of WhatsApp means. A customer's message is never lost for a part of it that is missing or new: then it
 * shows as something that can be seen on the platform alone.
 *
 * https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components
 */
import { z } from 'zod'
import type { Failure } from '../../../domain/channels/failures.ts'
import type { Delivery } from '../../../domain/rows.ts'
import type { ChannelEvent, EventSource } from '../platform.ts'
import { meaningOf } from './errors.ts'
import { contentsOf } from './inbound.ts'

/** One event as it is kept: a message with whom the call told of, a status, or something about the account. */
export type KeptEvent =
  | { type: 'message'; message: unknown; contacts: unknown }
  | { type: 'status'; status: unknown }
  | { type: 'errors'; errors: unknown }
  | { type: 'account'; field: string; value: unknown }

/** Failures that concern the account and not one message. */
const ACCOUNT_FAILURES: ReadonlySet<Failure> = new Set(['channel.token', 'channel.restricted', 'channel.quota'])

const Contact = z.object({
  profile: z.object({ name: z.string().optional(), username: z.string().optional() }).default({}),
  wa_id: z.string().min(1).optional(),
  user_id: z.string().min(1).optional(),
})
type Contact = z.infer<typeof Contact>
const Message = z.looseObject({
  id: z.string().min(1),
  type: z.string().min(1),
  /** Seconds since 1970, as digits. */
  timestamp: z.coerce.number().int().positive().optional().catch(undefined),
  from: z.string().min(1).optional(),
  from_user_id: z.string().min(1).optional(),
  group_id: z.string().optional(),
})
type Message = z.infer<typeof Message>
const Errors = z.array(z.object({ code: z.int() }))
const Status = z.object({
  status: z.string(),
  biz_opaque_callback_data: z.string().min(1).optional(),
  errors: Errors.default([]),
})
const Kept = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), message: Message, contacts: z.array(Contact.catch({ profile: {} })) }),
  z.object({ type: z.literal('status'), status: Status }),
  z.object({ type: z.literal('errors'), errors: Errors }),
  z.object({ type: z.literal('account'), field: z.string(), value: z.unknown() }),
])

/** @throws when the event is none that this version keeps */
export function parseEvent(event: unknown): ChannelEvent[] {
  const kept = Kept.parse(event)
  switch (kept.type) {
    case 'message':
      return messageEvents(kept.message, kept.contacts)
    case 'status':
      return [progress(kept.status)]
    case 'errors': {
      const problem = kept.errors.map(({ code }) => meaningOf(code).code).find((code) => ACCOUNT_FAILURES.has(code))
      if (problem !== undefined) return [{ type: 'health', problem }]
      return [nothing(`errors: ${kept.errors.map(({ code }) => code).join(', ')}`)]
    }
    case 'account':
      return [accountEvent(kept.field, kept.value)]
  }
}

function nothing(why: string): ChannelEvent {
  return { type: 'nothing', why }
}

function messageEvents(message: Message, contacts: Contact[]): ChannelEvent[] {
  const { id, type } = message
  if (message.group_id !== undefined) return [nothing('a message in a group')]
  if (type === 'reaction' || type === 'request_welcome') return [nothing(type)]
  if (type === 'revoke') {
    const { revoke } = z.object({ revoke: z.object({ original_message_id: z.string().min(1) }) }).parse(message)
    const taken = revoke.original_message_id
    return [taken, captionOf(taken)].map((externalMessageId) => ({ type: 'unsend', externalMessageId }))
  }
  const source = sourceOf(message, contacts)
  const sentAt = message.timestamp === undefined ? null : message.timestamp * 1_000
  return contentsOf(type, message).map((content, n) => ({
    type: 'message',
    source,
    from: null,
    externalMessageId: n === 0 ? id : captionOf(id),
    sentAt,
    content,
    replyToken: null,
  }))
}

/** A picture and what is written under it are two messages with us. */
function captionOf(id: string): string {
  return `${id}~caption`
}

/** By phone number, as before there were names; by the id within the business for those who show only their name. */
function sourceOf({ from, from_user_id }: Message, contacts: Contact[]): EventSource {
  const contact =
    contacts.find(
      (one) =>
        (from !== undefined && one.wa_id === from) || (from_user_id !== undefined && one.user_id === from_user_id),
    ) ?? (contacts.length === 1 ? contacts[0] : undefined)
  const number = contact?.wa_id ?? from
  const externalId = number ?? contact?.user_id ?? from_user_id
  if (externalId === undefined) throw new Error('a message from nobody')
  const { name, username } = contact?.profile ?? {}
  return {
    kind: 'person',
    externalId,
    name: name || username || null,
    phone: number === undefined ? null : `+${number}`,
  }
}

function progress({ status, biz_opaque_callback_data: messageId, errors }: z.infer<typeof Status>): ChannelEvent {
  if (messageId === undefined) return nothing('a status of a message that is not ours')
  const delivery = deliveryOf(status, errors[0]?.code)
  return delivery ? { type: 'progress', messageId, delivery } : nothing(`status ${status.slice(0, 60)}`)
}

function deliveryOf(status: string, code: number | undefined): Delivery | null {
  switch (status) {
    case 'sent':
    case 'delivered':
    case 'read':
      return { state: status }
    case 'failed':
      return code === undefined
        ? { state: 'failed', code: 'channel.failed', platformCode: null }
        : { state: 'failed', code: meaningOf(code).code, platformCode: String(code) }
    default:
      return null
  }
}

const AccountUpdate = z.object({
  event: z.string(),
  ban_info: z.object({ waba_ban_state: z.string() }).optional(),
})

/** A suspended account says so; everything else about it (templates, quality, limits) changes no message. */
function accountEvent(field: string, value: unknown): ChannelEvent {
  const update = AccountUpdate.safeParse(value)
  if (field === 'account_update' && update.success) {
    const { event, ban_info: ban } = update.data
    if (ban?.waba_ban_state === 'REINSTATE') return { type: 'health', problem: null }
    const isClosed = ban?.waba_ban_state === 'DISABLE' || event === 'ACCOUNT_RESTRICTION' || event === 'ACCOUNT_DELETED'
    if (isClosed) return { type: 'health', problem: 'channel.restricted' }
  }
  return nothing(field.slice(0, 60))
}
