/**
 * An inbox of 100,000 conversations on the screen: how soon the first rows are painted after another list or filter is
 * chosen, and what scrolling costs while customers write. Beside it a bare list of as many plain rows in the same browser.
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { StandInHub } from '../../../backend/workstation/stand-ins/hub.ts'
import { atMost, measured } from '../bench.ts'
import type { Figures, Measured, Say } from '../bench.ts'
import { heapOf, openDesk, turnWheel } from '../browser.ts'
import type { Desk } from '../browser.ts'
import { withFolder } from '../folders.ts'
import { framesFigures, watching } from '../frames.ts'
import type { FramesSeen, Watched } from '../frames.ts'
import { median, quantile, rounded, tail } from '../statistics.ts'
import { filledHome, moveToHub, startFeed } from '../stores.ts'
import { CustomersWriting, allLists, choose, dragBar, filterAgain, middleOf, someRows } from './page.ts'

/** With about three messages each, a little over 100,000 conversations; nine of ten are in one list. */
const MESSAGES = 326_000
const AVERAGE = 3
const CONVERSATIONS = 100_000
const LONG = 'closed_team'
const ROW_HEIGHT = 68
const SWITCHES = 60
const EACH_FILTER = 20
/** ms of each way of scrolling. */
const SCROLLED = 6_000
/** Pixels a turn of the wheel: as one reads, and as one flings it, more than a screen a frame. */
const READING = 120
const FLINGING = 1_500
const MOST_NODES = 2_000
const LONGEST_FRAME = 50
const FIRST_ROWS = 100
const WATCHED: Watched = { box: '[role=listbox]', items: '[role=option][id]', name: 'id' }
const BARE: Watched = { box: '#box', items: '.row', name: 'data-index' }

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const home = join(folder, 'home')
    await cp(await filledHome(MESSAGES, say, AVERAGE), home, { recursive: true })
    const hub = await startFeed('')
    moveToHub(home, hub.url)
    const desk = await openDesk(home, hub.url, say)
    try {
      return await measureOn(desk, hub, say)
    } finally {
      await desk.stop()
      await hub.stop()
    }
  })
}

async function measureOn(desk: Desk, hub: StandInHub, say: Say): Promise<Measured> {
  const { page, chrome } = desk
  const conversations = await allLists(page)
  await choose(page, LONG)
  const lists: number[] = []
  const cycle = [LONG, 'open_team', 'pending_person'] as const
  for (let n = 1; n <= SWITCHES; n += 1) lists.push(await choose(page, cycle[n % cycle.length] ?? LONG))
  // A page that is not in front gets no frames: the bare list has the browser for itself, and gives it back.
  const bare = await desk.barePage()
  const bares = await bare.evaluate(showAgain, {
    times: SWITCHES,
    address: `/api/conversations?list=${LONG}&limit=100`,
    count: CONVERSATIONS,
    height: ROW_HEIGHT,
  })
  await page.bringToFront()
  say(
    `lists: p50 ${rounded(median(lists))} ms, p95 ${rounded(quantile(lists, 0.95))} ms, bare ${rounded(median(bares))} ms`,
  )
  const filters: Record<string, number[]> = {}
  for (const [n, name] of [
    [null, 'unread'],
    [0, 'channel'],
    [1, 'store'],
    [2, 'tag'],
  ] as const) {
    filters[name] = await filterAgain(page, n, EACH_FILTER)
    say(`filter by ${name}: p95 ${rounded(quantile(filters[name], 0.95))} ms`)
  }
  const firsts = [...lists, ...Object.values(filters).flat()]

  const before = await heapOf(chrome)
  const customers = new CustomersWriting(hub, await someRows(page, LONG))
  const ours: Record<string, FramesSeen> = {}
  const at = await middleOf(page, WATCHED.box)
  await page.mouse.move(at.x, at.y)
  for (const [name, by] of [
    ['down', READING],
    ['up', -READING],
    ['flung down', FLINGING],
    ['flung up', -FLINGING],
  ] as const) {
    ours[name] = await watching(page, WATCHED, () => turnWheel(chrome, { ...at, by, ms: SCROLLED }))
    say(
      `${name}: longest frame ${rounded(Math.max(...ours[name].frames))} ms, ${ours[name].nodes} nodes, ${ours[name].jumps.length} jumps`,
    )
  }
  ours['bar dragged'] = await watching(page, WATCHED, () => dragBar(page, WATCHED.box))
  ours['up from the middle'] = await watching(page, WATCHED, () =>
    turnWheel(chrome, { ...at, by: -READING, ms: SCROLLED }),
  )
  const writes = customers.stop()
  const after = await heapOf(chrome)
  say(`${writes} messages came in meanwhile; ${rounded(before)} MB before, ${rounded(after)} MB after`)

  await bare.bringToFront()
  await bare.evaluate(([count, height]) => window.bareList.make(count, [height]), [CONVERSATIONS, ROW_HEIGHT] as const)
  const bareChrome = await bare.context().newCDPSession(bare)
  const there = await middleOf(bare, BARE.box)
  const bareDown = await watching(bare, BARE, () => turnWheel(bareChrome, { ...there, by: READING, ms: SCROLLED }))
  const bareFlung = await watching(bare, BARE, () => turnWheel(bareChrome, { ...there, by: FLINGING, ms: SCROLLED }))

  const slowest = Math.max(...Object.values(ours).map(({ frames }) => Math.max(...frames)))
  const jumps = jumpsIn([ours['down'], ours['up'], ours['up from the middle']])
  return measured(atMost(rounded(median(lists) / median(bares)), 3), {
    conversations,
    'first rows, p95 ms': atMost(rounded(quantile(firsts, 0.95)), FIRST_ROWS),
    'another list, ms': tail(lists),
    'a filter, ms': Object.fromEntries(Object.entries(filters).map(([name, all]) => [name, tail(all)])),
    'bare list, ms': tail(bares),
    'most nodes': atMost(Math.max(...Object.values(ours).map(({ nodes }) => nodes)), MOST_NODES),
    'longest frame, ms': atMost(rounded(slowest), LONGEST_FRAME),
    jumps: atMost(jumps.length, 0),
    'largest jumps, px':
      jumps
        .slice(0, 5)
        .map(({ by }) => (by === 'gone' ? by : Math.round(by)))
        .join(' ') || 'none',
    ...Object.fromEntries(Object.entries(ours).map(([name, seen]): [string, Figures] => [name, framesFigures(seen)])),
    'bare, down': framesFigures(bareDown),
    'bare, flung down': framesFigures(bareFlung),
    'longest frame to the bare list': rounded(slowest / Math.max(...bareDown.frames, ...bareFlung.frames)),
    'messages that came in meanwhile': writes,
    'heap before, MB': rounded(before),
    'heap after, MB': rounded(after),
  })
}

type Shown = { times: number; address: string; count: number; height: number }

/** Runs in the bare page. */
async function showAgain({ times, address, count, height }: Shown): Promise<number[]> {
  const taken: number[] = []
  for (let n = 0; n < times; n += 1) taken.push(await window.bareList.show(address, count, [height]))
  return taken
}

function jumpsIn(all: readonly (FramesSeen | undefined)[]) {
  return all.flatMap((seen) => seen?.jumps ?? [])
}
