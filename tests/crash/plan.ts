/** What happens in a round, drawn from the run's seed alone: whom a kill strikes, when, and how they come back. */
import type { Random } from '../../backend/hub/demo/random.ts'
import type { DatabaseKind } from '../world/shop/database.ts'
import { WORKERS } from '../world/shop/team.ts'
import type { Worker } from '../world/shop/team.ts'

/** `time` under load; or so many pushes or customers' messages later, just as one reaches the hub. */
export type Moment = { after: 'time'; ms: number } | { after: 'push' | 'write'; n: number; ms: number }

export type Plan = {
  /** Whose cables are pulled out before it, and stay out for this round. */
  cut: Worker[]
  moment: Moment
  hub: boolean
  workers: Worker[]
  server: 'SIGKILL' | 'SIGQUIT' | null
  /** ms until what was killed is started again. */
  downFor: number
  /** The hub is killed once more so many ms after its start began; null for not. */
  againAfter: number | null
  /** Whether the next round waits until work has reached the hub again. */
  flow: boolean
}

export function drawPlan(random: Random, kind: DatabaseKind): Plan {
  const victim = random.int(0, 99)
  const server = kind === 'postgres' && random.chance(0.2) ? random.pick(['SIGKILL', 'SIGQUIT'] as const) : null
  const hub = victim < 40 || victim >= 75
  const some = WORKERS.filter(() => random.chance(0.5))
  const several = some.length > 0 ? some : [random.pick(WORKERS)]
  return {
    cut: random.chance(0.35) ? [random.pick(WORKERS)] : [],
    moment: drawMoment(random),
    hub,
    workers: victim < 40 ? [] : several,
    server,
    downFor: random.int(0, 250),
    againAfter: hub && random.chance(0.2) ? random.int(150, 1_200) : null,
    flow: random.chance(0.7),
  }
}

function drawMoment(random: Random): Moment {
  if (random.chance(0.3)) return { after: 'time', ms: random.int(20, 700) }
  if (random.chance(0.6)) return { after: 'push', n: random.int(1, 8), ms: random.int(0, 15) }
  return { after: 'write', n: random.int(1, 4), ms: random.int(0, 12) }
}

/** A plan for a report. */
export function sayPlan({ cut, moment, hub, workers, server, againAfter }: Plan): string {
  const struck = [...(hub ? ['hub'] : []), ...workers, ...(server ? [`PostgreSQL (${server})`] : [])]
  const when =
    moment.after === 'time' ? `${moment.ms} ms into the load` : `${moment.ms} ms after ${moment.after} ${moment.n}`
  const more = [
    ...cut.map((one) => `${one} cut off`),
    ...(againAfter === null ? [] : ['hub killed again while starting']),
  ]
  return `${struck.join(', ')} killed ${when}${more.map((one) => `, ${one}`).join('')}`
}
