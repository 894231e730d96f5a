/** What a member does in the inbox with mouse and wheel, and the customers who write meanwhile. */
import { z } from 'zod'
import type { Page } from 'playwright'
import type { Conversation } from '../../../backend/domain/rows.ts'
import type { StandInHub } from '../../../backend/workstation/stand-ins/hub.ts'
import { CORPUS_END } from '../corpus.ts'
import { nextMessage } from '../next-message.ts'

/** Where each list stands in the switch: its group, and its place in it. */
const PLACES = {
  pending_person: [1, 1],
  open_team: [2, 2],
  closed_team: [3, 2],
} as const
export type Place = keyof typeof PLACES
const UNREAD = '.chips > .toggle'
/** ms between two customers who write. */
const WRITE_EVERY = 150
const SECOND = 1_000

const Total = z.object({ total: z.number() })
const Rows = z.object({
  rows: z.array(z.object({ conversation: z.custom<Conversation>((value) => typeof value === 'object') })),
})

/** Chooses a list. @returns ms from the click until its first rows are painted */
export function choose(page: Page, list: Place): Promise<number> {
  const [group, nth] = PLACES[list]
  return firstRows(page, `.switch .group:nth-of-type(${group}) .choice:nth-of-type(${nth})`)
}

/** Chooses a filter and takes it away, again and again. @param chip which of the chips with choices; null for 「unread」 */
export async function filterAgain(page: Page, chip: number | null, times: number): Promise<number[]> {
  const taken: number[] = []
  for (let n = 0; n < times; n += 1) {
    if (chip === null) {
      taken.push(await firstRows(page, UNREAD))
      await firstRows(page, UNREAD)
      continue
    }
    const root = `.chips > :nth-child(${chip + 2})`
    await page.locator(`${root} button.name`).click()
    await page.locator(`${root} [role=radio]`).first().waitFor()
    taken.push(await firstRows(page, `${root} [role=radio]:nth-of-type(1)`))
    await firstRows(page, `${root} .cross`)
  }
  return taken
}

async function firstRows(page: Page, clicked: string): Promise<number> {
  const taken = page.evaluate((selector) => {
    const before = document.querySelector('[role=listbox]')
    const isShown = () => {
      const box = document.querySelector('[role=listbox]')
      return box !== null && box !== before && box.querySelector('[role=option][id] time') !== null
    }
    return window.frameWatch.untilPainted(isShown, selector)
  }, clicked)
  await page.locator(clicked).click()
  return taken
}

/** How many conversations there are in all lists. */
export async function allLists(page: Page): Promise<number> {
  const totals = await page.evaluate(() => {
    const names = ['pending_person', 'pending_bot', 'open_mine', 'open_team', 'closed_mine', 'closed_team']
    return Promise.all(names.map(async (name) => (await fetch(`/api/conversations?list=${name}&limit=1`)).json()))
  })
  return z
    .array(Total)
    .parse(totals)
    .reduce((sum, { total }) => sum + total, 0)
}

/** Some conversations from far down a list. */
export async function someRows(page: Page, list: Place): Promise<Conversation[]> {
  const answer = await page.evaluate(
    async (name) => (await fetch(`/api/conversations?list=${name}&limit=200&offset=20000`)).json(),
    list,
  )
  return Rows.parse(answer).rows.map(({ conversation }) => conversation)
}

export async function middleOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const box = await page.locator(selector).boundingBox()
  if (!box) throw new Error(`${selector} is not shown`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Pixels from the top of the list to where its bar can be taken hold of while it is at its beginning. */
const THUMB = 20

/** Drags the bar beside the list from its beginning to its middle. @throws when the list did not follow */
export async function dragBar(page: Page, selector: string): Promise<void> {
  const box = await page.locator(selector).boundingBox()
  if (!box) throw new Error(`${selector} is not shown`)
  const x = box.x + box.width - 5
  await page.locator(selector).evaluate((list) => list.scrollTo(0, 0))
  await page.mouse.move(x, box.y + THUMB)
  await page.mouse.down()
  await page.mouse.move(x, box.y + box.height / 2, { steps: 120 })
  await page.mouse.up()
  const share = await page.locator(selector).evaluate((list) => list.scrollTop / list.scrollHeight)
  if (!(share > 0.3 && share < 0.7)) throw new Error(`the bar went to ${share}`)
}

/** Customers of these conversations write, one after the other, until it is stopped. */
export class CustomersWriting {
  readonly #every: NodeJS.Timeout
  #count = 0

  constructor(hub: StandInHub, conversations: readonly Conversation[]) {
    const now = new Map(conversations.map((conversation) => [conversation.id, conversation]))
    const ids = [...now.keys()]
    this.#every = setInterval(() => {
      const id = ids[this.#count % ids.length]
      const before = id && now.get(id)
      if (!before) throw new Error('nobody is there to write')
      this.#count += 1
      const { conversation, puts } = nextMessage(before, CORPUS_END + hub.version * SECOND)
      now.set(conversation.id, conversation)
      hub.version += 1
      hub.tell({ ...hub.patch(), puts })
    }, WRITE_EVERY)
  }

  /** @returns how many messages there were */
  stop(): number {
    clearInterval(this.#every)
    return this.#count
  }
}
