/** One customer or group on a platform's side of a crash run: what they wrote, and what they were shown. */
import { sourceIds } from '../../../backend/hub/channels/ids.ts'
import type { ChannelId, ConversationId } from '../../../backend/domain/ids.ts'
import type { Delivery } from '../../../backend/domain/rows.ts'

/** What new customers are greeted with, on both channels. */
export const WELCOME = '歡迎光臨好日子'

/** A message of the shop that reached the customer, in the order in which they did. */
export type Shown = {
  text: string
  /** The furthest state that the platform has told the hub of; null where it tells of none. */
  told: Delivery | null
}

export interface Chat {
  readonly channelId: ChannelId
  /** As the platform calls them. */
  readonly externalId: string
  readonly conversationId: ConversationId
  /** Everything they wrote, in their order. */
  readonly written: readonly string[]
  /** Whether they may write now: on a platform that keeps no order, not before their last message got through. */
  isFree(): boolean
  /** Writes these, one after the other; the platform tells of all of them in one call. */
  write(texts: readonly string[]): void
  shown(): Shown[]
}

/** One platform with everybody on it. */
export interface Side {
  readonly name: 'LINE' | 'WhatsApp'
  readonly chats: readonly Chat[]
  /** How many messages of the shop it has carried out, and how many calls of its own the hub has taken. */
  carried(): number
  taken(): number
  /** Somebody new comes by. */
  newcomer(): void
  /** Something of what the hub asks of it goes wrong next. */
  upset(): void
  /** Nothing goes wrong any more. */
  calm(): void
  /** Tells the hub once more of some of what it has taken. */
  repeat(): void
  /** Resolves when the hub has taken everything there is to tell. */
  idle(): Promise<void>
  /** What no client of it should have asked. */
  invalid(): string[]
  figures(): Record<string, number>
  close(): Promise<void>
}

export function idsOf(channelId: ChannelId, externalId: string) {
  return { channelId, externalId, conversationId: sourceIds(channelId, externalId).conversationId }
}

/** How often each word occurs. */
export function counted(words: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
