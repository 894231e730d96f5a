/**
 * Carries notifications to their ends (NTF-1): takes what is due, tries its means, and keeps what came of it. What is due is
 * in the database and by the hub's clock, so that a hub that was down for a day goes on where it, or another, was.
 */
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { Connections } from '../channels/connections.ts'
import { TryLater, Uncertain } from '../channels/platform.ts'
import type { Notices, SendResult } from '../channels/platform.ts'
import type { HubDatabase } from '../core.ts'
import { traceOf } from '../listeners.ts'
import { UNDELIVERED, afterAttempt } from './course.ts'
import type { Outcome } from './course.ts'
import type { NotificationSettingsStore } from './settings-store.ts'
import { sendSms } from './sms.ts'
import type { NotificationStore, Taken, Try } from './store.ts'

/** How often it is looked for what has become due, in ms. */
const LOOK_EVERY = 1_000
/** How many are worked on at the same time, of all teams and of one. */
const AT_ONCE = 16
const OF_ONE_TEAM = 4

export type CourierParts = {
  db: HubDatabase
  store: NotificationStore
  settings: Pick<NotificationSettingsStore, 'sms'>
  connections: Pick<Connections, 'of'>
  /** Done along with each look: what else waits in the database. */
  beside: () => Promise<void>
  log: Logger
  clock: () => Time
  /** How long a SMS provider may take, in ms. */
  smsTimeout?: number
}

export class Courier {
  readonly #parts: CourierParts
  readonly #underway = new Map<Promise<void>, TeamId>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null
  #again = false
  #poke: () => void = () => undefined
  #stopped = false

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  start(): void {
    this.look()
    this.#timer = setInterval(() => this.look(), LOOK_EVERY)
    this.#timer.unref()
  }

  /** Looks for what is due, soon. */
  look(): void {
    this.sweep().catch((error: unknown) => {
      this.#parts.log.error({ err: traceOf(error) }, 'notifications: will be tried again')
    })
  }

  /** Works until nothing is due any more. */
  sweep(): Promise<void> {
    this.#again = true
    this.#poke()
    this.#looking ??= this.#work().finally(() => (this.#looking = null))
    return this.#looking
  }

  /** Waits for what is under way and takes nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearInterval(this.#timer)
    await this.#looking?.catch(() => undefined)
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped) {
        const poked = new Promise<void>((resolve) => (this.#poke = resolve))
        if (this.#again) {
          this.#again = false
          await this.#parts.beside()
        }
        while (await this.#begin());
        if (this.#again) continue
        if (this.#underway.size === 0) return
        // What has just come does not wait for a provider that is slow.
        await Promise.race([poked, ...this.#underway.keys()])
      }
    } finally {
      await Promise.allSettled(this.#underway.keys())
    }
  }

  /** @returns whether it began with one more */
  async #begin(): Promise<boolean> {
    if (this.#stopped || this.#underway.size >= AT_ONCE) return false
    const { store, clock, log } = this.#parts
    const taken = await store.take(clock(), this.#full())
    if (!taken) return false
    const done: Promise<void> = this.#turn(taken)
      .catch((error: unknown) => log.error({ err: traceOf(error), id: taken.id }, 'notifications: a step failed'))
      .finally(() => this.#underway.delete(done))
    this.#underway.set(done, taken.teamId)
    return true
  }

  #full(): TeamId[] {
    const of = [...this.#underway.values()]
    return [...new Set(of)].filter((team) => of.filter((one) => one === team).length >= OF_ONE_TEAM)
  }

  /** One step of one notification: one attempt, or the end of a wait. */
  async #turn(taken: Taken): Promise<void> {
    const { store, clock } = this.#parts
    const tries = await store.tries(taken)
    if (tries.pnp?.deliveredAt) return store.delivered(taken, clock())
    if (taken.state === 'waiting') return store.settle(taken, UNDELIVERED, clock())
    const { means } = taken
    const earlier = tries[means]
    if (means === 'pnp' && earlier?.state === 'flying') {
      // It was on its way when a hub died; there is no asking LINE whether it arrived, and no second one.
      return this.#settle(taken, earlier, { type: 'unknown' })
    }
    if (means !== 'push' || earlier) return this.#attempt(taken, earlier?.target ?? null, earlier)
    const friend = await this.#friend(taken)
    if (friend !== null) return this.#attempt(taken, friend, undefined)
    await store.skip(taken, 'pnp')
    return this.#attempt({ ...taken, means: 'pnp' }, null, undefined)
  }

  async #attempt(taken: Taken, target: string | null, earlier: Try | undefined): Promise<void> {
    const { store, clock } = this.#parts
    const call = await this.#call(taken, target)
    const tried = {
      begunAt: earlier?.begunAt ?? clock(),
      attempts: earlier?.attempts ?? 0,
      maybe: earlier !== undefined && (earlier.maybe || earlier.state === 'flying'),
    }
    if ('type' in call) return this.#settle(taken, tried, call)
    await store.fly(taken, target, tried.begunAt)
    return this.#settle(taken, { ...tried, attempts: tried.attempts + 1 }, await call.go())
  }

