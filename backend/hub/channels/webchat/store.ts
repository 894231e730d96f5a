/** What the web chat reads of the hub's rows, and how messages look to a customer. */
import { sql } from 'kysely'
import { conversationIdOf } from '../../../domain/conversations/conversation-id.ts'
import { isSuppressed } from '../../../domain/conversations/delete.ts'
import type { ChannelId, ConversationId, MemberId, MessageId, TeamId } from '../../../domain/ids.ts'
import type { Channel, Message } from '../../../domain/rows.ts'
import type { HubCore } from '../../core.ts'
import { parseRow } from '../../store/rows.ts'
import { findChannel } from '../find-channel.ts'
import type { PublicMessage } from './frames.ts'
import type { Visitor } from './visitor.ts'

/** A web-chat channel with its team. */
export type ChatPlace = { teamId: TeamId; teamName: string; channel: Channel }

/** How far back a delivery report looks for messages that it is about. */
const REPORTED_AT_MOST = 300

/** A visitor as the hub knows them now. */
export type Present = Visitor & {
  /** Of the present conversation, there or not yet. */
  conversationId: ConversationId
  /** How many conversations with them were deleted. */
  deletions: number
  /** Whether what they send reaches nobody (DEL-8). */
  isSuppressed: boolean
}

export interface ChatStore {
  /** Which conversation the visitor has now: another one after each that was deleted. */
  present(teamId: TeamId, visitor: Visitor): Promise<Present>

  /** The web-chat channel with this id; null when there is none, or it is of another kind. */
  place(channelId: ChannelId): Promise<ChatPlace | null>
  /** The first `limit` messages for the customer after an ordinal, oldest first. */
  after(teamId: TeamId, conversationId: ConversationId, ordinal: number, limit: number): Promise<Message[]>
  /** The last `limit` messages for the customer before an ordinal, oldest first. */
  before(
    teamId: TeamId,
    conversationId: ConversationId,
    ordinal: number,
    limit: number,
  ): Promise<{ messages: Message[]; hasOlder: boolean }>
  /** The team's messages up to an ordinal that have not come as far as `state`, of the newest 300. */
  notYet(
    teamId: TeamId,
    conversationId: ConversationId,
    upTo: number,
    state: 'delivered' | 'read',
  ): Promise<MessageId[]>
  /** Whether the customer was sent this file, or sent it. */
  shows(teamId: TeamId, conversationId: ConversationId, attachmentId: string): Promise<boolean>
  /** What the page shows of messages. `names` keeps the members' names between calls. */
  publicView(teamId: TeamId, messages: Message[], names: Map<string, string>): Promise<PublicMessage[]>
  memberName(teamId: TeamId, memberId: MemberId, names: Map<string, string>): Promise<string>
}

/** Whether a customer may see the message: never a note, never a system line (CNV-8). */
export function isForCustomer({ author, body }: Message): boolean {
  return author.type !== 'system' && body.kind !== 'note' && body.kind !== 'event'
}

export function createChatStore(core: Pick<HubCore, 'db' | 'row'>): ChatStore {
  const { db } = core
  const read = async (
    teamId: TeamId,
    conversationId: ConversationId,
    where: string,
    ordinal: number,
    limit: number,
  ) => {
    const { rows } = await sql<{ data: string }>`
      select data::text as data from message where team_id = ${teamId} and conversation_id = ${conversationId}
      and ordinal ${sql.raw(where === 'after' ? '>' : '<')} ${ordinal}
      order by ordinal ${sql.raw(where === 'after' ? 'asc' : 'desc')} limit ${limit}`.execute(db)
    return rows.map(({ data }) => parseRow('message', data))
  }

  /** Reads on until there are `limit` messages for the customer: what lies between may be long (notes, system lines). */
  const gather = async (teamId: TeamId, conversationId: ConversationId, where: string, from: number, limit: number) => {
    const found: Message[] = []
    for (let at = from; found.length < limit;) {
      const page = await read(teamId, conversationId, where, at, limit)
      found.push(...page.filter(isForCustomer))
      const last = page.at(-1)
      if (!last || page.length < limit) break
      at = last.ordinal
    }
    return found.slice(0, limit)
  }

  const memberName: ChatStore['memberName'] = async (teamId, memberId, names) => {
    const known = names.get(memberId)
    if (known !== undefined) return known
    const name = (await core.row(teamId, 'member', memberId))?.name ?? ''
    names.set(memberId, name)
    return name
  }

  return {
    async present(teamId, visitor) {
      const contact = await core.row(teamId, 'contact', visitor.contactId)
      return {
        ...visitor,
        conversationId: conversationIdOf(visitor.firstConversationId, contact),
        deletions: contact?.deletions ?? 0,
        isSuppressed: contact !== undefined && isSuppressed(contact),
      }
    },
    memberName,
    async place(channelId) {
      const found = await findChannel(db, channelId)
      const team = found && (await core.row(found.teamId, 'team', found.teamId))
      if (found?.channel.kind !== 'webchat' || !team) return null
      return { ...found, teamName: team.name }
    },
    after: (teamId, conversationId, ordinal, limit) => gather(teamId, conversationId, 'after', ordinal, limit),
    async before(teamId, conversationId, ordinal, limit) {
      const found = await gather(teamId, conversationId, 'before', ordinal, limit + 1)
      return { messages: found.slice(0, limit).reverse(), hasOlder: found.length > limit }
    },
    async notYet(teamId, conversationId, upTo, state) {
      const page = await read(teamId, conversationId, 'before', upTo + 1, REPORTED_AT_MOST)
      const before = state === 'read' ? ['sending', 'sent', 'failed', 'delivered'] : ['sending', 'sent', 'failed']
      return page.flatMap(({ id, delivery }) => (delivery && before.includes(delivery.state) ? [id] : [])).reverse()
    },
    async shows(teamId, conversationId, attachmentId) {
      const { rows } = await sql<{ data: string }>`
        select data::text as data from message where team_id = ${teamId} and conversation_id = ${conversationId}
        and data -> 'body' ->> 'attachmentId' = ${attachmentId} limit 10`.execute(db)
      return rows.some(({ data }) => isForCustomer(parseRow('message', data)))
    },
    async publicView(teamId, messages, names) {
      const shown: PublicMessage[] = []
      for (const message of messages) {
        const { id, ordinal, author, at } = message
        const content = contentOf(message)
        if (!content || author.type === 'system') continue
        const from =
          author.type === 'customer'
            ? { type: 'you' as const }
            : author.type === 'bot'
              ? { type: 'bot' as const }
              : { type: 'member' as const, name: await memberName(teamId, author.memberId, names) }
        shown.push({ id, ordinal, from, content, at })
      }
      return shown
    },
  }
}

function contentOf({ body }: Message): PublicMessage['content'] | null {
  switch (body.kind) {
    case 'text':
      return { kind: 'text', text: body.text }
    case 'image': {
      const { kind, attachmentId, name, size, width, height } = body
      return { kind, attachmentId, name, size, width, height }
    }
    case 'file': {
      const { kind, attachmentId, name, size } = body
      return { kind, attachmentId, name, size }
    }
    // On our own page there is nothing else to write or to show.
    case 'media':
    case 'sticker':
    case 'location':
    case 'template':
    case 'unsent':
    case 'other':
    case 'note':
    case 'event':
      return null
  }
}
