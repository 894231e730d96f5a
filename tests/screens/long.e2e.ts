/** Thousands of conversations, and one of 2,000 messages, in a browser: nothing moves by itself, and the page stays small. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, Page, Route } from 'playwright'
import { StandInHub } from '../../backend/workstation/stand-ins/hub.ts'
import type { Conversation } from '../../backend/domain/rows.ts'
import type { SnapshotLine } from '../../backend/sync/protocol.ts'
import { testChromium } from '../../build/setup/chromium.ts'
import { CORPUS_END, CORPUS_VERSION, OWNER, corpusLines } from '../bench/corpus.ts'
import { nextMessage } from '../bench/next-message.ts'
import { longThread, snapshotOf } from '../bench/thread/long-thread.ts'
import { newFolder, startWorkstation } from '../world/places.ts'
import { until } from '../world/until.ts'

const MESSAGES = 2_000
const MOST_NODES = 2_000
/** More than a thread holds of what has been read. */
const PAGES = 14
const THREAD = longThread(MESSAGES)
const LAST = THREAD.messages.findLast(({ body }) => body.kind !== 'event')?.ordinal

/** With one message or two each: about 2,400 conversations, most of them closed. */
const SHORT = 3_000

/** Many short conversations and the long one. */
function snapshot(): SnapshotLine[] {
  const long = snapshotOf(THREAD).filter(({ type }) => type === 'conversations')
  return [...corpusLines(SHORT, 1)].flatMap((line) => {
    if (line.type === 'begin') return [{ ...line, total: line.total + 1 }]
    if (line.type === 'scope') return [{ ...line, conversationIds: [THREAD.conversation.id, ...line.conversationIds] }]
    return line.type === 'reference' ? [line, ...long] : [line]
  })
}
/** The last conversation of the snapshot that is closed: far down in its list. */
function lastClosed(): Conversation {
  const rows = [...corpusLines(SHORT, 1)].flatMap((line) => (line.type === 'conversations' ? line.rows : []))
  const closed = rows.flatMap(([table, row]) => (table === 'conversation' && row.status === 'closed' ? [row] : []))
  return closed.at(-1) ?? THREAD.conversation
}

let browser: Browser
let hub: StandInHub
let workstation: Awaited<ReturnType<typeof startWorkstation>>
let page: Page
beforeAll(async () => {
  hub = await StandInHub.start()
  hub.member = { ...OWNER, storeIds: [...OWNER.storeIds] }
  hub.version = CORPUS_VERSION
  hub.snapshotLines = snapshot()
  hub.wantsSnapshot = true
  hub.older = THREAD.messages
  workstation = await startWorkstation(join(await newFolder('workstation'), 'home'), hub.url)
  browser = await chromium.launch(await testChromium())
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(workstation.url)
  await page.locator('input[type=email]').fill(OWNER.email)
  await page.locator('input[type=password]').fill(hub.password)
  await page.locator('button[type=submit]').click()
  await page.locator('nav').first().waitFor()
})
afterAll(async () => {
  await browser.close()
  await workstation.stop()
  await hub.stop()
})

/** In the page: the oldest message that is there, where its lower end stands, and how many nodes there are. */
async function oldest() {
  return page.evaluate(async () => {
    // What a scroll brings in is drawn in the next frame, and what the browser says of its size counts from the one after.
    for (let n = 0; n < 3; n += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
    const first = document.querySelector('[role=log] article')
    if (!first) throw new Error('no message is shown')
    const nodes = document.getElementsByTagName('*').length
    return { ordinal: Number(first.getAttribute('data-ordinal')), end: first.getBoundingClientRect().bottom, nodes }
  })
}

it('an older page that comes in while the reader is at the very beginning moves nothing, and few nodes are in the page', async () => {
  await page.goto(`${workstation.url}/inbox/open_mine/${THREAD.conversation.id}`)
  await page.locator(`[role=log] article[data-ordinal="${LAST}"]`).waitFor()
  const held: Route[] = []
  await page.route(/messages\?.*before=/, (route) => void held.push(route))
  const moved: number[] = []
  const nodes: number[] = []
  while (moved.length < PAGES) {
    // What was just drawn may still be given its place, over where this went: it goes there until it is there.
    const asked = await until('older messages are asked for', async () => {
      await page.locator('[role=log]').evaluate((box) => box.scrollTo(0, 0))
      return held.shift()
    })
    const before = await oldest()
    await asked.continue()
    await until('they are there', async () => (await oldest()).ordinal < before.ordinal)
    const after = await page.locator(`article[data-ordinal="${before.ordinal}"]`).boundingBox()
    moved.push(after ? Math.abs(after.y + after.height - before.end) : Number.POSITIVE_INFINITY)
    nodes.push((await oldest()).nodes)
  }
  expect(Math.max(...moved)).toBeLessThanOrEqual(1)
  expect(Math.max(...nodes)).toBeLessThanOrEqual(MOST_NODES)
  // What was let go of at the other end comes back.
  await page.unroute(/messages\?.*before=/)
  await page.locator('button.to-end').click()
  await page.locator(`[role=log] article[data-ordinal="${LAST}"]`).waitFor()
})

it('a list of thousands has few nodes wherever it is scrolled to, and the row under the pointer stays where it is', async () => {
  await page.goto(`${workstation.url}/inbox/closed_team`)
  const list = page.locator('[role=listbox]')
  const nodes: number[] = []
  for (const share of [0, 0.25, 0.5, 1, 0.5]) {
    await list.evaluate((box, part) => box.scrollTo(0, box.scrollHeight * part), share)
    await until('the rows are there', () =>
      list.evaluate((box) => {
        const middle = document.elementFromPoint(200, box.getBoundingClientRect().top + box.clientHeight / 2)
        return middle?.closest('[role=option][id]') !== null && middle !== null
      }),
    )
    nodes.push(await page.evaluate(() => document.getElementsByTagName('*').length))
  }
  expect(Math.max(...nodes)).toBeLessThanOrEqual(MOST_NODES)
  expect(await list.locator('[role=option]').first().getAttribute('aria-setsize')).toMatch(/^\d{4}$/)

  const place = await list.boundingBox()
  if (!place) throw new Error('the list is not shown')
  const pointed = () =>
    page.evaluate(
      ([x, y]) => {
        const row = document.elementFromPoint(x, y)?.closest('[role=option]')
        return row ? [row.id, row.getBoundingClientRect().top] : null
      },
      [place.x + 100, place.y + place.height / 2] as const,
    )
  await page.mouse.move(place.x + 100, place.y + place.height / 2)
  // A hand on the mouse is never quite still, however slow the machine: a pointer at rest lets go of the order.
  await list.evaluate((box) => void setInterval(() => box.dispatchEvent(new PointerEvent('pointermove')), 100))
  const before = await pointed()
  // Somebody from below writes: their conversation goes to the top of the list, and every row would go one down.
  const asked = page.waitForResponse(/api\/conversations\?/)
  hub.version += 1
  hub.tell({ ...hub.patch(), puts: nextMessage(lastClosed(), CORPUS_END + 1_000).puts })
  await (await asked).finished()
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  expect(await pointed()).toEqual(before)
})
