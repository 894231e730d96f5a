/** The run of messages that a thread holds: pages joined at either end, without a gap and without a message twice. */
import type { MessagePage, ThreadMessage } from '../../../backend/workstation/views.ts'

/**
 * Joins the newest page to what is held. When history is being read so far back that the two do not touch, what is held
 * stays and only `hasNewer` tells of the rest.
 */
export function withNewest(held: MessagePage | null, page: MessagePage): MessagePage {
  if (held === null || held.messages.length === 0) return page
  const first = page.messages[0]
  if (first === undefined) return page
  const touches = first.ordinal <= lastOrdinal(held) + 1
  if (!touches) return { ...held, refused: page.refused, hasNewer: true }
  const older = without(held.messages, page.messages).filter((message) => message.ordinal < first.ordinal)
  if (older.length === 0) return page
  return { ...page, messages: [...older, ...page.messages], hasOlder: held.hasOlder, olderNeedsHub: held.olderNeedsHub }
}

/** Puts a page of older messages in front. */
export function withOlder(held: MessagePage, page: MessagePage): MessagePage {
  return {
    ...held,
    messages: [...without(page.messages, held.messages), ...held.messages],
    hasOlder: page.hasOlder,
    olderNeedsHub: page.olderNeedsHub,
  }
}

/** Puts a page of newer messages behind. */
export function withNewer(held: MessagePage, page: MessagePage): MessagePage {
  return {
    ...held,
    messages: [...without(held.messages, page.messages), ...page.messages],
    refused: page.refused,
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
