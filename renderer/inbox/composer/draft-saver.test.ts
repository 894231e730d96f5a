import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConversationId } from '../../../backend/domain/ids.ts'
import type { Draft } from '../../../backend/workstation/views.ts'
import { DraftSaver, EMPTY_DRAFT } from './draft-saver.ts'

const a = ConversationId.parse('a')
const b = ConversationId.parse('b')
const reply = (text: string): Draft => ({ ...EMPTY_DRAFT, reply: text })

/** A backend that fails while told to and remembers what it was given last. */
function backend() {
  const state = {
    failing: false,
    saved: new Map<ConversationId, string>(),
    calls: 0,
    hold: null as Promise<void> | null,
  }
  const saver = new DraftSaver(async (id, draft) => {
    state.calls += 1
    if (state.hold) await state.hold
    if (state.failing) throw new Error('backend gone')
    state.saved.set(id, draft.reply)
  })
  return { state, saver }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('drafts', () => {
  it('are saved once, a moment after the last key', async () => {
    const { state, saver } = backend()
    for (const text of ['您', '您好', '您好，']) saver.edit(a, reply(text))
    await vi.advanceTimersByTimeAsync(299)
    expect(state.calls).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect([state.calls, state.saved.get(a)]).toEqual([1, '您好，'])
  })

  it('are saved at once when the conversation is left', async () => {
    const { state, saver } = backend()
    saver.edit(a, reply('一'))
    saver.edit(b, reply('二'))
    await saver.flush(a)
    expect([...state.saved]).toEqual([['a', '一']])
    await saver.flush()
    expect(state.saved.get(b)).toBe('二')
  })

  it('stay in memory while the backend fails, say so, and are saved when it is back', async () => {
    const { state, saver } = backend()
    state.failing = true
    saver.edit(a, reply('不能丟'))
    await saver.flush(a)
    expect(saver.unsaved.has(a)).toBe(true)
    expect(saver.typed(a)?.reply).toBe('不能丟')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(saver.typed(a)?.reply).toBe('不能丟')
    state.failing = false
    await vi.advanceTimersByTimeAsync(15_000)
    expect(state.saved.get(a)).toBe('不能丟')
    expect(saver.unsaved.has(a)).toBe(false)
  })

  it('typed while an older text is being saved are saved after it', async () => {
    const { state, saver } = backend()
    let release = (): void => undefined
    state.hold = new Promise((resolve) => (release = resolve))
    saver.edit(a, reply('舊'))
    const first = saver.flush(a)
    saver.edit(a, reply('新'))
    await saver.flush(a)
    state.hold = null
    release()
    await first
    await vi.advanceTimersByTimeAsync(300)
    expect(state.saved.get(a)).toBe('新')
  })
})
