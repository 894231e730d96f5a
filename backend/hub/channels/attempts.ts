/** What is known of attempts to send: durable before anything leaves, forgotten when their end is known. */
import { sql } from 'kysely'
import type { ConversationId, MessageId, TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { HubDatabase } from '../core.ts'
import type { Attempt, Begun } from './platform.ts'

/** How long after it came, in ms, a reply token is used: LINE keeps its word on them for a minute. */
const FRESH_FOR = 40_000

export type Attempted = { teamId: TeamId; conversationId: ConversationId; messageId: MessageId }

/** What is known of sending this message. */
export async function openAttempt(db: HubDatabase, clock: () => Time, of: Attempted): Promise<Attempt> {
  const { teamId, conversationId, messageId } = of
  const known = await db
    .selectFrom('send_attempt')
    .select(['begun_at', 'reply_token', 'token_received_at'])
    .where('team_id', '=', teamId)
    .where('message_id', '=', messageId)
    .executeTakeFirst()
  return {
    earlier: known ? begunOf(known) : null,
    async begin() {
      if (known) throw new Error('a message is tried twice at once')
      const begunAt = clock()
      // The token is used up with it, so that no other message takes it too.
      const { rows } = await sql<Stored>`
        with taken as (
            delete from reply_token where team_id = ${teamId} and conversation_id = ${conversationId}
            returning token, received_at
          ),
          fresh as (select token, received_at from taken where received_at > ${begunAt - FRESH_FOR})
        insert into send_attempt (team_id, message_id, begun_at, reply_token, token_received_at)
        values (${teamId}, ${messageId}, ${begunAt}, (select token from fresh), (select received_at from fresh))
        returning begun_at, reply_token, token_received_at`.execute(db)
      const [begun] = rows
      if (!begun) throw new Error('an attempt was not kept')
      return begunOf(begun)
    },
    async dropReply() {
      await sql`
        update send_attempt set reply_token = null, token_received_at = null
        where team_id = ${teamId} and message_id = ${messageId}`.execute(db)
    },
  }
}

type Stored = { begun_at: Time; reply_token: string | null; token_received_at: Time | null }

function begunOf({ begun_at: begunAt, reply_token: token, token_received_at: receivedAt }: Stored): Begun {
  return { begunAt, reply: token !== null && receivedAt !== null ? { token, receivedAt } : null }
}

/** Forgets attempts from before this time of what is no message, such as greetings. @returns how many */
export async function tidyAttempts(db: HubDatabase, before: Time): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from send_attempt as a where a.begun_at < ${before} and not exists (
      select from message as m where m.team_id = a.team_id and m.id = a.message_id)`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** The end of the attempt is known, or nothing came of it. */
export async function closeAttempt(db: HubDatabase, { teamId, messageId }: Attempted): Promise<void> {
  await sql`delete from send_attempt where team_id = ${teamId} and message_id = ${messageId}`.execute(db)
}
