/**
 * What several hub processes over one database tell each other. A hub alone has no line.
 *
 * A carrier that cannot tell within a transaction does nothing in `tellIn`, tells of each commit after it, and calls the
 * listeners of `onMissed` now and then: what a crash swallows between the commit and the word nobody else would notice.
 */
import { z } from 'zod'
import { ConversationId, MemberId, TeamId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusal.ts'
import { Version } from '../../sync/protocol.ts'
import type { HubTransaction } from '../core.ts'

/** Ids, numbers and codes alone: what it is about is read from the database by whoever needs it. */
export const News = z.discriminatedUnion('type', [
  /** The team is at this version. */
  z.object({ type: z.literal('committed'), teamId: TeamId, version: Version }),
  /** These queues' sessions were ended by somebody else than their owner. */
  z.object({ type: z.literal('ended'), teamId: TeamId, clientIds: z.array(z.string()), refusal: Refusal }),
  /** The queue connected there, at this time by the database's clock (in seconds). */
  z.object({ type: z.literal('joined'), teamId: TeamId, clientId: z.string(), at: z.number() }),
  /** One connection's member looks at this conversation, or at none any more. `viewer` names the connection. */
  z.object({
    type: z.literal('viewing'),
    teamId: TeamId,
    viewer: z.string(),
    memberId: MemberId,
    conversationId: ConversationId.nullable(),
    typing: z.boolean(),
  }),
  z.object({
    type: z.literal('customerTyping'),
    teamId: TeamId,
    conversationId: ConversationId,
    typing: z.boolean(),
  }),
  /** Wants to be told again what is true of this team at the moment: who is connected, and who looks where. */
  z.object({ type: z.literal('asking'), teamId: TeamId }),
])
export type News = z.infer<typeof News>
export type NewsOf<T extends News['type']> = Extract<News, { type: T }>

export interface HubLine {
  /** Tells the other hubs exactly when, and only if, the transaction commits. */
  tellIn(trx: HubTransaction, news: News): Promise<void>
  /** Tells the other hubs soon; what is told while the line is broken is lost. */
  tell(news: News): void
  /** Calls `listener` with what other hubs tell, of each hub in its order; `hub` is another one after each start. */
  onNews(listener: (news: News, hub: string) => void): () => void
  /** Calls `listener` when something may have been missed and nothing more will be: look at everything. */
  onMissed(listener: () => void): () => void
  /** Calls `listener` when a hub has ended, or nothing was heard of it for too long. */
  onGone(listener: (hub: string) => void): () => void
}

/** How many queues one `ended` may name: a word has to fit into what every carrier carries. */
export const ENDED_AT_ONCE = 50

/** The words that say that these queues were ended. */
export function endedNews(teamId: TeamId, clientIds: readonly string[], refusal: Refusal): NewsOf<'ended'>[] {
  const count = Math.ceil(clientIds.length / ENDED_AT_ONCE)
  return Array.from({ length: count }, (_, at) => ({
    type: 'ended' as const,
    teamId,
    clientIds: clientIds.slice(at * ENDED_AT_ONCE, (at + 1) * ENDED_AT_ONCE),
    refusal,
  }))
}
