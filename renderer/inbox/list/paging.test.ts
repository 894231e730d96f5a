import { describe, expect, it, vi } from 'vitest'
import { PagedList } from './paging.ts'
import type { Page } from './paging.ts'

type Item = { id: string; text: string }

/** A backend of `count` rows that counts how many questions are open at once. */
function backend(count: number) {
  const state = {
    rows: Array.from({ length: count }, (_, index): Item => ({ id: `c${index}`, text: 'old' })),
    asked: [] as number[],
    open: 0,
    mostOpen: 0,
    failing: false,
  }
  const fetch = async (offset: number, limit: number): Promise<Page<Item>> => {
    state.asked.push(offset)
    state.open += 1
    state.mostOpen = Math.max(state.mostOpen, state.open)
    await Promise.resolve()
    state.open -= 1
    if (state.failing) throw new Error('gone')
    return { total: state.rows.length, offset, rows: state.rows.slice(offset, offset + limit) }
  }
  return { state, fetch }
}

function listOver(count: number) {
  const { state, fetch } = backend(count)
  const changed = vi.fn()
  const list = new PagedList<Item>(fetch, changed)
  const ids = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => list.rowAt(first + index)?.id)
  return { state, list, changed, ids }
}

describe('a paged list', () => {
  it('asks only for the windows that come into view, of 100,000 rows', async () => {
    const { state, list, ids } = listOver(100_000)
    list.show(0, 20)
    await vi.waitFor(() => expect(list.total).toBe(100_000))
    list.show(54_310, 54_330)
    await vi.waitFor(() => expect(list.rowAt(54_330)).toBeDefined())
    expect(ids(54_310, 54_311)).toEqual(['c54310', 'c54311'])
    expect(list.rowAt(30_000)).toBeUndefined()
    expect(state.asked).toEqual([0, 54_300])
  })

  it('holds what is near the view, and asks again for what it let go of far from it', async () => {
    const { state, list } = listOver(100_000)
    const pages = [0, 5, 10, 11].map((page) => page * 100)
    for (const offset of pages) {
      list.show(offset, offset + 20)
      await vi.waitFor(() => expect(list.rowAt(offset + 20)).toBeDefined())
    }
    expect([list.rowAt(0), list.rowAt(500)?.id]).toEqual([undefined, 'c500'])
    expect(list.indexOf('c20')).toBe(-1)
    list.show(0, 20)
    await vi.waitFor(() => expect(list.rowAt(0)?.id).toBe('c0'))
    expect(state.asked).toEqual([...pages, 0])
  })

  it('does not bring back a page with an order that waited for the pointer once it has let go of it', async () => {
    const { state, list } = listOver(5_000)
    list.show(0, 20)
    await vi.waitFor(() => expect(list.total).toBe(5_000))
    list.hold(true)
    state.rows = [state.rows[1]!, state.rows[0]!, ...state.rows.slice(2)]
    list.refresh()
    await vi.waitFor(() => expect(list.postponed).toBe(true))
    list.show(4_000, 4_020)
    await vi.waitFor(() => expect(list.rowAt(4_000)).toBeDefined())
    expect(list.postponed).toBe(false)
    list.hold(false)
    expect(list.rowAt(0)).toBeUndefined()
  })

  it('has one question open at a time, and joins many changes into one more', async () => {
    const { state, list } = listOver(500)
    list.show(0, 20)
    for (let n = 0; n < 50; n += 1) list.refresh()
    await vi.waitFor(() => expect(state.asked.length).toBeGreaterThan(0))
    await vi.waitFor(() => expect(state.open).toBe(0))
    for (let n = 0; n < 50; n += 1) list.refresh()
    await vi.waitFor(() => expect(state.open).toBe(0))
    expect(state.mostOpen).toBe(1)
    expect(state.asked.length).toBeLessThanOrEqual(3)
  })

  it('keeps the order while it is held, shows new content, and applies the order after', async () => {
    const { state, list, ids } = listOver(3)
    list.show(0, 2)
    await vi.waitFor(() => expect(list.total).toBe(3))
    list.hold(true)
    state.rows = [
      { id: 'c2', text: 'new' },
      { id: 'c0', text: 'old' },
      { id: 'c1', text: 'old' },
    ]
    list.refresh()
    await vi.waitFor(() => expect(list.postponed).toBe(true))
    expect(ids(0, 2)).toEqual(['c0', 'c1', 'c2'])
    expect(list.rowAt(2)?.text).toBe('new')
    list.hold(false)
    expect(ids(0, 2)).toEqual(['c2', 'c0', 'c1'])
  })

  it('does not let an older answer that was postponed replace a newer one', async () => {
    const { state, list, ids } = listOver(2)
    list.show(0, 1)
    await vi.waitFor(() => expect(list.total).toBe(2))
    list.hold(true)
    state.rows = [state.rows[1]!, state.rows[0]!]
    list.refresh()
    await vi.waitFor(() => expect(list.postponed).toBe(true))
    state.rows = [state.rows[1]!, state.rows[0]!]
    list.refresh()
    await vi.waitFor(() => expect(list.postponed).toBe(false))
    list.hold(false)
    expect(ids(0, 1)).toEqual(['c0', 'c1'])
  })

  it('has rows come that are not shown, and asks for none that are here', async () => {
    const { state, list, ids } = listOver(100_000)
    list.show(0, 20)
    await vi.waitFor(() => expect(list.total).toBe(100_000))
    await list.bring(95, 134)
    expect(ids(99, 101)).toEqual(['c99', 'c100', 'c101'])
    await list.bring(0, 199)
    expect(state.asked).toEqual([0, 100])
    state.failing = true
    await list.bring(200, 210)
    expect([list.rowAt(200), list.failed]).toEqual([undefined, expect.any(Error)])
  })

  it('shrinks with the list and asks nothing outside it', async () => {
    const { state, list } = listOver(250)
    list.show(200, 240)
    await vi.waitFor(() => expect(list.rowAt(240)).toBeDefined())
    state.rows = state.rows.slice(0, 5)
    list.refresh()
    await vi.waitFor(() => expect(list.total).toBe(5))
    await vi.waitFor(() => expect(list.rowAt(0)?.id).toBe('c0'))
    expect(list.rowAt(240)).toBeUndefined()
  })

  it('keeps what it has when a question fails, says so, and goes on after a retry', async () => {
    const { state, list } = listOver(10)
    list.show(0, 9)
    await vi.waitFor(() => expect(list.total).toBe(10))
    state.failing = true
    list.refresh()
    await vi.waitFor(() => expect(list.failed).not.toBeNull())
    expect(list.rowAt(0)?.id).toBe('c0')
    state.failing = false
    state.rows[0] = { id: 'c0', text: 'new' }
    list.retry()
    await vi.waitFor(() => expect(list.rowAt(0)?.text).toBe('new'))
    expect(list.failed).toBeNull()
  })
})
