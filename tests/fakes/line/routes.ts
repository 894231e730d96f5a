/** The fake's two servers as routes: who asks, whether LINE would take it, what comes of it, and LINE's headers. */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { FakeEnv } from '../platform/server.ts'
import type { LineAccount } from './account.ts'
import { ENDPOINTS } from './endpoints.ts'
import type { Endpoint } from './endpoints.ts'
import { ROUTES } from './handlers.ts'
import { verifyIdToken } from './id-token.ts'
import { refusalOf } from './inspect.ts'
import { wrong } from './login-codes.ts'
import { refused } from './outcome.ts'
import type { BytesOutcome, Outcome } from './outcome.ts'
import { LineError, LoginError } from './schemas.ts'

export type RoutesParts = {
  accounts: readonly LineAccount[]
  now: () => number
}

/** The routes of one of LINE's servers. */
export function lineRoutes(server: Endpoint['server'], { accounts, now }: RoutesParts): Hono<FakeEnv> {
  const app = new Hono<FakeEnv>()
  for (const { endpoint, handle } of ROUTES.filter((route) => route.endpoint.server === server)) {
    app.on(endpoint.method, endpoint.path, async (c) => {
      const requestId = randomUUID()
      const account = accountOf(c, accounts)
      if (!account) return json(UNAUTHORISED, requestId)
      const { problems, body } = c.get('call')
      const asked = {
        account,
        body,
        requestId,
        retryKey: c.req.header('x-line-retry-key') ?? null,
        param: (key: string) => c.req.param(key) ?? '',
        header: (key: string) => c.req.header(key),
      }
      return answer(endpoint, refusalOf(problems) ?? (await handle(asked)), requestId)
    })
  }
  if (server === 'api') {
    const { verify, token } = ENDPOINTS
    app.on(token.method, token.path, (c) => {
      const body = token.body.safeParse(c.get('call').body)
      if (!body.success) return answer(token, WRONG_LOGIN, randomUUID())
      const { client_id: id, client_secret: secret } = body.data
      const account = accounts.find((one) => one.loginChannelId === id && one.loginChannelSecret === secret)
      const outcome = account?.loginCodes.change(body.data, now()) ?? wrong('invalid_client', 'invalid client')
      return answer(token, outcome, randomUUID())
    })
    app.on(verify.method, verify.path, (c) => {
      const body = verify.body.safeParse(c.get('call').body)
      const secrets = new Map(accounts.map((one) => [one.loginChannelId, one.loginChannelSecret]))
      return answer(verify, body.success ? verifyIdToken(body.data, secrets, now()) : WRONG_LOGIN, randomUUID())
    })
  }
  return app.all('*', (c) => json(accountOf(c, accounts) ? refused(404, 'Not found') : UNAUTHORISED, randomUUID()))
}

const UNAUTHORISED = refused(
  401,
  'Authentication failed. Confirm that the access token in the authorization header is valid.',
)
const WRONG_LOGIN: Outcome = {
  status: 400,
  body: { error: 'invalid_request', error_description: 'invalid request' },
}

function accountOf(c: Context<FakeEnv>, accounts: readonly LineAccount[]): LineAccount | undefined {
  const token = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1]
  return token === undefined ? undefined : accounts.find(({ accessToken }) => accessToken === token)
}

/** @throws when the fake would answer something LINE does not: a bug of the fake */
function answer(endpoint: Endpoint, outcome: Outcome | BytesOutcome, requestId: string): Response {
  if ('bytes' in outcome) {
    return new Response(new Uint8Array(outcome.bytes), {
      status: outcome.status,
      headers: { 'content-type': outcome.mime, 'x-line-request-id': requestId },
    })
  }
  if (outcome.status < 300) endpoint.answer?.parse(outcome.body)
  else if (endpoint.isLogin) LoginError.parse(outcome.body)
  else LineError.parse(outcome.body)
  return json(outcome, requestId)
}

function json({ status, body, headers }: Outcome, requestId: string): Response {
  return Response.json(body, { status, headers: { 'x-line-request-id': requestId, ...headers } })
}
