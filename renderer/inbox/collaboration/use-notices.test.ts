import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { MemberId, TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import { setLocale } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useSession } from '../../session/session.ts'
import { useToast } from '../../ui/toast.ts'
import { sampleConversation, sampleMember } from '../sample.ts'
import type { EventOf } from '../../api/live.ts'
import type { Notice } from '../../../backend/workstation/views.ts'
import { useNotices } from './use-notices.ts'

/** What the backend tells, in the test's hands. */
const heard = vi.hoisted(() => ({ tell: (_event: EventOf<'notice'>): void => undefined }))
vi.mock('../../api/live.ts', async (original) => ({
  ...(await original<object>()),
  onLive: (type: string, handler: (event: EventOf<'notice'>) => void) => {
    if (type === 'notice') heard.tell = handler
  },
}))
afterEach(() => {
  useToast().clear()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const wang = { ...sampleMember, id: MemberId.parse('wang'), name: '王大明', role: 'admin' as const }
const { id } = sampleConversation
const joined: Notice = {
  kind: 'collaboration',
  id: 'n',
  conversationId: id,
  contactName: '王小明',
  event: { type: 'joined', by: wang.id },
}

/** A window whose member looks at `path`, or not at all. */
async function windowAt(path: string, focused: boolean) {
  setLocale('zh-Hant-TW')
  const notify = vi.fn(() => Promise.resolve(null))
  vi.stubGlobal('countertop', { notify })
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  vi.spyOn(document, 'hasFocus').mockImplementation(() => focused)
  setActivePinia(createPinia())
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member: sampleMember },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
  useReference().reference = {
    team: newTeam({ id: TeamId.parse('team'), name: '隊' }),
    stores: [],
    members: [sampleMember, wang],
    channels: [],
    tags: [],
    templates: [],
    clockAhead: 0,
  }
  const page = { render: () => null }
  const routes = [{ path: '/inbox/:list?/:conversationId?', name: 'inbox', component: page }]
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push(path)
  mount(defineComponent({ setup: () => (useNotices(), () => null) }), { global: { plugins: [router] } })
  return {
    notify,
    router,
    told: () => useToast().toasts.value.map(({ about, text, link }) => [about, text, link?.label]),
  }
}

describe('[COL-11] a notice', () => {
  it('is a toast that leads to the conversation, unless that is the one that is open', async () => {
    const elsewhere = await windowAt('/inbox/open_mine', true)
    heard.tell({ type: 'notice', notice: joined })
    expect(elsewhere.told()).toEqual([['王小明', '王大明 加入了協作對話。', '查看']])
    expect(elsewhere.notify).not.toHaveBeenCalled()
    useToast().clear()
    const there = await windowAt(`/inbox/open_mine/${id}`, true)
    heard.tell({ type: 'notice', notice: joined })
    expect(there.told()).toEqual([['王小明', '王大明 加入了協作對話。', undefined]])
  })

  it('is also the notification of the shell while nobody is at the window: the customer, never what was written', async () => {
    const { notify } = await windowAt('/inbox/open_mine', false)
    heard.tell({ type: 'notice', notice: joined })
    expect(notify).toHaveBeenCalledExactlyOnceWith({
      title: '王小明',
      body: '王大明 加入了協作對話。',
      conversationId: id,
      silent: false,
    })
  })

  it('of many conversations leads to the list they are in', async () => {
    const { router, told } = await windowAt('/inbox/closed_mine', true)
    const conversationIds = [id, id, id]
    heard.tell({
      type: 'notice',
      notice: { kind: 'transferred', id: 'n', by: wang.id, conversationIds, contactName: null },
    })
    expect(told()).toEqual([['移轉對話', '王大明 (管理員) 已將 3 個對話移轉給你。', '查看']])
    const arrived = new Promise((resolve) => router.afterEach(({ params }) => resolve(params['list'])))
    useToast().toasts.value[0]?.link?.run()
    expect(await arrived).toBe('open_mine')
  })
})
