/**
 * How fast a channel is used: no faster than its platform allows, and not at all for a while when the platform asks for
 * that. Each hub keeps its own pace.
 */
import type { ChannelId } from '../../domain/ids.ts'
import type { ChannelKind } from '../../domain/rows.ts'
import { TryLater } from './platform.ts'

/**
 * Messages a second: LINE's published limit for push messages is 2,000, WhatsApp's for a number 80, of which a hub leaves
 * some to others.
 */
const PER_SECOND: Partial<Record<ChannelKind, number>> = { line: 1_000, whatsapp: 60 }
/** Whoever would have to wait longer, in ms, is put back into the queue. */
const WAIT_MAX = 5_000

export class Pace {
  readonly #free = new Map<ChannelId, number>()
  readonly #now: () => number
  readonly #sleep: (ms: number) => Promise<void>

  /** @param now milliseconds of a clock that only goes forward */
  constructor(
    now = () => performance.now(),
    sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
  ) {
    this.#now = now
    this.#sleep = sleep
  }

  /** Resolves when a message may leave. @throws TryLater when that would take too long */
  async turn(channelId: ChannelId, kind: ChannelKind): Promise<void> {
    const perSecond = PER_SECOND[kind]
    const now = this.#now()
    const free = Math.max(now, this.#free.get(channelId) ?? 0)
    if (free - now > WAIT_MAX) throw new TryLater('the channel is paused', { code: 'channel.rateLimited' })
    if (perSecond) this.#free.set(channelId, free + 1_000 / perSecond)
    if (free > now) await this.#sleep(free - now)
  }

  /** Nothing leaves through the channel for so long. */
  pause(channelId: ChannelId, ms: number): void {
    if (ms > 0) this.#free.set(channelId, Math.max(this.#free.get(channelId) ?? 0, this.#now() + ms))
  }
}
