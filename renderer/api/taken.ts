/** What became of commands that wait for the hub: asked by their numbers in the queue. */
import { onScopeDispose } from 'vue'
import type { BatchItems } from '../../backend/workstation/views.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import { api, call } from './client.ts'
import { live } from './live.ts'

export type Taken = { ok: true } | { ok: false; refusal: Refusal }
export type ItemState = BatchItems['items'][number]

/** How it stands with these numbers now; null when the backend does not say. */
export async function statesOf(queueIds: readonly number[]): Promise<readonly ItemState[] | null> {
  if (queueIds.length === 0) return []
  const answer = await call(api.api.batches.items.$get({ query: { ids: queueIds.join(',') } }))
  return answer.ok ? answer.value.items : null
}

/**
 * Waits until the hub has taken a command or refused it, however long that is; never settles when the component (or effect
 * scope) is gone before.
 */
export function useTaken(): (queueId: number) => Promise<Taken> {
  const stops = new Set<() => void>()
  onScopeDispose(() => {
    for (const stop of stops) stop()
  })
  return (queueId) =>
    new Promise((resolve) => {
      async function look(): Promise<void> {
        const state = (await statesOf([queueId]))?.[0]
        if (!state || state.state === 'waiting' || !stops.has(stop)) return
        stop()
        resolve(state.state === 'gone' ? { ok: true } : { ok: false, refusal: state.refusal })
      }
      const leave = [live.on('queue', () => void look()), live.onStale(() => void look())]
      function stop(): void {
        stops.delete(stop)
        for (const one of leave) one()
      }
      stops.add(stop)
      void look()
    })
}
