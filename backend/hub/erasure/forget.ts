/**
 * What the hub has of a conversation beside its rows: files, and what came in and was not understood. Doing it again changes
 * nothing. The customer may have written again meanwhile, in a conversation with the same id: that is left alone.
 */
import { sql } from 'kysely'
import type { AttachmentId, ChannelId, ConversationId, TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { Attachments } from '../attachments/attachments.ts'
import { contactIdOf } from '../channels/ids.ts'
import type { HubDatabase } from '../core.ts'

export type Erased = { teamId: TeamId; channelId: ChannelId; conversationId: ConversationId; askedAt: Time }

/** How far, in ms, the clocks of two hubs may be apart. */
const APART = 5_000
/** The refusals that name a file. */
const NAMING_FILES = [
  'attachment.empty',
  'attachment.tooLarge',
  'attachment.type',
  'attachment.missing',
  'channel.fileKind',
]

export async function forgetConversation(
  { db, attachments }: { db: HubDatabase; attachments: Pick<Attachments, 'remove'> },
  of: Erased,
): Promise<void> {
  await forgetFiles(db, attachments, of)
  await forgetEvents(db, of)
  await forgetFileNames(db, of)
  const { teamId, conversationId, askedAt } = of
  await sql`
    delete from reply_token
    where team_id = ${teamId} and conversation_id = ${conversationId} and received_at <= ${askedAt}`.execute(db)
}

/** Files that no message shows (any more), with those that none ever showed. */
async function forgetFiles(db: HubDatabase, attachments: Pick<Attachments, 'remove'>, of: Erased): Promise<void> {
  const { teamId, conversationId, askedAt } = of
  const { rows } = await sql<{ id: AttachmentId }>`
    select a.id from attachment a
    where a.team_id = ${teamId} and a.conversation_id = ${conversationId} and a.created_at <= ${askedAt + APART}
      and not exists (
        select from message m where m.team_id = a.team_id and m.conversation_id = a.conversation_id
          and a.id in (m.data -> 'body' ->> 'attachmentId', m.data -> 'body' -> 'media' ->> 'attachmentId'))`.execute(
    db,
  )
  for (const { id } of rows) await attachments.remove(teamId, id)
}

/**
 * Events that nothing came of are kept with what they say, to be tried again. Those of this customer or group are known by the
 * platform's id for them, wherever it stands. One that was never tried yet is left: the customer is writing.
 */
async function forgetEvents(db: HubDatabase, of: Erased): Promise<void> {
  const { teamId, channelId, conversationId, askedAt } = of
  await sql`
    update inbound_event e set event = null, done_at = coalesce(e.done_at, ${askedAt}), failure = 'erased'
    from contact c
    where c.team_id = ${teamId} and c.id = ${contactIdOf(conversationId)} and c.channel_id = ${channelId}
      and e.team_id = ${teamId} and e.channel_id = ${channelId} and e.event is not null and e.received_at <= ${askedAt}
      and (e.done_at is not null or e.failure is not null) and strpos(e.event::text, c.external_id) > 0`.execute(db)
}

/** A refusal that its device has not heard yet names the file that it is about; the device knows it anyway. */
async function forgetFileNames(db: HubDatabase, { teamId, conversationId }: Erased): Promise<void> {
  await sql`
    update client_result r set refusal = jsonb_set(r.refusal::jsonb, '{params,name}', '""')::json
    from audit a
    where r.team_id = ${teamId} and r.refusal is not null and r.refusal -> 'params' ->> 'name' <> ''
      and a.team_id = r.team_id and a.client_id = r.client_id and a.seq = r.seq
      and a.subject_id = ${conversationId} and a.code = any(${NAMING_FILES}::text[])`.execute(db)
}
