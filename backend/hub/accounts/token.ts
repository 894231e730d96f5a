/** The two tokens of a session: a short access token that says who it is for, and a refresh token that is only random. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { SignJWT, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { MemberId, TeamId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'

/** How long an access token is good, in ms. */
export const ACCESS_LIFE = 15 * 60 * 1000
const ALGORITHM = 'HS256'
const ISSUER = 'countertop-hub'

const Claims = z.object({
  team: TeamId,
  member: MemberId,
  workstation: z.string(),
  client: z.string(),
  session: z.string(),
  exp: z.number(),
})
/** Who the token is for; `exp` in seconds. */
export type Claims = z.infer<typeof Claims>

/** Signs an access token that is good for {@link ACCESS_LIFE} from `now` on. */
export async function signAccess(
  key: Uint8Array,
  claims: Omit<Claims, 'exp'>,
  now: Time,
): Promise<{ token: string; expiresAt: Time }> {
  const expires = Math.floor((now + ACCESS_LIFE) / 1000)
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(expires)
    .sign(key)
  return { token, expiresAt: expires * 1000 }
}

/** The claims of a token that this hub signed; `expired` or `wrong` otherwise. No algorithm but ours is accepted. */
export async function verifyAccess(key: Uint8Array, token: string, now: Time): Promise<Claims | 'expired' | 'wrong'> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      currentDate: new Date(now),
    })
    return Claims.parse(payload)
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'expired' : 'wrong'
  }
}

/** A new refresh token of a session, with the hash by which it is known again. */
export function makeRefresh(teamId: string, sessionId: string): { token: string; hash: Uint8Array } {
  const secret = randomBytes(32).toString('base64url')
  return { token: `${teamId}.${sessionId}.${secret}`, hash: hashOf(secret) }
}

/** The parts of a refresh token, or null when it is none. */
export function parseRefresh(token: string): { teamId: string; sessionId: string; hash: Uint8Array } | null {
  // Nothing else ever was one, and the database cannot even be asked about some of it (U+0000).
  const [, teamId, sessionId, secret] = /^([\w~-]+)\.([\w-]+)\.([\w-]+)$/.exec(token) ?? []
  if (teamId === undefined || sessionId === undefined || secret === undefined) return null
  return { teamId, sessionId, hash: hashOf(secret) }
}

/** Compares hashes in constant time. */
export function sameHash(a: Uint8Array, b: Uint8Array | null): boolean {
  return b !== null && a.length === b.length && timingSafeEqual(a, b)
}

/** 128 random bits as text. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

// The secret has 256 random bits, so a plain hash is enough.
function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}
