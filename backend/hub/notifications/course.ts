/**
 * The course of a notification (NTF-1): which means is next, when, and how it ends. Pure, so that every case can be read
 * and tried; what it decides is carried out by `courier.ts`.
 *
 * A means is left only when it is certain that nothing came of it, so that nobody is told twice.
 */
import type { Failure } from '../../domain/channels/failures.ts'
import type { Time } from '../../domain/rows.ts'

export const MEANS = ['push', 'pnp', 'sms'] as const
export type Means = (typeof MEANS)[number]

export const FINAL = ['delivered', 'sent', 'failed', 'uncertain'] as const
export type Final = (typeof FINAL)[number]

/** Why a means led to nothing. */
export type TryCode = Failure | 'sms.unconfigured' | 'sms.rejected' | 'sms.failed' | 'notification.undelivered'

/** How one attempt went. */
export type Outcome =
  | { type: 'accepted' }
  /** For good; nothing came of this attempt. */
  | { type: 'refused'; code: TryCode; platformCode: string | null }
  /** May be tried again without harm; `maybe` when something may have come of it. */
  | { type: 'later'; code: TryCode; platformCode: string | null; maybe: boolean; pause: number }
  /** Something may have come of it, and trying again could be one too many. */
  | { type: 'unknown' }

/** What is known of a means so far, the attempt that has just ended included. */
export type Tried = { means: Means; attempts: number; maybe: boolean; begunAt: Time }

export type TryState = 'trying' | 'accepted' | 'refused' | 'uncertain' | 'expired'
/** What becomes of the means, and of the notification. */
export type Move = {
  try: { state: TryState; code: TryCode | null; platformCode: string | null; maybe: boolean }
  follows:
    { type: 'next' } | { type: 'again'; at: Time } | { type: 'wait'; until: Time } | { type: 'end'; state: Final }
}

/** How long LINE may take to deliver a notification message; without a word by then it was not, says LINE. */
export const DELIVERED_WITHIN = 24 * 60 * 60 * 1000
/** LINE knows a push by its retry key for 24 hours; the last attempt is well within. */
const PUSH_KNOWN_FOR = 23 * 60 * 60 * 1000
/** Attempts, over about 20 minutes. */
export const ATTEMPTS = 12
const WAIT = { least: 1_000, most: 5 * 60 * 1000, whileUnsure: 15 * 60 * 1000 }

/** Refusals that LINE gives for what is asked, having looked whether it did it before: then it had not. */
const CERTAIN: readonly TryCode[] = ['channel.blocked', 'channel.notReachable', 'channel.rejected']

/** What follows from an attempt. */
export function afterAttempt(tried: Tried, outcome: Outcome, now: Time): Move {
  switch (outcome.type) {
    case 'accepted':
      return accepted(tried, now)
    case 'refused': {
      const { code, platformCode } = outcome
      if (tried.maybe && !CERTAIN.includes(code)) return unsure(tried, code, platformCode, now, 0)
      return { try: { state: 'refused', code, platformCode, maybe: false }, follows: { type: 'next' } }
    }
    case 'later': {
      const { code, platformCode, maybe, pause } = outcome
      if (tried.maybe || maybe) return unsure(tried, code, platformCode, now, pause)
      if (tried.attempts >= ATTEMPTS) {
        return { try: { state: 'refused', code, platformCode, maybe: false }, follows: { type: 'next' } }
      }
      const at = now + backOff(tried.attempts, pause, WAIT.most)
      return { try: { state: 'trying', code, platformCode, maybe: false }, follows: { type: 'again', at } }
    }
    case 'unknown':
      return tried.means === 'pnp'
        ? {
            try: { state: 'uncertain', code: 'channel.uncertain', platformCode: null, maybe: true },
            follows: { type: 'wait', until: tried.begunAt + DELIVERED_WITHIN },
          }
        : unsure(tried, 'channel.uncertain', null, now, 0)
  }
}

function accepted({ means }: Tried, now: Time): Move {
  const done = { state: 'accepted', code: null, platformCode: null, maybe: false } as const
  return means === 'pnp'
    ? { try: done, follows: { type: 'wait', until: now + DELIVERED_WITHIN } }
    : { try: done, follows: { type: 'end', state: 'sent' } }
}

/** It may have come through: only the same means again can tell, for as long as that does no harm. */
function unsure(tried: Tried, code: TryCode, platformCode: string | null, now: Time, pause: number): Move {
  const wait = backOff(tried.attempts, pause, WAIT.whileUnsure)
  const isOver = tried.means === 'push' ? now + wait >= tried.begunAt + PUSH_KNOWN_FOR : tried.attempts >= ATTEMPTS
  return isOver
    ? {
        try: { state: 'uncertain', code: 'channel.uncertain', platformCode, maybe: true },
        follows: { type: 'end', state: 'uncertain' },
      }
    : { try: { state: 'trying', code, platformCode, maybe: true }, follows: { type: 'again', at: now + wait } }
}

/** No word of a delivery came in time, which is LINE's word that there was none (NTF-2). */
export const UNDELIVERED: Move = {
  try: { state: 'expired', code: 'notification.undelivered', platformCode: null, maybe: false },
  follows: { type: 'next' },
}

/** The means after this one; null when there is none. @param sms whether there is a text for it */
export function meansAfter(means: Means, sms: boolean): Means | null {
  if (means === 'push') return 'pnp'
  return means === 'pnp' && sms ? 'sms' : null
}

function backOff(attempts: number, pause: number, most: number): number {
  return Math.max(pause, Math.min(WAIT.least * 2 ** Math.max(0, attempts - 1), most))
}
