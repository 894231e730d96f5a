/** What both platforms of a crash run have in common: how they stumble, repeat themselves, and are summed up. */
import type { Random } from '../../../backend/hub/demo/random.ts'
import type { CallLog } from '../../fakes/platform/calls.ts'
import type { Fault } from '../../fakes/platform/faults.ts'
import type { Deliveries, Recipient } from '../../fakes/platform/webhook.ts'

/** ms until a platform tells again of what was not taken. */
export const AGAIN_AFTER = 100
/** The share of calls that is repeated in the end. */
const REPEATED = 0.2

/**
 * An answer that is late or none, with or without the message being carried out.
 * @param undone how likely it is not carried out
 */
export function drawBreak(random: Random, undone: number): Fault {
  const effect = random.chance(undone) ? 'none' : 'done'
  switch (random.int(0, 4)) {
    case 0:
      return { type: 'slow', ms: random.int(100, 900), effect }
    case 1:
      return { type: 'hang', ms: random.int(50, 400), effect }
    case 2:
      return { type: 'cut', effect }
    case 3:
      return { type: 'answer', status: 500, body: 'Bad gateway', effect }
    default:
      return { type: 'garbage', effect }
  }
}

/** Tells once more of some of what was taken, whenever that was. */
export function repeatSome(deliveries: Deliveries, recipient: Recipient, random: Random): void {
  const taken = deliveries.log.filter(({ status, isDuplicate }) => status === 200 && !isDuplicate)
  for (const { body } of taken) if (random.chance(REPEATED)) deliveries.send(recipient, body)
}

/** @param sends the path of what sends a message */
export function callSummary(calls: CallLog, deliveries: Deliveries, sends: RegExp): Record<string, number> {
  const { log } = deliveries
  const requests = calls.all().filter(({ path }) => sends.test(path))
  return {
    'webhook calls taken': log.filter(({ status }) => status === 200).length,
    'of them repeats': log.filter(({ status, isDuplicate }) => status === 200 && isDuplicate).length,
    'webhook calls not taken': log.filter(({ status }) => status !== 200).length,
    'of them without an answer': log.filter(({ status }) => status === null).length,
    'requests to send': requests.length,
    'of them upset': requests.filter(({ fault }) => fault !== null).length,
    'of them without an answer read': requests.filter(({ status }) => status === null).length,
    'of them known already (409)': requests.filter(({ status }) => status === 409).length,
  }
}
