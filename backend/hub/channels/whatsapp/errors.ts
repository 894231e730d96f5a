/**
 * What WhatsApp's error codes mean for us: the same for a refused call, a message reported as failed, and an account that
 * has a problem.
 *
 * https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
 */
import type { Failure } from '../../../domain/channels/failures.ts'

/** `again`: nothing came of it and it may work later; nothing at all should leave through the channel for `pause` ms. */
export type Meaning = { code: Failure; again: { pause: number } | null }

const SECOND = 1_000
const MINUTE = 60 * SECOND

const final = (code: Failure): Meaning => ({ code, again: null })
const later = (code: Failure, pause = 0): Meaning => ({ code, again: { pause } })

const token = final('channel.token')
const restricted = final('channel.restricted')
const parameters = final('channel.templateParameters')
const paused = final('channel.templatePaused')
const media = final('channel.media')
const rejected = final('channel.rejected')
const failing = later('channel.failed')

const MEANINGS: Readonly<Record<number, Meaning>> = {
  0: token,
  1: failing,
  2: failing,
  3: token,
  /** The app calls too often; the platform counts by the hour. */
  4: later('channel.rateLimited', MINUTE),
  10: token,
  100: rejected,
  190: token,
  368: restricted,
  80007: later('channel.rateLimited', MINUTE),
  /** Too many messages a second. */
  130429: later('channel.rateLimited', 10 * SECOND),
  /** The customer is in the group of a marketing experiment that gets none. */
  130472: final('channel.heldBack'),
  131000: failing,
  131005: token,
  131008: rejected,
  131009: rejected,
  131016: failing,
  131021: rejected,
  131026: final('channel.notReachable'),
  131031: restricted,
  131042: final('channel.quota'),
  131045: restricted,
  131047: final('channel.windowClosed'),
  /** Too many of the account's messages were blocked or reported: it comes back by itself, but not soon. */
  131048: later('channel.rateLimited', 5 * MINUTE),
  131049: final('channel.heldBack'),
  131050: final('channel.optedOut'),
  131051: final('channel.kind'),
  131052: media,
  131053: media,
  /** Too many messages to this one customer: the others need not wait. */
  131056: later('channel.rateLimited'),
  131057: failing,
  132000: parameters,
  132001: final('channel.templateMissing'),
  132005: parameters,
  132012: parameters,
  132015: paused,
  132016: paused,
  132018: parameters,
  133004: failing,
  /** Two changes to the list of blocked customers at once; a fault while changing it. */
  139102: failing,
  139103: failing,
}

/** @param code the number of `error.code` or of one of `errors[]` */
export function meaningOf(code: number): Meaning {
  const isPermission = code >= 200 && code <= 299
  return MEANINGS[code] ?? (isPermission ? token : rejected)
}
