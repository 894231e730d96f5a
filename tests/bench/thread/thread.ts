/**
 * A conversation of 100,000 messages on the screen, of which the device has the newest 200: how soon it is open, and what
 * reading back through thousands of them costs, while pages come in from the hub and from the device, at both ends.
 * Nothing may move but by the wheel. Beside it a bare list of as many plain rows in the same browser.
 */
import { join } from 'node:path'
import { z } from 'zod'
import type { Page } from 'playwright'
import { picture } from '../../../backend/hub/demo/files.ts'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import { until } from '../../world/until.ts'
import { atMost, measured } from '../bench.ts'
import type { Figures, Measured, Say } from '../bench.ts'
import { heapOf, openDesk, turnWheel } from '../browser.ts'
import type { Desk } from '../browser.ts'
import { withFolder } from '../folders.ts'
import { framesFigures, watching } from '../frames.ts'
import type { FramesSeen, Watched } from '../frames.ts'
import { median, quantile, rounded, tail } from '../statistics.ts'
import { startFeed } from '../stores.ts'
import { longThread, snapshotOf } from './long-thread.ts'

const MESSAGES = 100_000
const MIDDLE = 50_000
const OPENED = 30
/** Pixels a turn of the wheel. */
const READING = 240
/** ms of each way of scrolling. */
const FAR = 20_000
const NEAR = 8_000
const MOST_NODES = 2_000
const LONGEST_FRAME = 50
const FIRST_MESSAGES = 100
/** How much what was read may leave behind, in MB. */
const MOST_GROWTH = 20
const WATCHED: Watched = { box: '[role=log]', items: 'article', name: 'data-ordinal' }
const BARE: Watched = { box: '#box', items: '.row', name: 'data-index' }
/** Heights of a bare list's rows: a word, a line, three, a picture. */
const HEIGHTS = [41, 63, 84, 62, 105, 41, 240, 63]
const Older = z.object({ messages: z.array(z.object({ ordinal: z.number() })) })

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const hub = await startFeed('')
    const thread = longThread(MESSAGES)
    hub.snapshotFile = null
    hub.snapshotLines = snapshotOf(thread)
    hub.wantsSnapshot = true
    hub.older = thread.messages
    hub.file = Buffer.from(picture('', 1).bytes)
    const desk = await openDesk(join(folder, 'home'), hub.url, say)
    try {
      return await measureOn(desk, thread.conversation.id, say)
    } finally {
      await desk.stop()
      await hub.stop()
    }
  })
}

