/** The blacklist and what is still being erased: asked of the hub each time, and kept nowhere on the device (DEL-7, DEL-9). */
import { z } from 'zod'
import type { ContactId } from '../../domain/ids.ts'
import { BlacklistPage } from '../../sync/blacklist.ts'
import type { BlacklistQuery } from '../../sync/blacklist.ts'
import type { Result } from '../service.ts'
import type { HubRequest } from './client.ts'

export interface BlacklistDesk {
  page(query: BlacklistQuery): Promise<Result<BlacklistPage>>
  /** Takes somebody off it. The device does not hold them, so the hub alone runs the rule. */
  lift(contactId: ContactId): Promise<Result<Done>>
  /** How many deleted conversations the hub has not erased the last byte of; null when it does not tell. */
  erasures(): Promise<Result<Erasures>>
}

const Done = z.strictObject({})
type Done = z.infer<typeof Done>
const Waiting = z.object({ waiting: z.number().int().nonnegative() })
export type Erasures = { waiting: number | null }

/** @param ask asks the hub for whoever is at the workstation */
export function blacklistDesk(
  ask: <T>(schema: z.ZodType<T>, request: HubRequest) => Promise<Result<T>>,
): BlacklistDesk {
  return {
    page({ before, limit, name }) {
      const query = new URLSearchParams({
        limit: String(limit),
        ...(before === undefined ? {} : { before }),
        ...(name === undefined ? {} : { name }),
      })
      return ask(BlacklistPage, { method: 'GET', path: `/blacklist?${query}` })
    },
    lift: (contactId) => ask(Done, { method: 'POST', path: `/blacklist/${contactId}/lift` }),
    async erasures() {
      const answer = await ask(Waiting, { method: 'GET', path: '/erasures' })
      if (answer.ok || answer.refusal.code !== 'request.notFound') return answer
      return { ok: true, value: { waiting: null } }
    },
  }
}
