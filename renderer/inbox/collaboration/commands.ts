/** The commands of a collaboration as this window gives them, each with the system line that tells of it (COL-11). */
import { runCommand } from '../../api/command.ts'
import { newId } from '../../api/id.ts'
import type { ConversationId, MemberId } from '../../../backend/domain/ids.ts'
import type { CommandAnswer } from '../../../backend/workstation/views.ts'

/** Adds colleagues, or lets in who asked (COL-2, COL-3). */
export function addMembers(conversationId: ConversationId, memberIds: MemberId[]): Promise<CommandAnswer> {
  return runCommand('collaboration.add', { conversationId, messageId: newId(), memberIds })
}

export function removeMember(conversationId: ConversationId, memberId: MemberId): Promise<CommandAnswer> {
  return runCommand('collaboration.remove', { conversationId, messageId: newId(), memberId })
}

/** What the member does about themself (COL-3, COL-5, COL-6). */
export function changeOwnPart(
  change: 'join' | 'leave' | 'takeOver',
  conversationId: ConversationId,
): Promise<CommandAnswer> {
  return runCommand(`collaboration.${change}` as const, { conversationId, messageId: newId() })
}

/** Asks to be let in (COL-3). */
export function ask(conversationId: ConversationId): Promise<CommandAnswer> {
  return runCommand('collaboration.ask', { conversationId })
}

/** Answers an asking with no (COL-3). */
export function decline(conversationId: ConversationId, memberId: MemberId): Promise<CommandAnswer> {
  return runCommand('collaboration.decline', { conversationId, memberId })
}
