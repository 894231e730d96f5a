/** Every wait of the connection to the hub, in ms; tests shorten them. */
import { PING_EVERY } from '../../sync/protocol.ts'

export type SyncTiming = {
  /** The first wait after a failure; each further one is twice as long, up to `backOffTo`. */
  backOffFrom: number
  backOffTo: number
  /** A connection that held for so long starts the back-off anew. */
  steadyAfter: number
  /** A wait longer than this is cut short when the member does something. */
  patience: number
  /** How long to wait after a hub that speaks another protocol. */
  protocolWait: number
  /** How long to leave the connection to another program that took it over, unless the member does something here. */
  replacedWait: number
  /** How long a connection may say nothing. */
  silence: number
  /** How long the hub may take to say welcome. */
  welcome: number
  /** How long it may take none of the commands that were pushed. */
  answer: number
  /** A token is renewed when it has so little left. */
  renewBefore: number
  /** The screen hears of a snapshot's progress at most so often. */
  progressEvery: number
  /** Presence is sent at most so often. */
  presenceEvery: number
  /** How long to wait before an upload that failed is tried again. */
  uploadAgain: number
}

export const SYNC_TIMING: SyncTiming = {
  backOffFrom: 500,
  backOffTo: 30_000,
  steadyAfter: 10_000,
  patience: 2_000,
  protocolWait: 60_000,
  replacedWait: 10 * 60_000,
  silence: PING_EVERY * 2,
  welcome: 15_000,
  answer: 30_000,
  renewBefore: 90_000,
  progressEvery: 100,
  presenceEvery: 1_000,
  uploadAgain: 5_000,
}

/** The wait after the `failures`-th failure in a row, between half of it and all of it by `random` (0 to 1). */
export function backOff(timing: SyncTiming, failures: number, random: number): number {
  const whole = Math.min(timing.backOffTo, timing.backOffFrom * 2 ** Math.min(Math.max(0, failures - 1), 16))
  return whole * (0.5 + random / 2)
}
