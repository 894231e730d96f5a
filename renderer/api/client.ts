/** The typed client of the local API, and the one way to call it: what fails comes back as a refusal, never thrown. */
import { hc } from 'hono/client'
import { z } from 'zod'
import type { ClientResponse } from 'hono/client'
import type { AppType } from '../../backend/workstation/app.ts'
import { Refusal, refuse } from '../../backend/domain/refusal.ts'

/** `api.api.conversations.$get({ query: … })` and so on, for {@link call}. */
export const api = hc<AppType>(globalThis.location?.origin ?? 'http://127.0.0.1')

/** What a call came to. */
export type Called<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

type Failure = { error: Refusal }
type ContentOf<R> = R extends ClientResponse<infer T, number, string> ? T : never
/** What the route answers when it does what was asked. */
export type Answered<R> = Exclude<ContentOf<R>, Failure>

const FailureShape = z.object({ error: Refusal })

/**
 * Waits for a response of {@link api} and reads it.
 *
 * @returns the route's answer, or its refusal; `workstation.unreachable` when the backend does not answer at all and
 *   `workstation.garbled` when what it answers cannot be understood.
 */
export async function call<R extends ClientResponse<unknown, number, string>>(
  request: Promise<R>,
): Promise<Called<Answered<R>>> {
  let response: R
  try {
    response = await request
  } catch {
    return { ok: false, refusal: refuse('workstation.unreachable', {}, { instead: 'wait' }) }
  }
  let content: unknown
  try {
    content = await response.json()
  } catch {
    return { ok: false, refusal: garbled() }
  }
  if (response.ok) return { ok: true, value: content as Answered<R> }
  const failure = FailureShape.safeParse(content)
  return { ok: false, refusal: failure.success ? failure.data.error : garbled() }
}

function garbled(): Refusal {
  return refuse('workstation.garbled', {}, { instead: 'wait' })
}
