import { mount } from '@vue/test-utils'
import { Hono } from 'hono'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { refuse } from '../../backend/domain/refusal.ts'
import { ConversationId, MemberId } from '../../backend/domain/ids.ts'
import { i18n, setLocale } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'
import { UNDO_MS, useToast } from '../ui/toast.ts'
import QueuePage from './QueuePage.vue'
import type { Connection, QueueItem, QueueView } from '../../backend/workstation/views.ts'

const connection = { state: 'online', lastSyncAt: 0 } as const
const refusedItem: QueueItem = {
  id: 7,
  state: 'refused',
  doubtful: false,
  name: 'message.send',
  conversationId: ConversationId.parse('c1'),
  contactName: '<b>林</b>',
  text: '可以的\n<script>alert(1)</script>',
  at: 0,
  refusal: refuse(
    'conversation.takenBy',
    { follower: '陳志明' },
    { whoCould: ['supervisor'], instead: 'ask-follower' },
  ),
}
const waitingItem: QueueItem = { ...refusedItem, id: 8, state: 'waiting', doubtful: true, text: '稍候', refusal: null }

/** What lies behind the page here: the local API's queue routes over two lists. */
let view: QueueView
let retried: unknown[]
function backend(): Hono {
  return new Hono()
    .get('/api/reference', (c) => c.json({ error: refuse('request.notFound', {}) }, 404))
    .get('/api/queue', (c) => c.json(view))
    .post('/api/queue/:id/retry', async (c) => {
      retried.push([c.req.param('id'), await c.req.json()])
      view = { ...view, refused: [] }
      return c.json({ ok: true, queueId: 9 })
    })
    .post('/api/queue/:id/discard', (c) => {
      view = { ...view, refused: view.refused.filter(({ id }) => String(id) !== c.req.param('id')) }
      return c.json(view)
    })
}

async function page() {
  setActivePinia(createPinia())
  useSession().state = {
    hub: 'http://hub',
    session: {
      state: 'open',
      clientId: 'w1',
      member: {
        id: MemberId.parse('m1'),
        name: '林',
        email: 'm@x',
        phone: null,
        role: 'cs_agent',
        storeIds: [],
        active: true,
      },
    },
    connection,
    knownMembers: [],
    storeNotice: null,
  }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: QueuePage }],
  })
  const shown = mount(QueuePage, { global: { plugins: [router, i18n] }, attachTo: document.body })
  await vi.waitFor(() => expect(shown.findAll('article')).not.toHaveLength(0))
  function button(text: string) {
    const found = shown.findAll('button').find((one) => one.text() === text)
    if (found === undefined) throw new Error(`there is no button ${text}`)
    return found
  }
  return { shown, button }
}

beforeEach(() => {
  view = { connection, waiting: [waitingItem], refused: [refusedItem] }
  retried = []
  setLocale('zh-Hant-TW')
  const app = backend()
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => app.request(new URL(input).pathname, init))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  useToast().clear()
  document.body.innerHTML = ''
})

describe('the queue page', () => {
  it('[SYN-4] [SYN-8] shows what was refused with its text, its reason and what to do, all of it inert', async () => {
    const { shown } = await page()
    const entry = shown.findAll('article')[0]?.text() ?? ''
    for (const text of [
      '傳送訊息',
      '<b>林</b>',
      refusedItem.text ?? '',
      '陳志明 已經在跟進這則對話。',
      '可以請跟進者處理。',
      '主管',
    ]) {
      expect(entry).toContain(text)
    }
    expect(shown.find('b').exists() || shown.find('script').exists()).toBe(false)
  })

  it('[SYN-8] shows what waits, and what will probably be refused', async () => {
    const { shown } = await page()
    expect(shown.text()).toContain('已連線')
    const entry = shown.findAll('article')[1]?.text() ?? ''
    for (const text of ['稍候', '可能會被退回']) expect(entry).toContain(text)
  })

  it('[SYN-8] shows the connection and when it last synced', async () => {
    const shown = async (connection: Connection) => {
      useSession().state = { ...useSession().state!, connection }
      await nextTick()
      return mounted.shown.get('.connection').text()
    }
    const mounted = await page()
    const lastSyncAt = Date.now() - 12.5 * 60_000
    expect(await shown({ state: 'online', lastSyncAt })).toBe('已連線上次同步：12 分鐘前')
    expect(await shown({ state: 'offline', since: null, lastSyncAt: null, reason: null })).toContain('離線尚未同步')
  })

  it('[SYN-4] sends it again with the text that was edited', async () => {
    const { shown, button } = await page()
    await button('編輯後重送').trigger('click')
    const field = shown.get('textarea')
    expect(field.element.value).toBe(refusedItem.text)
    await field.setValue('改過的')
    await field.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await vi.waitFor(() => expect(shown.findAll('article')).toHaveLength(1))
    expect(retried).toEqual([['7', { text: '改過的' }]])
  })

  it('[SYN-4] discards it only when that can no longer be taken back', async () => {
    const { shown, button } = await page()
    vi.useFakeTimers()
    await button('捨棄').trigger('click')
    expect([shown.findAll('article').length, view.refused.length]).toEqual([1, 1])
    useToast().toasts.value[0]?.undo?.()
    await vi.advanceTimersByTimeAsync(UNDO_MS * 2)
    expect([shown.findAll('article').length, view.refused.length]).toEqual([2, 1])
    await button('捨棄').trigger('click')
    await vi.advanceTimersByTimeAsync(UNDO_MS + 1)
    await vi.waitFor(() => expect(view.refused).toEqual([]))
  })
})
