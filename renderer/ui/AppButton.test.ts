import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import AppButton from './AppButton.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

async function tip(): Promise<string | null> {
  await new Promise((resolve) => setTimeout(resolve))
  await nextTick()
  return document.querySelector('[role="tooltip"]')?.textContent ?? null
}

describe('AppButton', () => {
  it('can be pressed', async () => {
    const button = mount(AppButton, { slots: { default: '結束' }, attachTo: document.body })
    await button.trigger('click')
    expect(button.emitted('click')).toHaveLength(1)
    expect(button.attributes('aria-disabled')).toBeUndefined()
    button.unmount()
  })

  it('[ROL-4] says why it cannot be pressed, beside it and to screen readers, and stays in the order of focus', async () => {
    const disabledReason = '只有跟進者 陳志明 可以這樣做。可以請跟進者處理。'
    const button = mount(AppButton, { props: { disabledReason }, slots: { default: '結束' }, attachTo: document.body })
    const element = button.get('button')
    await element.trigger('click')
    expect(button.emitted('click')).toBeUndefined()
    expect(await tip()).toBe(disabledReason)
    expect(element.attributes()).toMatchObject({ 'aria-disabled': 'true' })
    expect(element.attributes('disabled')).toBeUndefined()
    expect(document.getElementById(element.attributes('aria-describedby') ?? '')?.textContent).toBe(disabledReason)
    await element.trigger('blur')
    expect(await tip()).toBeNull()
    button.unmount()
  })

  it('is not pressed twice while what it started is under way', async () => {
    const button = mount(AppButton, { props: { busy: true }, slots: { default: '登入' } })
    await button.trigger('click')
    expect(button.emitted('click')).toBeUndefined()
    expect(button.attributes('aria-busy')).toBe('true')
    button.unmount()
  })

  it('has a name when it is only a picture', () => {
    const button = mount(AppButton, { props: { label: '鎖定', keys: 'ctrl+shift+l' } })
    expect(button.attributes('aria-label')).toBe('鎖定')
    button.unmount()
  })
})
