/**
 * What a page shows, frame by frame, looked at from within it: how long each frame took, how many nodes there are, and
 * whether anything moved by itself. {@link installWatch} runs in the page and takes nothing from this file with it.
 */
import type { Page } from 'playwright'
import { rounded, tail } from './statistics.ts'

/** What is looked at: a box that scrolls, the things in it, and the attribute that tells one from another. */
export type Watched = { box: string; items: string; name: string }

/** One thing that moved by something else than the wheel, or was gone while its place was in view. */
export type Jump = { frame: number; name: string; by: number | 'gone' }

export type FramesSeen = {
  /** ms from each frame to the next. */
  frames: number[]
  /** ms of tasks over 50 ms, as the browser tells of them. */
  longTasks: number[]
  /** ms of frames over 50 ms from the first event to the paint, as the browser tells of them. */
  longFrames: number[]
  /** Most elements in the document at the end of any frame. */
  nodes: number
  jumps: Jump[]
  /** Frames in which the box stood at its beginning or its end: nothing more to scroll, yet. */
  atEdge: number
  /** Frames so long that the wheel took everything out of view meanwhile. */
  unseen: number
  /** Pixels that the wheel asked for, and that what is read was seen to move. */
  asked: number
  moved: number
}

export type FrameWatch = {
  /** Looks at every frame from now on. */
  start(watched: Watched): void
  stop(): FramesSeen
  /**
   * ms from a click (or now) until what `isShown` waits for is painted.
   * @param after a selector of what is clicked; null begins now
   */
  untilPainted(isShown: () => boolean, after: string | null): Promise<number>
}

declare global {
  interface Window {
    frameWatch: FrameWatch
  }
}

