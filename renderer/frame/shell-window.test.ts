import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useCounts } from '../session/counts.ts'
import { useShellWindow } from './shell-window.ts'
import type { Counts } from '../../backend/workstation/views.ts'

afterEach(() => vi.unstubAllGlobals())

function countsOf(unread: number): Counts {
  const none = { total: 0, unread: 0 }
  const [pending_bot, open_mine, open_team, closed_mine, closed_team] = Array.from({ length: 5 }, () => none) as [
    typeof none,
    typeof none,
    typeof none,
    typeof none,
    typeof none,
  ]
  return { pending_person: { total: 9, unread }, pending_bot, open_mine, open_team, closed_mine, closed_team }
}

it('shows how much is unread, tells of more when nobody looks, and takes it back at the end', async () => {
  const told: unknown[] = []
  const note = (name: string) => (value: unknown) => {
    told.push([name, value])
    return Promise.resolve(null)
  }
  const stop = vi.fn()
  vi.stubGlobal('countertop', {
    setBadge: note('badge'),
    notify: ({ body }: { body: string }) => note('notice')(body),
    setLanguage: note('language'),
    onOpenConversation: () => stop,
  })
  let focused = true
  vi.spyOn(document, 'hasFocus').mockImplementation(() => focused)
  setActivePinia(createPinia())
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: { render: () => null } }],
  })
  const counts = useCounts()
  const frame = defineComponent({ setup: () => (useShellWindow(), () => null) })
  const mounted = mount(frame, { global: { plugins: [router] } })
  for (const [unread, focus] of [
    [2, false],
    [3, true],
    [4, false],
    [1, false],
  ] as const) {
    focused = focus
    counts.counts = countsOf(unread)
    await nextTick()
  }
  mounted.unmount()
  expect(told).toEqual([
    ['language', 'zh-Hant-TW'],
    ['badge', 2],
    ['badge', 3],
    ['badge', 4],
    ['notice', '有 4 則未讀訊息'],
    ['badge', 1],
    ['badge', 0],
  ])
  expect(stop).toHaveBeenCalledOnce()
})
