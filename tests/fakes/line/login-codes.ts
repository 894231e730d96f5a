/** The codes with which customers come back from LINE Login: each is good once, for ten minutes, and for one address. */
import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { ok } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { TokenRequest } from './schemas.ts'

const GOOD_FOR = 10 * 60_000
/** Seconds. */
const ACCESS_FOR = 2_592_000

type Kept = { idToken: string; returnTo: string; until: number }

export class LoginCodes {
  readonly #codes = new Map<string, Kept>()

  /** @param now ms */
  add(idToken: string, returnTo: string, now: number): string {
    const code = randomBytes(15).toString('base64url')
    this.#codes.set(code, { idToken, returnTo, until: now + GOOD_FOR })
    return code
  }

  /** What LINE answers to a code; the account's login channel has been checked. */
  change({ code, redirect_uri }: z.infer<typeof TokenRequest>, now: number): Outcome {
    const kept = this.#codes.get(code)
    this.#codes.delete(code)
    if (!kept || kept.until <= now) return wrong('invalid_grant', 'invalid authorization code')
    if (kept.returnTo !== redirect_uri) return wrong('invalid_grant', 'redirect_uri does not match')
    return ok({
      access_token: randomBytes(20).toString('base64url'),
      expires_in: ACCESS_FOR,
      id_token: kept.idToken,
      refresh_token: randomBytes(15).toString('base64url'),
      scope: 'openid profile',
      token_type: 'Bearer',
    })
  }
}

/** How LINE Login refuses. */
export const wrong = (error: string, error_description: string): Outcome => ({
  status: 400,
  body: { error, error_description },
})
