/** What every endpoint of the fake shares: which account a call is for, and how an answer leaves. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import type { FakeEnv } from '../platform/server.ts'
import type { WhatsAppAccount } from './account.ts'
import { graphError, statusOf } from './errors.ts'
import type { Refusal } from './errors.ts'
import { GraphError } from './schemas/answers.ts'

export type GraphContext = Context<FakeEnv>

/** Answers what our own schema has checked. @throws when it does not know the answer */
export function answer(c: GraphContext, schema: z.ZodType, body: object, status: ContentfulStatusCode = 200): Response {
  schema.parse(body)
  return c.json(body, status)
}

export function refuse(c: GraphContext, refusal: Refusal): Response {
  return answer(c, GraphError, graphError(refusal), statusOf(refusal))
}

/** Whose token came with the call: every account it opens. */
export function accountsOf(c: GraphContext, accounts: readonly WhatsAppAccount[]): WhatsAppAccount[] {
  const token = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1]
  return accounts.filter(({ settings }) => settings.accessToken === token)
}

export const noToken: Refusal = { code: 190, details: 'Invalid OAuth access token.' }

/** What the Graph API says of an id that is not there, or is not for this token. */
export function noNode(method: string, id: string): Refusal {
  return {
    code: 100,
    subcode: 33,
    details: `Unsupported ${method.toLowerCase()} request: ${id} does not exist, or this token may not use it`,
  }
}

/** What is wrong with the request, as {@link refuse} takes it; null when nothing is. */
export function problemsOf(c: GraphContext): Refusal | null {
  const { problems } = c.get('call')
  return problems.length === 0 ? null : { code: 100, details: problems.join('; ') }
}
