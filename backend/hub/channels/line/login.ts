/**
 * Who a customer is that comes with an ID token of LINE Login, or comes back from it with a code.
 *
 * https://developers.line.biz/en/reference/line-login/#verify-id-token and #issue-access-token,
 * https://developers.line.biz/en/docs/line-login/integrate-line-login/ and /link-a-bot/
 */
import { z } from 'zod'
import type { Login, Outside } from '../platform.ts'
import type { LineAccount } from './account.ts'
import { LIMITS, failedFetch, lineAddresses, refusal } from './client.ts'
import type { End } from './client.ts'
import { tryLater } from './refusals.ts'

const Claims = z.object({ sub: z.string().min(1), aud: z.string(), name: z.string().optional() })

const Tokens = z.object({ id_token: z.string().min(1) })

/**
 * Asks LINE whose token it is; null when it is none of this login channel's, or has expired.
 * @param nonce that it must have been made for
 * @throws TryLater
 */
export async function verifyIdToken(
  outside: Pick<Outside, 'addresses'>,
  loginChannelId: string,
  idToken: string,
  limits = LIMITS,
  nonce?: string,
): Promise<{ userId: string; name: string | null } | null> {
  const form = new URLSearchParams({ id_token: idToken, client_id: loginChannelId, ...(nonce ? { nonce } : {}) })
  const ended = await post(outside, '/oauth2/v2.1/verify', form, Claims, limits)
  if (ended.end === 'refused' && ended.status === 400) return null
  if (ended.end !== 'done') throw tryLater('ID token', ended)
  const { sub, aud, name } = ended.value
  return aud === loginChannelId ? { userId: sub, name: name || null } : null
}

/** LINE Login for an account; null when it lacks its login channel's id or secret. */
export function lineLogin(
  { loginChannelId, loginChannelSecret }: Pick<LineAccount, 'loginChannelId' | 'loginChannelSecret'>,
  outside: Pick<Outside, 'addresses'>,
  limits = LIMITS,
): Login | null {
  if (loginChannelId === '' || loginChannelSecret === '') return null
  return {
    address({ returnTo, state, nonce }) {
      const asked = new URLSearchParams({
        response_type: 'code',
        client_id: loginChannelId,
        redirect_uri: returnTo,
        state,
        scope: 'openid profile',
        nonce,
        // Asks whether to add the account on a page of its own, after the consent.
        bot_prompt: 'aggressive',
      })
      return `${outside.addresses['lineAccess'] ?? 'https://access.line.me'}/oauth2/v2.1/authorize?${asked}`
    },

    async whoIs({ code, returnTo, nonce }) {
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: returnTo,
        client_id: loginChannelId,
        client_secret: loginChannelSecret,
      })
      const ended = await post(outside, '/oauth2/v2.1/token', form, Tokens, limits)
      if (ended.end === 'refused' && ended.status === 400) return null
      if (ended.end !== 'done') throw tryLater('login', ended)
      const who = await verifyIdToken(outside, loginChannelId, ended.value.id_token, limits, nonce)
      return who?.userId ?? null
    },
  }
}

async function post<T>(
  outside: Pick<Outside, 'addresses'>,
  path: string,
  body: URLSearchParams,
  shape: z.ZodType<T>,
  { answer }: { answer: number },
): Promise<End<T>> {
  try {
    const response = await fetch(new URL(path, lineAddresses(outside).api), {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(answer),
    })
    const text = await response.text()
    if (!response.ok) return refusal(response.status, response.headers, text)
    const read = shape.safeParse(JSON.parse(text))
    return read.success ? { end: 'done', value: read.data } : { end: 'unknown', why: 'an answer of another form' }
  } catch (error) {
    return failedFetch(error)
  }
}