/** Puts the watch into the page. */
export function installWatch(): void {
  /** Called within a frame: after its paint, and before anything else that waits. */
  const afterPaint = (then: () => void): void => void scheduler.postTask(then, { priority: 'user-blocking' })

  /** The lower end is what is followed: what joins a group with those above it loses what stood over it. */
  type Seen = { name: string; end: number }
  let seen: FramesSeen | null = null
  let watched: Watched = { box: '', items: '', name: '' }
  let anchor: Seen | null = null
  let last = 0
  /** Which watch the frames belong to: one may still be asked for when the next begins. */
  let watch = 0
  /** What the wheel asked for and has not been seen to happen yet. */
  let pending = 0
  let direction = 1
  let turn = 1
  let wasAtEdge = false
  const observers: PerformanceObserver[] = []

  addEventListener(
    'wheel',
    ({ deltaY }) => {
      if (!seen) return
      pending += deltaY
      seen.asked += deltaY
      direction = Math.sign(deltaY)
      turn = Math.abs(deltaY)
    },
    { capture: true, passive: true },
  )

  function endOf(element: Element): number {
    return element.getBoundingClientRect().bottom
  }
  /** Of what is in view, the one that will stay there longest. */
  function chosen(box: Element): Seen | null {
    const { top, bottom } = box.getBoundingClientRect()
    const inView = [...box.querySelectorAll(watched.items)]
      .map((element) => ({ name: element.getAttribute(watched.name) ?? '', end: endOf(element) }))
      .filter((one) => one.end >= top && one.end < bottom)
      .toSorted((a, b) => a.end - b.end)
    return (direction < 0 ? inView[0] : inView.at(-1)) ?? null
  }
  function look(box: Element, now: FramesSeen): void {
    const isAtEdge = box.scrollTop <= 0 || box.scrollTop + box.clientHeight >= box.scrollHeight - 1
    if (isAtEdge) now.atEdge += 1
    if (anchor) {
      const before = anchor
      // While the order of rows is held, one may stand twice in the list: at the end of one page and in the next.
      const found = [...box.querySelectorAll(`${watched.items}[${watched.name}="${CSS.escape(before.name)}"]`)]
        .map(endOf)
        .toSorted((a, b) => Math.abs(a - before.end) - Math.abs(b - before.end))[0]
      // In a long frame the wheel may have taken it out of the page: what moved cannot be told then.
      const mayBeOut = Math.abs(pending) + 3 * turn > box.clientHeight
      if (found === undefined && mayBeOut) {
        now.unseen += 1
        pending = 0
      } else if (found === undefined) now.jumps.push({ frame: now.frames.length, name: before.name, by: 'gone' })
      else {
        const moved = before.end - found
        now.moved += moved
        const turns = Math.round(moved / turn)
        // The compositor may be ahead of the events that this thread has heard of, by little.
        const most = Math.abs(pending) / turn + 3
        const isTurned = Math.abs(moved - turns * turn) <= 1 && turns * direction >= 0 && Math.abs(turns) <= most
        // Where the box ends, a turn of the wheel moves by what is left.
        const isStopped = (isAtEdge || wasAtEdge) && moved * direction >= -1 && Math.abs(moved) <= most * turn + 1
        if (!isTurned && !isStopped) {
          now.jumps.push({ frame: now.frames.length, name: before.name, by: moved - turns * turn })
        }
        pending = isAtEdge ? 0 : pending - moved
      }
    }
    wasAtEdge = isAtEdge
    anchor = chosen(box)
  }
  const all = document.getElementsByTagName('*')
  function frame(at: number, of: number): void {
    if (!seen || of !== watch) return
    if (last > 0) seen.frames.push(at - last)
    last = at
    afterPaint(() => {
      if (!seen) return
      seen.nodes = Math.max(seen.nodes, all.length)
      const box = document.querySelector(watched.box)
      if (box) look(box, seen)
    })
    requestAnimationFrame((next) => frame(next, of))
  }
  function observe(type: string, into: number[]): void {
    const observer = new PerformanceObserver((list) => into.push(...list.getEntries().map(({ duration }) => duration)))
    observer.observe({ type })
    observers.push(observer)
  }

  window.frameWatch = {
    start(what) {
      watched = what
      anchor = null
      last = 0
      pending = 0
      wasAtEdge = false
      seen = {
        frames: [],
        longTasks: [],
        longFrames: [],
        nodes: 0,
        jumps: [],
        atEdge: 0,
        unseen: 0,
        asked: 0,
        moved: 0,
      }
      observe('longtask', seen.longTasks)
      observe('long-animation-frame', seen.longFrames)
      watch += 1
      const own = watch
      requestAnimationFrame((at) => frame(at, own))
    },
    stop() {
      const result = seen
      if (!result) throw new Error('nothing was watched')
      seen = null
      for (const observer of observers.splice(0)) observer.disconnect()
      return result
    },
    async untilPainted(isShown, after) {
      const begun = after === null ? performance.now() : await clicked(after)
      return new Promise((resolve) => {
        const probe = (): void => {
          if (isShown()) afterPaint(() => resolve(performance.now() - begun))
          else requestAnimationFrame(probe)
        }
        requestAnimationFrame(probe)
      })
    },
  }
  function clicked(selector: string): Promise<number> {
    return new Promise((resolve) => {
      addEventListener(
        'click',
        (event) => {
          if (event.target instanceof Element && event.target.closest(selector)) resolve(event.timeStamp)
        },
        { capture: true, once: true },
      )
    })
  }
}

/** Looks at every frame while `work` goes on, and for some frames after it. */
export async function watching(page: Page, watched: Watched, work: () => Promise<unknown>): Promise<FramesSeen> {
  await page.evaluate((what) => window.frameWatch.start(what), watched)
  await work()
  return page.evaluate(async () => {
    for (let left = 30; left > 0; left -= 1) await new Promise((resolve) => requestAnimationFrame(resolve))
    return window.frameWatch.stop()
  })
}

/** The figures of it. */
export function framesFigures({ frames, longTasks, longFrames, nodes, atEdge, unseen }: FramesSeen) {
  return {
    'frames, ms': tail(frames),
    'tasks over 50 ms': longTasks.length,
    'frames over 50 ms of work': longFrames.length,
    'longest of them, ms': rounded(Math.max(0, ...longTasks, ...longFrames)),
    'most nodes': nodes,
    'frames at an end of the box': atEdge,
    'frames too long to follow': unseen,
  }
}