  /** What is to be called; an outcome when it can be told without. */
  async #call(taken: Taken, target: string | null): Promise<{ go: () => Promise<Outcome> } | Outcome> {
    const { connections, settings, smsTimeout } = this.#parts
    const { teamId, channelId, means, id, tag, content } = taken
    if (means === 'sms') {
      const provider = await settings.sms(teamId)
      const { sms: text } = content
      if (!provider || text === null) return { type: 'refused', code: 'sms.unconfigured', platformCode: null }
      return { go: () => sendSms(provider, { to: content.phone, text, reference: id }, smsTimeout) }
    }
    const connected = await connections.of({ teamId, channelId })
    const notices = connected?.connection.notices
    if (!notices) return { type: 'refused', code: 'channel.unconnected', platformCode: null }
    return { go: () => this.#asOutcome(notices, (on) => through(on, taken, target, tag)) }
  }

  async #asOutcome(notices: Notices, call: (notices: Notices) => Promise<SendResult>): Promise<Outcome> {
    try {
      const result = await call(notices)
      return result.ok ? { type: 'accepted' } : { ...result, type: 'refused' }
    } catch (error) {
      if (error instanceof TryLater) {
        const { code, platformCode, mayBeDone: maybe, pause } = error
        return { type: 'later', code, platformCode, maybe, pause }
      }
      if (!(error instanceof Uncertain)) this.#parts.log.error({ err: traceOf(error) }, 'notifications: a call failed')
      return { type: 'unknown' }
    }
  }

  #settle(taken: Taken, tried: Pick<Try, 'attempts' | 'maybe' | 'begunAt'>, outcome: Outcome): Promise<void> {
    const now = this.#parts.clock()
    return this.#parts.store.settle(taken, afterAttempt({ ...tried, means: taken.means }, outcome, now), now)
  }

  /** The LINE user whose number it is (NTF-5), and who has not blocked the account; the newest match of several. */
  async #friend({ teamId, channelId, content }: Taken): Promise<string | null> {
    const { rows } = await sql<{ external_id: string }>`
      select c.external_id from contact as c
      left join lateral (
        select max(matched_at) as at from phone_match as m
        where m.team_id = c.team_id and m.channel_id = c.channel_id and m.external_id = c.external_id
      ) as matched on true
      where c.team_id = ${teamId} and c.channel_id = ${channelId} and c.data ->> 'matchedPhone' = ${content.phone}
        and c.data ->> 'kind' = 'person' and c.data ->> 'platformBlockedAt' is null
      order by matched.at desc nulls last, c.id limit 1`.execute(this.#parts.db)
    return rows[0]?.external_id ?? null
  }
}

function through(
  notices: Notices,
  { means, id, content }: Taken,
  target: string | null,
  tag: string,
): Promise<SendResult> {
  const { phone, text } = content
  if (means === 'pnp') return notices.toPhone(phone, text, tag)
  if (target === null) throw new Error('a push is for nobody')
  return notices.toUser(target, text, `notification ${id}`)
}
