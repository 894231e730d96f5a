/** What strikes the hub in a round of the channels' crash run, drawn from the run's seed alone. */
import type { Random } from '../../../backend/hub/demo/random.ts'

/** `time` under load; or just after the platforms carried out, or the hub took, so many things more. */
export type Moment = { after: 'time'; ms: number } | { after: 'carried' | 'taken'; n: number; ms: number }

export type Trouble = {
  /** How often LINE and WhatsApp stumble over what the hub sends. */
  upsets: readonly [number, number]
  /** Whether somebody new comes by on LINE, and on WhatsApp. */
  newcomers: readonly [boolean, boolean]
  /** ms into the round at which every connection between platforms and hub breaks; null for not. */
  cutAt: number | null
  moment: Moment
  /** ms until the hub is started again. */
  downFor: number
  /** The hub is killed once more so many ms after its start began; null for not. */
  againAfter: number | null
  /** Whether the next round waits until something goes through again. */
  flow: boolean
}

export function drawTrouble(random: Random): Trouble {
  return {
    upsets: [random.int(0, 3), random.int(0, 3)],
    newcomers: [random.chance(0.5), random.chance(0.5)],
    cutAt: random.chance(0.3) ? random.int(20, 500) : null,
    moment: drawMoment(random),
    downFor: random.int(0, 250),
    againAfter: random.chance(0.15) ? random.int(300, 1_500) : null,
    flow: random.chance(0.8),
  }
}

function drawMoment(random: Random): Moment {
  if (random.chance(0.3)) return { after: 'time', ms: random.int(20, 900) }
  if (random.chance(0.6)) return { after: 'carried', n: random.int(1, 12), ms: random.int(0, 30) }
  // Mostly at once: what is not durable when it is answered is so a moment later.
  return { after: 'taken', n: random.int(1, 12), ms: random.chance(0.6) ? 0 : random.int(1, 15) }
}

/** For a report. */
export function sayTrouble({ moment, cutAt, againAfter, upsets }: Trouble): string {
  const when =
    moment.after === 'time' ? `${moment.ms} ms into the load` : `${moment.ms} ms after ${moment.n} ${moment.after}`
  const more = [
    ...(cutAt === null ? [] : [`lines cut at ${cutAt} ms`]),
    ...(againAfter === null ? [] : ['killed again while starting']),
    ...(upsets[0] + upsets[1] > 0 ? [`${upsets[0]}+${upsets[1]} upsets`] : []),
  ]
  return `hub killed ${when}${more.map((one) => `, ${one}`).join('')}`
}
