/**
 * Blocks and unblocks WhatsApp customers (DEL-8). The platform takes only those who wrote within 24 hours, and answers for
 * each of a lot.
 *
 * https://developers.facebook.com/docs/whatsapp/cloud-api/block-users
 */
import { z } from 'zod'
import type { BlockResult } from '../platform.ts'
import { meaningOf } from './errors.ts'
import { tryLater } from './graph.ts'
import type { Answer, Graph } from './graph.ts'
import { recipientOf } from './send.ts'

const LOT = 100

const User = z.object({ input: z.string().optional(), wa_id: z.string().optional(), user_id: z.string().optional() })
const Users = z.array(User).default([])
const Failed = User.extend({ errors: z.array(z.object({ code: z.coerce.number().int() })).default([]) })
const Done = z.object({
  block_users: z.object({ added_users: Users, removed_users: Users, failed_users: z.array(Failed).default([]) }),
})

/** @throws TryLater; what was done before that is done, and may be asked for again */
export async function setBlocked(
  graph: Graph,
  phoneNumberId: string,
  externalIds: readonly string[],
  blocked: boolean,
): Promise<BlockResult[]> {
  const results: BlockResult[] = []
  for (let n = 0; n < externalIds.length; n += LOT) {
    const lot = externalIds.slice(n, n + LOT)
    const answer = await graph.call({
      method: blocked ? 'POST' : 'DELETE',
      path: `${phoneNumberId}/block_users`,
      body: { messaging_product: 'whatsapp', block_users: lot.map(userOf) },
    })
    results.push(...resultsOf(lot, answer))
  }
  return results
}

function userOf(externalId: string): { user: string } | { user_id: string } {
  const recipient = recipientOf(externalId)
  return 'to' in recipient ? { user: recipient.to } : { user_id: recipient.recipient }
}

function resultsOf(lot: readonly string[], answer: Answer): BlockResult[] {
  // Where some could not be blocked, the lists come with an error beside them.
  const done = Done.safeParse('body' in answer ? answer.body : null)
  if (!done.success) {
    if (answer.state !== 'refused' || meaningOf(answer.refusal.code).again || answer.refusal.is_transient === true) {
      throw answer.state === 'ok' ? tryLater({ state: 'odd', status: 200, pause: 0 }) : tryLater(answer)
    }
    const platformCode = String(answer.refusal.code)
    return lot.map((externalId) => ({ externalId, ok: false, platformCode }))
  }
  const { added_users, removed_users, failed_users } = done.data.block_users
  const changed = new Set([...added_users, ...removed_users].flatMap(idsOf))
  const failed = new Map(failed_users.flatMap((user) => idsOf(user).map((id) => [id, user.errors[0]?.code] as const)))
  return lot.map((externalId) => {
    if (changed.has(externalId)) return { externalId, ok: true, platformCode: null }
    const code = failed.get(externalId)
    return { externalId, ok: false, platformCode: code === undefined ? null : String(code) }
  })
}

/** Every id by which an answer may name somebody, without the plus that we sent. */
function idsOf({ input, wa_id, user_id }: z.infer<typeof User>): string[] {
  return [input?.replace(/^\+/, ''), wa_id, user_id].filter((id) => id !== undefined)
}
