/** Who may receive a conversation, found by name, email or phone. */
import { mayReceive } from '../../../backend/domain/conversations/permissions.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'

function plain(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}
function digits(text: string): string {
  return text.replace(/\D/g, '')
}

/** The members who may receive the conversation and fit what was typed, in the order given. */
export function receivers(members: readonly Member[], conversation: Conversation, typed: string): Member[] {
  const wanted = plain(typed.trim())
  const number = digits(typed)
  return members.filter((member) => {
    if (!mayReceive(conversation, member).allowed) return false
    if (wanted === '' || plain(member.name).includes(wanted) || plain(member.email).includes(wanted)) return true
    return number.length >= 3 && digits(member.phone ?? '').includes(number)
  })
}
