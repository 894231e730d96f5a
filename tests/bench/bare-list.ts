/**
 * A virtual list with nothing above the browser: plain rows of known heights, those in view and a few more, made anew
 * whenever they change. {@link installBareList} runs in the page and takes nothing from this file with it.
 */

export type BareList = {
  /** Makes the list of so many rows; of rows of other heights these ones, again and again. */
  make(count: number, heights: readonly number[]): void
  /** Asks for a page of rows, then shows a list with their words. Resolves with the ms until it is painted. */
  show(address: string, count: number, heights: readonly number[]): Promise<number>
}

declare global {
  interface Window {
    bareList: BareList
  }
}

/** Puts the list's maker into a page without anything. */
export function installBareList(): void {
  const OVERSCAN = 6
  function make(count: number, heights: readonly number[], words: readonly string[] = []): void {
    const box = document.createElement('div')
    box.id = 'box'
    Object.assign(box.style, { position: 'absolute', inset: '100px auto 40px 100px', width: '380px', overflow: 'auto' })
    const room = document.createElement('div')
    const starts = new Float64Array(count + 1)
    for (let i = 0; i < count; i += 1) starts[i + 1] = (starts[i] ?? 0) + (heights[i % heights.length] ?? 0)
    Object.assign(room.style, { position: 'relative', height: `${starts[count]}px` })
    box.append(room)
    document.body.replaceChildren(box)
    const shown = new Map<number, HTMLElement>()
    function indexAt(offset: number): number {
      let low = 0
      let high = count - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((starts[middle] ?? 0) <= offset) low = middle
        else high = middle - 1
      }
      return low
    }
    function draw(): void {
      const first = Math.max(0, indexAt(box.scrollTop) - OVERSCAN)
      const last = Math.min(count - 1, indexAt(box.scrollTop + box.clientHeight) + OVERSCAN)
      for (const [i, row] of shown) {
        if (i >= first && i <= last) continue
        row.remove()
        shown.delete(i)
      }
      for (let i = first; i <= last; i += 1) {
        if (shown.has(i)) continue
        const row = document.createElement('div')
        row.className = 'row'
        row.dataset['index'] = `${i}`
        Object.assign(row.style, {
          position: 'absolute',
          inset: '0 0 auto 0',
          height: `${heights[i % heights.length]}px`,
          transform: `translateY(${starts[i]}px)`,
          overflow: 'hidden',
        })
        row.append(document.createElement('b'), document.createElement('p'))
        if (row.firstChild) row.firstChild.textContent = `${i}`
        if (row.lastChild) row.lastChild.textContent = words[i % words.length] ?? '請問這個還有現貨嗎？想訂兩個'
        room.append(row)
        shown.set(i, row)
      }
    }
    box.addEventListener('scroll', draw, { passive: true })
    draw()
  }
  window.bareList = {
    make,
    async show(address, count, heights) {
      const begun = performance.now()
      const answer = await fetch(address)
      const page = await answer.json()
      const words = (page.rows ?? page.messages).map((row: unknown) => JSON.stringify(row).slice(100, 160))
      make(count, heights, words)
      return new Promise((resolve) =>
        requestAnimationFrame(
          () => void scheduler.postTask(() => resolve(performance.now() - begun), { priority: 'user-blocking' }),
        ),
      )
    },
  }
}
