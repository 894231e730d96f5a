/**
 * What LINE's refusals mean for a person.
 *
 * https://developers.line.biz/en/reference/messaging-api/#status-codes and #error-messages
 */
import type { Failure } from '../../../domain/channels/failures.ts'
import { TryLater } from '../platform.ts'
import type { SendResult } from '../platform.ts'
import type { End, Refused } from './client.ts'

/** How long a channel rests when LINE slows it down, in ms. */
const PAUSE = { least: 1_000, most: 5_000 }

/** The receiver blocked the account, is none of its friends, or is a group that it is not in. */
const NOT_WITH_US = /failed to send messages|(n't|not) (a friend|added)|blocked|not a member/i
const MONTH_IS_OVER = /monthly limit/i
/** A token that was used, has expired, or never was one. */
const NO_REPLY_TOKEN = /invalid reply token/i

export function isReplyTokenGone({ status, message }: Refused): boolean {
  return status === 400 && NO_REPLY_TOKEN.test(message)
}

/** Why it fails for good; null when LINE only asks to slow down. */
export function failureOf({ status, message }: Pick<Refused, 'status' | 'message'>): Failure | null {
  if (status === 401 || status === 403) return 'channel.token'
  if (status === 404 || status === 422) return 'channel.notReachable'
  if (status === 429) return MONTH_IS_OVER.test(message) ? 'channel.quota' : null
  return status === 400 && NOT_WITH_US.test(message) ? 'channel.blocked' : 'channel.rejected'
}

/** @throws TryLater when LINE only asks to slow down */
export function sendRefused(refused: Refused): Exclude<SendResult, { ok: true }> {
  const code = failureOf(refused)
  if (code === null) throw slowDown(refused)
  return { ok: false, code, platformCode: refused.message }
}

/** What a call is that was no success and would do no harm a second time. */
export function tryLater(what: string, ended: Exclude<End<unknown>, { end: 'done' }>): TryLater {
  if (ended.end !== 'refused') {
    return new TryLater(`LINE: ${what}: ${ended.why}`, { mayBeDone: ended.end === 'unknown' })
  }
  const code = failureOf(ended)
  if (code === null) return slowDown(ended)
  return new TryLater(`LINE: ${what}: refused with ${ended.status}`, { code, platformCode: ended.message })
}

function slowDown({ message, retryAfter }: Refused): TryLater {
  const pause = Math.min(Math.max(retryAfter ?? 0, PAUSE.least), PAUSE.most)
  return new TryLater('LINE: too many requests', { code: 'channel.rateLimited', platformCode: message, pause })
}
