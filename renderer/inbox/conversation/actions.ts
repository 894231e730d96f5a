/**
 * What a member can do with a conversation as a whole, and whether they may: asked of the very functions by which the
 * hub decides (ROL-4).
 */
import { mayClose, mayPin, mayReopen, mayTake, mayTransfer } from '../../../backend/domain/conversations/permissions.ts'
import { isMine } from '../../../backend/domain/visibility.ts'
import { ALLOWED } from '../../../backend/domain/refusal.ts'
import type { Verdict } from '../../../backend/domain/refusal.ts'
import type { ConversationId, MemberId } from '../../../backend/domain/ids.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'
import type { CommandAnswer } from '../../../backend/workstation/views.ts'
import { runCommand } from '../../api/command.ts'
import { newId } from '../../api/id.ts'

export const CONVERSATION_ACTIONS = ['take', 'transfer', 'close', 'reopen', 'pin'] as const
export type ConversationAction = (typeof CONVERSATION_ACTIONS)[number]

/** Whether `member` may do it now. Taking a pin away is always allowed. */
export function verdictOn(
  action: ConversationAction,
  conversation: Conversation,
  pinned: boolean,
  member: Member,
): Verdict {
  switch (action) {
    case 'take':
      return mayTake(conversation, member)
    case 'close':
      return mayClose(conversation, member)
    case 'reopen':
      return mayReopen(conversation, member)
    case 'transfer':
      return mayTransfer(conversation, member)
    case 'pin':
      return pinned ? ALLOWED : mayPin(conversation, member)
  }
}

/** The actions that make sense in this state; the others are not shown at all. Nobody takes what they follow. */
export function actionsFor(conversation: Conversation, member: Member): ConversationAction[] {
  if (conversation.status === 'closed') return ['reopen']
  const rest: ConversationAction[] = ['close', 'transfer', 'pin']
  return isMine(conversation, member.id) ? rest : ['take', ...rest]
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
