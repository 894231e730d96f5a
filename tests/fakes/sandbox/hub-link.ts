/** What the sandbox asks of the demo hub beside playing the platforms: who its customers are, and to let time go by. */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { DemoCustomer } from '../../../backend/hub/demo/routes.ts'
import { ChannelKind } from '../../../backend/domain/rows.ts'
import { Refusal } from './refusal.ts'

/** ms between two questions whether the hub is there. */
const ASK_EVERY = 250
/** ms for an answer. */
const WITHIN = 10_000

const Customers = z.object({
  customers: z.array(
    z.object({
      channel: ChannelKind,
      kind: z.enum(['person', 'group']),
      externalId: z.string(),
      name: z.string(),
      lastInboundAt: z.number().nullable(),
      isBlocked: z.boolean(),
      people: z.array(z.object({ externalId: z.string(), name: z.string() })),
    }),
  ),
})

export type HubLink = {
  /** Everybody the hub knows; it waits for the hub to be there. @throws AbortError when `signal` ends it */
  customers(signal: AbortSignal): Promise<DemoCustomer[]>
  /** @throws Refusal when the hub does not do it */
  passTime(channelId: string, externalId: string, hours: number): Promise<void>
}

/** @param token what the hub wants for it, from its environment */
export function hubLink(url: string, token: string): HubLink {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(url + path, {
      ...init,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      signal: AbortSignal.any([AbortSignal.timeout(WITHIN), ...(init.signal ? [init.signal] : [])]),
    })
  return {
    async customers(signal) {
      for (;;) {
        const answer = await ask('/demo/customers', { signal }).catch((error: unknown) => {
          // Not there yet is what is waited for.
          if (signal.aborted) throw error
          return null
        })
        if (answer?.ok) return Customers.parse(await answer.json()).customers
        await answer?.body?.cancel()
        await wait(ASK_EVERY, undefined, { signal })
      }
    },
    async passTime(channelId, externalId, hours) {
      const body = JSON.stringify({ channelId, externalId, hours })
      const answer = await ask('/demo/pass-time', { method: 'POST', body }).catch((error: unknown) => {
        if (error instanceof Error) throw new Refusal('hub')
        throw error
      })
      await answer.arrayBuffer()
      if (answer.status === 404) throw new Refusal('notThere')
      if (!answer.ok) throw new Refusal('hub')
    },
  }
}
