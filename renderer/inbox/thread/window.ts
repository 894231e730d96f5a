/**
 * The run of messages that a thread holds: pages joined at either end, without a gap and without a message twice. A run
 * that has grown long loses its other end, which is far out of view: it is asked for again by whoever turns back.
 */
import type { MessagePage, ThreadMessage } from '../../../backend/workstation/views.ts'

/** Most messages of a run that is being read: many screens at either side of what is in view. */
export const HELD_MOST = 600

/**
 * Joins the newest page to what is held. When history is being read so far back that the two do not touch, what is held
 * stays and only `hasNewer` tells of the rest.
 */
export function withNewest(held: MessagePage | null, page: MessagePage): MessagePage {
  if (held === null || held.messages.length === 0) return page
  const first = page.messages[0]
  if (first === undefined) return page
  const touches = first.ordinal <= lastOrdinal(held) + 1
  if (!touches) return { ...held, refused: page.refused, departing: page.departing, hasNewer: true }
  const older = without(held.messages, page.messages).filter((message) => message.ordinal < first.ordinal)
  if (older.length === 0) return page
  return { ...page, messages: [...older, ...page.messages], hasOlder: held.hasOlder, olderNeedsHub: held.olderNeedsHub }
}

/** Puts a page of older messages in front; what is then too much goes at the end. */
export function withOlder(held: MessagePage, page: MessagePage): MessagePage {
  const messages = [...without(page.messages, held.messages), ...held.messages]
  return {
    ...held,
    messages: messages.slice(0, HELD_MOST),
    hasOlder: page.hasOlder,
    olderNeedsHub: page.olderNeedsHub,
    hasNewer: held.hasNewer || messages.length > HELD_MOST,
  }
}

/** Puts a page of newer messages behind; what is then too much goes in front. */
export function withNewer(held: MessagePage, page: MessagePage): MessagePage {
  const messages = [...without(held.messages, page.messages), ...page.messages]
  const isCut = messages.length > HELD_MOST
  return {
    ...held,
    messages: messages.slice(-HELD_MOST),
    refused: page.refused,
    departing: page.departing,
    hasOlder: held.hasOlder || isCut,
    // What was cut off came from the device, or is on it now.
    olderNeedsHub: held.olderNeedsHub && !isCut,
    hasNewer: page.hasNewer,
  }
}

function without(messages: readonly ThreadMessage[], others: readonly ThreadMessage[]): ThreadMessage[] {
  const ids = new Set(others.map((message) => message.id))
  return messages.filter((message) => !ids.has(message.id))
}

function lastOrdinal(page: MessagePage): number {
  return page.messages.at(-1)?.ordinal ?? 0
}
