/** `/{phone-number-id}/block_users`: whom the business blocks, each user a result of their own. */
import type { WhatsAppAccount } from './account.ts'
import type { WhatsAppUser } from './customer.ts'
import { blockFault, graphError, statusOf } from './errors.ts'
import type { Refusal } from './errors.ts'
import { answer } from './graph.ts'
import type { GraphContext } from './graph.ts'
import { BlockAnswer, BlockedAnswer } from './schemas/answers.ts'
import { BlockRequest } from './schemas/requests.ts'

export function blockedUsers(c: GraphContext, account: WhatsAppAccount): Response {
  const data = account
    .users()
    .filter(({ isBlocked }) => isBlocked)
    .map((user) => ({ messaging_product: 'whatsapp', ...idsOf(user) }))
  return answer(c, BlockedAnswer, { data })
}

/** Blocks with `POST`, unblocks with `DELETE`: 200 when all went well, 400 with the same lists when some did not. */
export function blockUsers(c: GraphContext, account: WhatsAppAccount): Response {
  const { block_users } = BlockRequest.parse(c.get('call').body)
  const isBlocking = c.req.method === 'POST'
  const done: object[] = []
  const failed: object[] = []
  for (const named of block_users) {
    const input = 'user' in named ? named.user : named.user_id
    const user = account.user(input)
    const ids = user === null ? {} : idsOf(user)
    const fault = isBlocking ? unblockable(account, user) : unknown(user)
    if (fault === null && user !== null) {
      user.isBlocked = isBlocking
      done.push({ input, ...ids })
    } else if (fault !== null) {
      failed.push({ input, ...ids, errors: [blockFault(fault)] })
    }
  }
  const lists = {
    messaging_product: 'whatsapp',
    block_users: {
      ...(done.length > 0 && { [isBlocking ? 'added_users' : 'removed_users']: done }),
      ...(failed.length > 0 && { failed_users: failed }),
    },
  }
  if (failed.length === 0) return answer(c, BlockAnswer, lists)
  const refusal: Refusal = { code: 139100, details: 'Some users failed, see block_users for each.' }
  return answer(c, BlockAnswer, { ...lists, ...graphError(refusal) }, statusOf(refusal))
}

/** Only who wrote within a day can be blocked. */
function unblockable(account: WhatsAppAccount, user: WhatsAppUser | null): Refusal | null {
  if (user !== null && (user.isBlocked || account.isOpen(user))) return null
  return { code: 131047, details: 'The user has not written to this number in the last 24 hours.' }
}

function unknown(user: WhatsAppUser | null): Refusal | null {
  return user === null ? { code: 131026, details: 'The number is not a WhatsApp user.' } : null
}

function idsOf({ waId, userId }: WhatsAppUser) {
  return { ...(waId !== null && { wa_id: waId }), user_id: userId }
}
