/**
 * How LINE calls us: several events in one signed body, each with an id of its own that stays the same when LINE tells of
 * it again.
 *
 * https://developers.line.biz/en/reference/messaging-api/#webhooks
 */
import { createHash } from 'node:crypto'
import { validateSignature } from '@line/bot-sdk'
import { z } from 'zod'
import type { Webhook } from '../platform.ts'
import type { LineAccount } from './account.ts'
import { parseEvent } from './events.ts'

const Call = z.object({ events: z.array(z.record(z.string(), z.unknown())) })

const EventId = z.object({ webhookEventId: z.string().min(1).max(200) })

/** By which repeats of an event are known; of one that LINE gave no id, a hash of what never changes in it. */
function eventIdOf(event: Readonly<Record<string, unknown>>): string {
  const given = EventId.safeParse(event)
  if (given.success) return given.data.webhookEventId
  const { deliveryContext: _, ...same } = event
  return `sha256-${createHash('sha256').update(canonical(same)).digest('hex')}`
}

/** JSON with the fields of each object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

export function lineWebhook({ channelSecret }: Pick<LineAccount, 'channelSecret'>): Webhook {
  return {
    isGenuine(raw, headers) {
      const signature = headers.get('x-line-signature')
      return signature !== null && validateSignature(Buffer.from(raw), channelSecret, signature)
    },
    events: (body) => Call.parse(body).events.map((event) => ({ id: eventIdOf(event), event })),
    parse(event) {
      const fields = z.record(z.string(), z.unknown()).parse(event)
      return [parseEvent(fields, eventIdOf(fields))]
    },
  }
}
