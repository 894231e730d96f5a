import { Hono } from 'hono'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { z } from 'zod'
import { ConversationId } from '../../../backend/domain/ids.ts'
import { refuse } from '../../../backend/domain/refusal.ts'
import { setLocale } from '../../i18n/index.ts'
import { live } from '../../api/live.ts'
import type { EventOf, LiveType } from '../../api/live.ts'
import { useSession } from '../../session/session.ts'
import { useToast } from '../../ui/toast.ts'
import { sampleMember } from '../sample.ts'
import { useBatches } from './batches.ts'
import { useBatchClosing } from './closing.ts'
import type { BatchAnswer, BatchItems } from '../../../backend/workstation/views.ts'

const chosen = ['a', 'b'].map((id) => ({ id: ConversationId.parse(id), name: `客人${id}` }))
const both: BatchAnswer = { items: chosen.map(({ id }, n) => ({ conversationId: id, queueId: n + 1 })) }
const gone = refuse('conversation.notVisible', {})

/** What lies behind the page: a queue and what is being erased, as a test says. */
let answer: BatchAnswer | null
let states: Map<number, BatchItems['items'][number]>
let waiting: (number | null)[]
let asked: unknown[]
const handlers = new Map<LiveType, () => void>()

beforeEach(() => {
  setLocale('zh-Hant-TW')
  answer = both
  states = new Map()
  waiting = [0]
  asked = []
  vi.spyOn(live, 'on').mockImplementation(<T extends LiveType>(type: T, handler: (event: EventOf<T>) => void) => {
    handlers.set(type, () => handler({ type } as EventOf<T>))
    return () => handlers.delete(type)
  })
  const app = new Hono()
    .post('/api/batches', async (c) => {
      asked.push(await c.req.json())
      return answer ? c.json(answer) : c.json({ error: refuse('internal.error', {}) }, 500)
    })
    .get('/api/batches/items', (c) => {
      const ids = (c.req.query('ids') ?? '').split(',').map(Number)
      return c.json({ items: ids.map((queueId) => states.get(queueId) ?? { queueId, state: 'waiting' }) })
    })
    .get('/api/erasures', (c) => c.json({ waiting: waiting.length > 1 ? waiting.shift() : waiting[0] }))
    .post('/api/commands', async (c) => {
      const { name, args } = z.object({ name: z.string(), args: z.looseObject({}) }).parse(await c.req.json())
      asked.push([name, args['conversationId']])
      return c.json(args['conversationId'] === 'b' ? { ok: false, refusal: gone } : { ok: true, queueId: 9 })
    })
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    const { pathname, search } = new URL(input)
    return app.request(pathname + search, init)
  })
  setActivePinia(createPinia())
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member: sampleMember },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
})
afterEach(() => {
  useToast().clear()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  handlers.clear()
})
/** The hub has said something. */
function queueChanged(...now: BatchItems['items']): void {
  for (const item of now) states.set(item.queueId, item)
  handlers.get('queue')?.()
}

describe('a batch at this window', () => {
  it('[DEL-5] is followed until the hub has answered for all of it', async () => {
    const batches = useBatches()
    await batches.begin({ action: 'delete' }, chosen)
    expect([batches.shown, batches.counts]).toEqual([true, { done: 0, failed: 0, running: 2 }])
    queueChanged({ queueId: 1, state: 'gone' }, { queueId: 2, state: 'refused', refusal: gone })
    await vi.waitFor(() => expect(batches.counts).toEqual({ done: 1, failed: 1, running: 0 }))
  })

  it('[DEL-7] tells that data is being erased until nothing of it waits', async () => {
    waiting = [2]
    const batches = useBatches()
    await batches.begin({ action: 'delete' }, chosen)
    expect(batches.erasing).toBe('no')
    queueChanged({ queueId: 1, state: 'gone' }, { queueId: 2, state: 'gone' })
    await vi.waitFor(() => expect(batches.erasing).toBe('erasing'))
    waiting = [0]
    await vi.waitFor(() => expect(batches.erasing).toBe('erased'), { timeout: 5_000 })
  })

  it('says no more than it knows when the hub does not tell of erasing', async () => {
    waiting = [null]
    const batches = useBatches()
    await batches.begin({ action: 'blacklist' }, chosen)
    queueChanged({ queueId: 1, state: 'gone' }, { queueId: 2, state: 'gone' })
    await vi.waitFor(() => expect(batches.erasing).toBe('unknown'))
  })

  it('fails as a whole when the backend does, and is forgotten with the member', async () => {
    answer = null
    const batches = useBatches()
    await batches.begin({ action: 'take' }, chosen)
    expect(batches.counts).toEqual({ done: 0, failed: 2, running: 0 })
    const session = useSession()
    if (session.state) session.state = { ...session.state, session: { state: 'signed-out' } }
    expect([batches.batch, batches.shown]).toEqual([null, false])
  })
})

describe('closing several', () => {
  it('can be undone: those that were closed are reopened, and what was not is told', async () => {
    const scope = effectScope()
    const closing = scope.run(() => useBatchClosing())
    await closing?.close(chosen)
    expect(asked).toEqual([{ action: 'close', conversationIds: ['a', 'b'] }])
    const { toasts } = useToast()
    expect(toasts.value.map(({ text }) => text)).toEqual(['已結束 2 則對話'])
    toasts.value[0]?.undo?.()
    await vi.waitFor(() =>
      expect(toasts.value.map(({ text }) => text).slice(1)).toEqual(['已重啟 1 則對話', '1 則對話沒有重啟。']),
    )
    expect(asked.slice(1)).toEqual([
      ['conversation.reopen', 'a'],
      ['conversation.reopen', 'b'],
    ])
    scope.stop()
  })

  it('offers no way back from what was not done', async () => {
    answer = { items: chosen.map(({ id }) => ({ conversationId: id, refusal: gone })) }
    const scope = effectScope()
    await scope.run(() => useBatchClosing())?.close(chosen)
    expect(useToast().toasts.value).toEqual([])
    scope.stop()
  })
})
