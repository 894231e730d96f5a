/** What LINE's contract has against a request, each as `where: what`, and the refusal that goes with it. */
import type { z } from 'zod'
import type { Received } from '../platform/server.ts'
import { endpointOf } from './endpoints.ts'
import type { Endpoint } from './endpoints.ts'
import { refused } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const NO_ENDPOINT = 'path: there is no such endpoint'
const CONTENT_TYPE = 'content-type'
const UNREADABLE = 'body: cannot be parsed'

/** A list for each request; empty when LINE would take it, as far as its form goes. */
export const inspectFor =
  (server: Endpoint['server']) =>
  ({ method, path, body, headers, raw }: Received): string[] => {
    const endpoint = endpointOf(server, method, path)
    if (!endpoint) return [NO_ENDPOINT]
    const problems = endpoint.isLogin || headers.has('authorization') ? [] : ['authorization: is missing']
    problems.push(...issuesOf(endpoint.headers.safeParse(Object.fromEntries(headers))))
    if (raw.length > 0) {
      const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'none'
      const expected = endpoint.form ? 'application/x-www-form-urlencoded' : 'application/json'
      if (type !== expected) return [...problems, `${CONTENT_TYPE}: ${type}`]
      if (body === undefined) return [...problems, UNREADABLE]
    }
    return [...problems, ...issuesOf(endpoint.body.safeParse(body))]
  }

/** What is answered to a request with such problems; null when there are none. */
export function refusalOf(problems: readonly string[]): Outcome | null {
  const first = problems[0]
  if (first === undefined) return null
  if (first === NO_ENDPOINT) return refused(404, 'Not found')
  const type = problems.find((problem) => problem.startsWith(`${CONTENT_TYPE}: `))
  if (type) return refused(415, `The content type, ${type.slice(CONTENT_TYPE.length + 2)}, is not supported`)
  if (problems.includes(UNREADABLE)) {
    return refused(400, 'The request body could not be parsed as JSON (line: 1, column: 1)')
  }
  const details = problems.map((problem) => {
    const [property = '', ...message] = problem.split(': ')
    return { message: message.join(': '), property }
  })
  return refused(400, `The request body has ${details.length} error(s)`, { details })
}

function issuesOf(parsed: z.ZodSafeParseResult<unknown>): string[] {
  if (parsed.success) return []
  return parsed.error.issues.map(({ path, message }) => {
    const where = path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text ? '.' : ''}${String(key)}`),
      '',
    )
    return `${where || 'body'}: ${message}`
  })
}
