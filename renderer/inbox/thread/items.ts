/**
 * What the thread shows, from the messages it holds: day separators, the 「new」 line, bubbles grouped by who wrote them
 * and when, and which of ours tells its state.
 */
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Body } from '../../../backend/domain/rows.ts'
import type { Departing, RefusedMessage, ThreadMessage } from '../../../backend/workstation/views.ts'
import { messageState } from './message-state.ts'

/** Messages of one author this close together (milliseconds) share a group. */
export const GROUP_WITHIN = 3 * 60_000

export type MessageItem = {
  type: 'message'
  key: string
  message: ThreadMessage
  /** First and last of its group: where the author's name and the time stand. */
  first: boolean
  last: boolean
  /** Tells its delivery state. */
  tellsState: boolean
}
/** A message that leaves in a moment; it stands as it will when it has left, so that nothing moves then (REP-6). */
export type DepartingItem = {
  type: 'departing'
  key: string
  departing: Departing
  body: Body
  first: boolean
  /** The last of what leaves together: where it is taken back. */
  last: boolean
}
export type ThreadItem =
  | { type: 'top'; key: 'top' }
  | { type: 'day'; key: string; day: string; at: number }
  | { type: 'new'; key: 'new' }
  | MessageItem
  | { type: 'refused'; key: string; refused: RefusedMessage }
  | DepartingItem
  | { type: 'typing'; key: 'typing' }

export type ThreadInput = {
  /** Oldest first. */
  messages: readonly ThreadMessage[]
  refused: readonly RefusedMessage[]
  /** What leaves in a moment. */
  departing: readonly Departing[]
  /** Who is here: what departs is theirs. */
  me: MemberId | null
  customerTyping: boolean
  /** The first message that was unread when the visit began; null for none. */
  firstUnreadId: string | null
  /** The calendar day of a time, in the team's time zone; equal for equal days. */
  dayOf: (at: number) => string
}

/** Lays the thread out, oldest first. Keys stay the same for the same thing, so that the view keeps its place. */
export function threadItems(input: ThreadInput): ThreadItem[] {
  const { messages, refused, departing, me, customerTyping, firstUnreadId, dayOf } = input
  const items: ThreadItem[] = [{ type: 'top', key: 'top' }]
  // The state moves on to what departs when it has left.
  const lastOurs = departing.length > 0 ? null : messages.findLast((message) => messageState(message) !== null)
  let day = ''
  let previous: MessageItem | null = null
  for (const message of messages) {
    const thisDay = dayOf(message.at)
    if (thisDay !== day) {
      day = thisDay
      items.push({ type: 'day', key: `day-${day}-${message.id}`, day, at: message.at })
      previous = null
    }
    if (message.id === firstUnreadId) {
      items.push({ type: 'new', key: 'new' })
      previous = null
    }
    const joins: boolean = previous !== null && inOneGroup(previous.message, message)
    if (joins && previous) previous.last = false
    const state = messageState(message)
    const item: MessageItem = {
      type: 'message',
      key: message.id,
      message,
      first: !joins,
      last: true,
      tellsState: state === 'failed' || state === 'waiting' || (state !== null && message.id === lastOurs?.id),
    }
    items.push(item)
    previous = item
  }
  for (const entry of refused) items.push({ type: 'refused', key: `refused-${entry.queueId}`, refused: entry })
  const above = refused.length === 0 ? previous : null
  departing.forEach((one, nth) => {
    const joins = nth === 0 && above !== null && me !== null && joinsMine(above.message, me, one.leavesAt)
    if (joins && above) above.last = false
    items.push(...departingItems(one, joins))
  })
  if (customerTyping) items.push({ type: 'typing', key: 'typing' })
  return items
}

function departingItems(departing: Departing, joins: boolean): DepartingItem[] {
  return departing.messages.map((body, index, all) => ({
    type: 'departing',
    key: `departing-${departing.id}-${index}`,
    departing,
    body,
    first: index === 0 && !joins,
    last: index === all.length - 1,
  }))
}

function joinsMine({ author, body, at }: ThreadMessage, me: MemberId, then: number): boolean {
  if (body.kind === 'event' || body.kind === 'note' || then - at > GROUP_WITHIN) return false
  return author.type === 'member' && author.memberId === me
}

function inOneGroup(a: ThreadMessage, b: ThreadMessage): boolean {
  if (a.body.kind === 'event' || b.body.kind === 'event') return false
  if ((a.body.kind === 'note') !== (b.body.kind === 'note')) return false
  if (Math.abs(b.at - a.at) > GROUP_WITHIN) return false
  if (a.author.type === 'member' && b.author.type === 'member') return a.author.memberId === b.author.memberId
  if (a.author.type === 'customer' && b.author.type === 'customer') return a.author.from === b.author.from
  return a.author.type === b.author.type
}

/**
 * Where reading stopped: the first of the customer's `unread` newest messages, counted among those up to
 * `upTo` (the ordinal of the newest when the visit began). Null when nothing is unread, undefined when the place lies
 * further back than the messages at hand.
 */
export function firstUnread(
  messages: readonly ThreadMessage[],
  unread: number,
  upTo: number,
): string | null | undefined {
  if (unread <= 0) return null
  let left = unread
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index]
    if (!message || message.ordinal > upTo || message.author.type !== 'customer') continue
    left -= 1
    if (left === 0) return message.id
  }
  return undefined
}

/** The day separator above `index`: what stands still at the top while its messages scroll by. */
export function dayAbove(items: readonly ThreadItem[], index: number): { day: string; at: number } | null {
  for (let at = Math.min(index, items.length - 1); at >= 0; at -= 1) {
    const item = items[at]
    if (item?.type === 'day') return item
  }
  return null
}
