/** Finding a colleague by what somebody types: name, email or phone. */
import type { Member } from '../../../backend/domain/rows.ts'

/** From so many digits on a number is looked for in phone numbers. */
const DIGITS_MIN = 3

function plain(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}
function digits(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '')
}

/** Whether a member's name, email or phone has what was typed, in whatever width and with whatever dashes; nothing fits all. */
export function fits(member: Pick<Member, 'name' | 'email' | 'phone'>, typed: string): boolean {
  const wanted = plain(typed.trim())
  const number = digits(typed)
  if (wanted === '' || plain(member.name).includes(wanted) || plain(member.email).includes(wanted)) return true
  return number.length >= DIGITS_MIN && digits(member.phone ?? '').includes(number)
}
