/**
 * What stands in the way of writing to a customer, asked of the very rules by which the hub decides (ROL-4, CNV-9), and
 * of what the platform has told of the contact.
 */
import { mayWriteNow } from '../../../backend/domain/channels/window.ts'
import { mayReply } from '../../../backend/domain/conversations/permissions.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'
import type { Channel, Contact, Conversation, Member, Time } from '../../../backend/domain/rows.ts'

export type Hindrance =
  | { type: 'refused'; refusal: Refusal }
  /** Nothing reaches the customer, or the group, since then. */
  | { type: 'blocked' | 'outOfGroup'; since: Time }

/** Who would write to whom, and when. */
export type Writing = {
  conversation: Conversation
  contact: Pick<Contact, 'kind' | 'platformBlockedAt'>
  /** Null while it is not known. */
  channel: Pick<Channel, 'kind'> | null
  member: Member
  moment: Moment
}

/** Why a message of this kind cannot be written now; null when it can. What the member can change comes first. */
export function hindrance(writing: Writing, content: 'template' | 'other'): Hindrance | null {
  const { conversation, contact, channel, member, moment } = writing
  const { now } = moment
  const reply = mayReply(conversation, member, moment)
  if (!reply.allowed) return { type: 'refused', refusal: reply.refusal }
  const since = contact.platformBlockedAt
  if (since !== null) return { type: contact.kind === 'group' ? 'outOfGroup' : 'blocked', since }
  const window = channel ? mayWriteNow(channel.kind, conversation, content, now) : null
  return window?.allowed === false ? { type: 'refused', refusal: window.refusal } : null
}
