/**
 * What a member can do with a conversation as a whole, and whether they may: asked of the very functions by which the
 * hub decides (ROL-4).
 */
import { mayAdd, mayAsk, mayJoin, mayLeave, mayTakeOver } from '../../../backend/domain/collaboration/permissions.ts'
import { mayClose, mayPin, mayReopen, mayTake, mayTransfer } from '../../../backend/domain/conversations/permissions.ts'
import { MANAGING, has } from '../../../backend/domain/conversations/roles.ts'
import { isMine } from '../../../backend/domain/visibility.ts'
import { ALLOWED } from '../../../backend/domain/refusal.ts'
import type { Verdict } from '../../../backend/domain/refusal.ts'
import type { ConversationId, MemberId } from '../../../backend/domain/ids.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'
import type { CommandAnswer } from '../../../backend/workstation/views.ts'
import { runCommand } from '../../api/command.ts'
import { newId } from '../../api/id.ts'
import { showsPeople } from '../collaboration/people.ts'

export const CONVERSATION_ACTIONS = [
  'take',
  'transfer',
  'close',
  'reopen',
  'pin',
  // Of a collaboration.
  'join',
  'ask',
  'add',
  'takeOver',
  'leave',
] as const
export type ConversationAction = (typeof CONVERSATION_ACTIONS)[number]

/** Whether `member` may do it now. Taking a pin away is always allowed. */
export function verdictOn(
  action: ConversationAction,
  conversation: Conversation,
  pinned: boolean,
  member: Member,
  moment: Moment,
): Verdict {
  switch (action) {
    case 'take':
      return mayTake(conversation, member)
    case 'close':
      return mayClose(conversation, member, moment)
    case 'reopen':
      return mayReopen(conversation, member, moment)
    case 'transfer':
      return mayTransfer(conversation, member, moment)
    case 'pin':
      return pinned ? ALLOWED : mayPin(conversation, member)
    case 'join':
      return mayJoin(conversation, member, moment)
    case 'ask':
      return mayAsk(conversation, member, moment)
    case 'add':
      return mayAdd(conversation, member, moment)
    case 'takeOver':
      return mayTakeOver(conversation, member, moment)
    case 'leave':
      return mayLeave(conversation, member, moment)
  }
}

/**
 * The actions that make sense in this state; the others are not shown at all. Nobody takes what they follow; where the
 * team collaborates (COL-1), nobody takes what another follows: they come in.
 */
export function actionsFor(conversation: Conversation, member: Member, moment: Moment): ConversationAction[] {
  const isShared = conversation.collaboratorIds.length > 0
  const own = isMine(conversation, member.id)
  const people = showsPeople(conversation, moment)
  const goes: ConversationAction[] = people && own && isShared ? ['leave'] : []
  if (conversation.status === 'closed') return ['reopen', ...goes]
  const rest: ConversationAction[] = ['close', 'transfer', 'pin']
  if (!people) return own ? rest : ['take', ...rest]
  if (!own) return [has(MANAGING, member) ? 'join' : 'ask', ...rest]
  const takesOver: ConversationAction[] = conversation.followerId === member.id ? [] : ['takeOver']
  return ['add', ...takesOver, ...rest, ...goes]
}

/** Take, close or reopen, with the system line that tells of it. */
export function changeState(
  action: 'take' | 'close' | 'reopen',
  conversationId: ConversationId,
): Promise<CommandAnswer> {
  return runCommand(`conversation.${action}` as const, { conversationId, messageId: newId() })
}

/** Hands the conversation to a colleague (CNV-6). */
export function transferTo(conversationId: ConversationId, toMemberId: MemberId): Promise<CommandAnswer> {
  return runCommand('conversation.transfer', { conversationId, toMemberId, messageId: newId() })
}

/** Puts the conversation at the top of this member's lists, or takes it from there. */
export function setPinned(conversationId: ConversationId, pinned: boolean): Promise<CommandAnswer> {
  return runCommand('conversation.pin', { conversationId, pinned })
}

/** The member has read the customer's first `readInbound` messages. */
export function markRead(conversationId: ConversationId, readInbound: number): Promise<CommandAnswer> {
  return runCommand('conversation.markRead', { conversationId, readInbound })
}
