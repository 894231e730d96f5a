/**
 * Slows down guessing: so many wrong passwords for one e-mail address or from one IP address, then a wait. Counted
 * before the password is checked, so that attempts made at the same time count too; a right password gives them back.
 * Counted in this process: with several hub processes each allows as many.
 */
import { createHash } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** How many wrong attempts within the window, per e-mail address and per IP address. */
export const ATTEMPTS = { email: 8, ip: 60 } as const
/** The window, in seconds. */
export const WINDOW = 15 * 60

export class SignInLimits {
  readonly #email = new RateLimiterMemory({ keyPrefix: 'email', points: ATTEMPTS.email, duration: WINDOW })
  readonly #ip = new RateLimiterMemory({ keyPrefix: 'ip', points: ATTEMPTS.ip, duration: WINDOW })

  /** Counts an attempt. Answers how many seconds to wait, 0 when it may go on. */
  async attempt(email: string, ip: string): Promise<number> {
    const waits = await Promise.all([consume(this.#ip, ip), consume(this.#email, keyOf(email))])
    return Math.max(...waits)
  }

  /** The attempt was right: the address starts afresh, and the IP address gets this one back. */
  async succeeded(email: string, ip: string): Promise<void> {
    await Promise.all([this.#email.delete(keyOf(email)), this.#ip.reward(ip)])
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number> {
  try {
    await limiter.consume(key)
    return 0
  } catch (error) {
    // The library rejects with its answer when there are no points left, and with an Error for a fault.
    if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000))
    throw error
  }
}

// Addresses are not kept in clear longer than it takes to answer.
function keyOf(email: string): string {
  return createHash('sha256').update(email).digest('base64url')
}
