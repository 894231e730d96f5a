/** Which conversation a contact has: another one after each that was deleted, so that nothing of it can come back. */
import { ConversationId } from '../ids.ts'
import type { Contact } from '../rows.ts'

/**
 * The id of the contact's present conversation, there or not yet.
 * @param first the id that its first one has, which follows from who it is
 */
export function conversationIdOf(
  first: ConversationId,
  contact: Pick<Contact, 'deletions'> | undefined,
): ConversationId {
  const deletions = contact?.deletions ?? 0
  return deletions === 0 ? first : ConversationId.parse(`${first.slice(0, 56)}~${deletions}`)
}
