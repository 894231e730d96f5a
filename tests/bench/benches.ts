/** Every benchmark by its name. A new one is a file that exports `measure`, and a line here. */
import type { Bench } from './bench.ts'

export const benches: Record<string, () => Promise<Bench>> = {
  'first-sync': () => import('./first-sync/first-sync.ts'),
  'local-command': () => import('./local-command.ts'),
  search: () => import('./search.ts'),
  rebase: () => import('./rebase.ts'),
  propagate: () => import('./propagate/propagate.ts'),
  ingest: () => import('./ingest/ingest.ts'),
  memory: () => import('./memory/memory.ts'),
  inbox: () => import('./inbox/inbox.ts'),
  thread: () => import('./thread/thread.ts'),
}
