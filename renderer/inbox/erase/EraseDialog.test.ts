import { DOMWrapper, enableAutoUnmount, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { i18n, setLocale } from '../../i18n/index.ts'
import { useSession } from '../../session/session.ts'
import { sampleMember } from '../sample.ts'
import EraseDialog from './EraseDialog.vue'
import type { EraseAction } from './erasing.ts'

beforeEach(() => {
  setLocale('zh-Hant-TW')
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
})
enableAutoUnmount(afterEach)
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

async function open(action: EraseAction, names: string[], online = true) {
  setActivePinia(createPinia())
  const connection = online
    ? ({ state: 'online', lastSyncAt: 0 } as const)
    : ({ state: 'offline', since: 0, lastSyncAt: 0, reason: null } as const)
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member: sampleMember },
    connection,
    knownMembers: [],
    storeNotice: null,
  }
  const mounted = mount(EraseDialog, {
    props: { action, names, busy: false, refusal: null },
    global: { plugins: [i18n] },
    attachTo: document.body,
  })
  await nextTick()
  await nextTick()
  const dialog = new DOMWrapper(document.body).get('[role="alertdialog"]')
  const button = (text: string) => dialog.findAll('button').find((one) => one.text().startsWith(text))
  return { mounted, dialog, button }
}
const people = Array.from({ length: 40 }, (_, n) => `客人 ${n + 1}`)

describe('[DEL-6] asking before something is deleted', () => {
  it('names the customer, says what goes and that it cannot be undone', async () => {
    const { dialog } = await open('delete', ['王小明'])
    expect(dialog.get('h2').text()).toBe('刪除與王小明的對話？')
    const says = document.getElementById(dialog.attributes('aria-describedby') ?? '')
    expect(says?.textContent).toContain('永遠無法復原')
  })

  it('says of the blacklist that it blocks, unsubscribes and deletes, and that lifting brings nothing back', async () => {
    const { dialog } = await open('blacklist', ['王小明'])
    expect(dialog.get('h2').text()).toBe('將王小明加入黑名單？')
    for (const words of ['封鎖客人並取消訂閱', '永遠無法復原', '訊息與訂閱都不會恢復'])
      expect(dialog.text()).toContain(words)
  })

  it('names three of many, and all of them when asked', async () => {
    const { dialog, button } = await open('delete', people)
    expect(dialog.get('h2').text()).toBe('刪除 40 則對話？')
    expect(dialog.get('.names').text()).toBe('客人 1、客人 2、客人 3 等 40 位')
    await button('顯示全部 40 位')?.trigger('click')
    expect(dialog.findAll('li').map((one) => one.text())).toEqual(people)
    const few = await open('delete', people.slice(0, 3))
    expect(few.button('顯示全部')).toBeUndefined()
  })

  it('begins on the way back, and does nothing before it is confirmed', async () => {
    const { mounted, button } = await open('delete', ['王小明'])
    expect(document.activeElement?.textContent).toBe('取消')
    await button('取消')?.trigger('click')
    expect([mounted.emitted('close'), mounted.emitted('confirm')]).toEqual([[[]], undefined])
    await button('刪除')?.trigger('click')
    expect(mounted.emitted('confirm')).toEqual([[]])
  })

  it('cannot be confirmed when the connection goes, and says why', async () => {
    const { mounted, button } = await open('delete', ['王小明'], false)
    await button('刪除')?.trigger('click')
    expect(mounted.emitted('confirm')).toBeUndefined()
    expect(button('刪除')?.text()).toContain('需要連線')
  })
})
