/** How much a visitor and an address may ask of the web chat, so that one cannot drown a team. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'

const MIB = 1024 * 1024
/** How many sockets one address may have open; one that is more is refused until another is closed. */
export const SOCKETS_OPEN_MAX = 256

/** `points` in each `seconds`. */
type Limit = { points: number; seconds: number }

/** What is counted, and how much is allowed: the first by visitor, those named for an address by IP address. */
export const WEBCHAT_LIMITS = {
  /** Messages of one visitor. */
  messages: { points: 30, seconds: 30 },
  /** Messages of everybody behind one address: a shop's own network may hold many. */
  messagesOfAddress: { points: 600, seconds: 60 },
  /** Files of one visitor. */
  files: { points: 20, seconds: 60 },
  filesOfAddress: { points: 120, seconds: 60 },
  /** Bytes of the files of one visitor: a few of the largest in an hour. */
  bytes: { points: 100 * MIB, seconds: 3_600 },
  bytesOfAddress: { points: 1_000 * MIB, seconds: 3_600 },
  /** New visitors from one address. */
  visitorsOfAddress: { points: 60, seconds: 60 },
  /** Sockets opened from one address. */
  socketsOfAddress: { points: 300, seconds: 60 },
  /** Frames of any kind on one socket. */
  frames: { points: 240, seconds: 30 },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof WEBCHAT_LIMITS

/**
 * Counts one use, or one of so many points; null when it is allowed, else the refusal with the seconds to wait. What
 * was refused is not counted where points are given.
 */
export type Throttle = (name: LimitName, key: string, points?: number) => Promise<Refusal | null>

/** @param changed limits other than {@link WEBCHAT_LIMITS} */
export function createThrottle(changed: Partial<Record<LimitName, Limit>> = {}): Throttle {
  const limits: Record<LimitName, Limit> = { ...WEBCHAT_LIMITS, ...changed }
  const limiters = new Map<LimitName, RateLimiterMemory>()
  return async (name, key, asked) => {
    const { points, seconds } = limits[name]
    const limiter = limiters.get(name) ?? new RateLimiterMemory({ points, duration: seconds })
    limiters.set(name, limiter)
    try {
      await limiter.consume(key, asked ?? 1)
      return null
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const wait = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
      if (asked === undefined) return refuse('request.tooMany', { seconds: wait }, { instead: 'wait' })
      await limiter.reward(key, asked)
      return refuse('attachment.quota', { max: points, seconds: wait }, { instead: 'wait' })
    }
  }
}