async function measureOn(desk: Desk, id: ConversationId, say: Say): Promise<Measured> {
  const { page, chrome } = desk
  await page.locator('.switch .group:nth-of-type(2) .choice:nth-of-type(1)').click()
  const opened: number[] = []
  for (let n = 0; n < OPENED; n += 1) {
    if (n > 0) await leave(page)
    opened.push(await open(page))
  }
  say(`opened: p50 ${rounded(median(opened))} ms, p95 ${rounded(quantile(opened, 0.95))} ms`)
  const before = await heapOf(chrome)
  const seen: Record<string, FramesSeen> = {}
  const reached: Record<string, number> = {}
  const scroll = async (name: string, by: number, ms: number): Promise<void> => {
    const box = await page.locator(WATCHED.box).boundingBox()
    if (!box) throw new Error('no thread is open')
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(at.x, at.y)
    const now = await watching(page, WATCHED, () => turnWheel(chrome, { ...at, by, ms }))
    seen[name] = now
    reached[name] = await topmost(page)
    const sizes = now.jumps.slice(0, 6).map((jump) => (jump.by === 'gone' ? jump.by : Math.round(jump.by)))
    say(
      `${name}: to ${reached[name]}, longest frame ${rounded(Math.max(...now.frames))} ms, ${now.nodes} nodes, ` +
        `${now.jumps.length} jumps (${sizes.join(' ')}), at an end ${now.atEdge}, asked ${now.asked}, moved ${now.moved}`,
    )
  }
  await scroll('up, from the hub', -READING, FAR)
  const grown = await heapOf(chrome)
  await scroll('down again', READING, FAR)
  await fillCache(page, id)
  await page.goto(`${desk.url}/inbox/open_mine/${id}?message=${MIDDLE}`)
  await page.locator(`${WATCHED.box} article[data-ordinal="${MIDDLE}"]`).waitFor()
  const atMiddle = await heapOf(chrome)
  await scroll('up from the middle', -READING, NEAR)
  await scroll('down from the middle', READING, NEAR * 2)
  const after = await heapOf(chrome)
  say(`heap: ${[before, grown, atMiddle, after].map((mb) => rounded(mb)).join(', ')} MB`)

  const bare = await desk.barePage()
  const address = `/api/conversations/${id}/messages?limit=60`
  const bares = await bare.evaluate(showAgain, { times: OPENED, address, count: MESSAGES, heights: HEIGHTS })
  const bareChrome = await bare.context().newCDPSession(bare)
  const bareDown = await watching(bare, BARE, () => turnWheel(bareChrome, { x: 250, y: 400, by: READING, ms: NEAR }))

  const all = Object.values(seen)
  const slowest = Math.max(...all.map(({ frames }) => Math.max(...frames)))
  const jumps = all.flatMap((one) => one.jumps)
  return measured(atMost(rounded(median(opened) / median(bares)), 3), {
    messages: MESSAGES,
    'first messages, p95 ms': atMost(rounded(quantile(opened, 0.95)), FIRST_MESSAGES),
    'opening, ms': tail(opened),
    'bare list, ms': tail(bares),
    'most nodes': atMost(Math.max(...all.map(({ nodes }) => nodes)), MOST_NODES),
    'longest frame, ms': atMost(rounded(slowest), LONGEST_FRAME),
    jumps: atMost(jumps.length, 0),
    'largest jump, px': rounded(Math.max(0, ...jumps.map(({ by }) => (by === 'gone' ? 0 : Math.abs(by))))),
    ...Object.fromEntries(
      Object.entries(seen).map(([name, one]): [string, Figures] => [
        name,
        { ...framesFigures(one), 'topmost message afterwards': reached[name] ?? 0 },
      ]),
    ),
    'bare, down': framesFigures(bareDown),
    'longest frame to the bare list': rounded(slowest / Math.max(...bareDown.frames)),
    'heap, MB': {
      'just opened': rounded(before),
      'far up': rounded(grown),
      'at a hit in the middle': rounded(atMiddle),
      'read from there': rounded(after),
    },
    'heap grown at most, MB': atMost(rounded(Math.max(grown - before, after - atMiddle)), MOST_GROWTH),
  })
}

type Shown = { times: number; address: string; count: number; heights: number[] }

/** Runs in the bare page. */
async function showAgain({ times, address, count, heights }: Shown): Promise<number[]> {
  const taken: number[] = []
  for (let n = 0; n < times; n += 1) taken.push(await window.bareList.show(address, count, heights))
  return taken
}

/** Opens the conversation. @returns ms from the click until its messages are painted */
async function open(page: Page): Promise<number> {
  const taken = page.evaluate(() =>
    window.frameWatch.untilPainted(() => {
      const box = document.querySelector('[role=log]')
      const last = [...(box?.querySelectorAll('article') ?? [])].at(-1)
      return box && last ? last.getBoundingClientRect().top < box.getBoundingClientRect().bottom : false
    }, '[role=option]'),
  )
  await page.locator('[role=option][id]').first().click()
  return taken
}

async function leave(page: Page): Promise<void> {
  await page.evaluate(() => history.back())
  await page.locator(WATCHED.box).waitFor({ state: 'detached' })
}

async function topmost(page: Page): Promise<number> {
  return page.evaluate(() => {
    const box = document.querySelector('[role=log]')
    const top = box?.getBoundingClientRect().top ?? 0
    const first = [...(box?.querySelectorAll('article') ?? [])].find((one) => one.getBoundingClientRect().bottom > top)
    return Number(first?.getAttribute('data-ordinal') ?? 0)
  })
}

/** Asks for the whole history once, so that the device has it. */
async function fillCache(page: Page, id: ConversationId): Promise<void> {
  let before = MESSAGES
  await until('the device has the whole history', async () => {
    while (before > 1) {
      const address = `/api/conversations/${id}/messages?limit=200&before=${before}`
      const { messages } = Older.parse(await page.evaluate(async (asked) => (await fetch(asked)).json(), address))
      const [first] = messages
      // The hub was out of reach for a moment: it is asked again.
      if (!first) return false
      before = first.ordinal
    }
    return true
  })
}
