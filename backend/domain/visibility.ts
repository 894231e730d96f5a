/** Which conversations a member sees (ROL-1). The hub enforces it; no row out of sight reaches a device (ROL-2). */
import { refuse } from './refusal.ts'
import { get, reject } from './rule.ts'
import type { Rule } from './rule.ts'
import type { ConversationId, StoreId } from './ids.ts'
import type { Conversation, Member, Role } from './rows.ts'

/** How much a role sees. `pending`: what waits and what is theirs; `stores`: what is theirs and what their stores' members follow. */
export const SIGHT = {
  admin: 'all',
  supervisor: 'all',
  cs_manager: 'all',
  marketing_cs: 'all',
  cs_agent: 'pending',
  sales_manager: 'stores',
  salesperson: 'own',
  marketer: 'none',
} as const satisfies Record<Role, 'all' | 'pending' | 'stores' | 'own' | 'none'>

/** Whether the member follows the conversation or collaborates in it. */
export function isMine(conversation: Conversation, memberId: Member['id']): boolean {
  return conversation.followerId === memberId || conversation.collaboratorIds.includes(memberId)
}

/** Whether it waits for somebody to take it. */
export function isPending(conversation: Conversation): boolean {
  return conversation.status === 'pending_person' || conversation.status === 'pending_bot'
}

/**
 * Whether the member sees the conversation (ROL-1).
 * @param followerStoreIds the stores of its follower, empty when it has none
 */
export function maySee(conversation: Conversation, member: Member, followerStoreIds: readonly StoreId[]): boolean {
  if (!member.active) return false
  switch (SIGHT[member.role]) {
    case 'all':
      return true
    case 'pending':
      return isPending(conversation) || isMine(conversation, member.id)
    case 'stores':
      return isMine(conversation, member.id) || followerStoreIds.some((id) => member.storeIds.includes(id))
    case 'own':
      return isMine(conversation, member.id)
    case 'none':
      return false
  }
}

/** The conversation, when the member sees it; otherwise the answer is the same as for one that does not exist. */
export function* seen(conversationId: ConversationId, member: Member): Rule<Conversation> {
  const conversation = yield* get('conversation', conversationId)
  if (conversation) {
    const follower = conversation.followerId ? yield* get('member', conversation.followerId) : undefined
    if (maySee(conversation, member, follower?.storeIds ?? [])) return conversation
    // Who lost a race for it is told who has it (CNV-2): they saw it while it was pending.
    if (conversation.followerId && conversation.status === 'open' && SIGHT[member.role] === 'pending') {
      return yield* reject(
        refuse('conversation.takenBy', { follower: conversation.followerId }, { instead: 'ask-follower' }),
      )
    }
  }
  return yield* reject(refuse('conversation.notVisible', {}))
}
