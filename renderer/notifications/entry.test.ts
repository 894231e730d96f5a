import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { TeamId } from '../../backend/domain/ids.ts'
import { newTeam } from '../../backend/domain/team/team.ts'
import type { Module } from '../../backend/domain/rows.ts'
import { i18n, setLocale } from '../i18n/index.ts'
import { sampleMember } from '../inbox/sample.ts'
import { useReference } from '../session/reference.ts'
import { useSession } from '../session/session.ts'
import NotificationsEntry from './NotificationsEntry.vue'
import NotificationsPage from './NotificationsPage.vue'

beforeEach(() => {
  setLocale('zh-Hant-TW')
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
})
afterEach(() => vi.unstubAllGlobals())

function shown(component: typeof NotificationsEntry | typeof NotificationsPage, modules: Module[]): string {
  setActivePinia(createPinia())
  const member = { ...sampleMember, role: 'admin' } as const
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
  const team = newTeam({ id: TeamId.parse('team'), name: '隊', modules })
  const none = { stores: [], channels: [], tags: [], templates: [], clockAhead: 0 }
  useReference().reference = { ...none, team, members: [member] }
  const routes = [{ path: '/:all(.*)*', component: NotificationsEntry }]
  const router = createRouter({ history: createMemoryHistory(), routes })
  const mounted = mount(component, { global: { plugins: [router, i18n] } })
  const text = mounted.text()
  mounted.unmount()
  return text
}

it('[ROL-5] notification messages are absent where the plan has not the module, and say so to who knows the address', () => {
  expect(shown(NotificationsEntry, ['lineNotifications'])).toContain('通知型訊息')
  expect(shown(NotificationsEntry, ['crm', 'omo'])).toBe('')
  expect(shown(NotificationsPage, ['crm'])).toContain('團隊的方案沒有包含「LINE 通知型訊息」。')
  expect(shown(NotificationsPage, ['lineNotifications'])).not.toContain('團隊的方案沒有包含')
})
