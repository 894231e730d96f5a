/** LINE Login's ID tokens: JSON Web Tokens signed by the login channel's secret (HS256), and what LINE says of one. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'
import { ok } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { Claims } from './schemas.ts'
import type { VerifyRequest } from './schemas.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString())
const signature = (signed: string, secret: string) => createHmac('sha256', secret).update(signed).digest('base64url')

export function makeIdToken(claims: Claims, secret: string): string {
  const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`
  return `${signed}.${signature(signed, secret)}`
}

/**
 * What LINE answers to an ID token.
 * @param secrets of each login channel, by its id
 * @param now ms
 */
export function verifyIdToken(
  { id_token, client_id, nonce, user_id }: z.infer<typeof VerifyRequest>,
  secrets: ReadonlyMap<string, string>,
  now: number,
): Outcome {
  const claims = readClaims(id_token, secrets)
  if (!claims) return wrong('Invalid IdToken.')
  if (claims.exp * 1_000 <= now) return wrong('IdToken expired.')
  if (claims.aud !== client_id) return wrong('Invalid IdToken Audience.')
  if (nonce !== undefined && nonce !== claims.nonce) return wrong('Invalid IdToken Nonce.')
  if (user_id !== undefined && user_id !== claims.sub) return wrong('Invalid IdToken Subject Identifier.')
  return ok(claims)
}

const wrong = (error_description: string): Outcome => ({
  status: 400,
  body: { error: 'invalid_request', error_description },
})

/** The claims of a token that one of the channels signed. */
function readClaims(token: string, secrets: ReadonlyMap<string, string>): Claims | null {
  const [header = '', payload = '', signed = '', ...rest] = token.split('.')
  if (rest.length > 0) return null
  const claims = Claims.safeParse(readPart(payload))
  const secret = claims.success ? secrets.get(claims.data.aud) : undefined
  if (!claims.success || secret === undefined) return null
  const expected = Buffer.from(signature(`${header}.${payload}`, secret))
  const given = Buffer.from(signed)
  return expected.length === given.length && timingSafeEqual(expected, given) ? claims.data : null
}

function readPart(text: string): unknown {
  try {
    return decode(text)
  } catch {
    // No JSON: no token, which the caller says.
    return null
  }
}
