/** Who may see and set up notification messages 通知型訊息: the hub and the interface ask the same functions (ROL-4). */
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { Member, Role } from '../rows.ts'

const READING: readonly Role[] = ['admin', 'supervisor', 'marketer']

type Asking = Pick<Member, 'role'>

/** See the statistics. */
export function mayReadNotifications({ role }: Asking): Verdict {
  return READING.includes(role) ? ALLOWED : refused(refuse('member.mayNot', {}, { whoCould: [...READING] }))
}

/** Make and revoke API keys, choose the channel and the SMS provider. */
export function mayManageNotifications({ role }: Asking): Verdict {
  return role === 'admin' ? ALLOWED : refused(refuse('member.mayNot', {}, { whoCould: ['admin'] }))
}
