/** Unread counts (CNV-7): derived, so that one reply clears everyone's without writing a row for each member. */
import type { Conversation, Mark } from './rows.ts'

/** How many of the customer's messages the owner of `mark` has not read. */
export function unreadCount(conversation: Conversation, mark: Mark | null | undefined): number {
  return Math.max(0, conversation.inboundCount - Math.max(conversation.clearedInbound, mark?.readInbound ?? 0))
}
