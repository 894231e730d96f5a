import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { toastPlace, useToastPlace } from './toast.ts'

describe('the place of toasts', () => {
  it('is the innermost part that asked for it, and goes back when that is gone', async () => {
    const page = document.createElement('main')
    const thread = document.createElement('section')
    const [outer, inner] = [effectScope(), effectScope()]
    const [outerElement, innerElement] = [ref<HTMLElement | null>(null), ref<HTMLElement | null>(null)]
    outer.run(() => useToastPlace(outerElement))
    inner.run(() => useToastPlace(innerElement))
    expect(toastPlace()).toBeNull()
    outerElement.value = page
    await nextTick()
    innerElement.value = thread
    await nextTick()
    expect(toastPlace()).toBe(thread)
    inner.stop()
    expect(toastPlace()).toBe(page)
    outer.stop()
    expect(toastPlace()).toBeNull()
  })
})
