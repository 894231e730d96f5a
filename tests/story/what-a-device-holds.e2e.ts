/** What a member may not see is not on their device (ROL-1, ROL-2): looked for in the deciphered store, byte by byte. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { ConversationId } from '../../backend/domain/ids.ts'
import { Customer } from '../world/counter.ts'
import { Desk } from '../world/desk.ts'
import { bytesUnder, decipheredStore } from '../world/dump.ts'
import { Cable } from '../world/network.ts'
import { demoHubFolder, newFolder, portOf, startHub, startWorkstation } from '../world/places.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
})
afterAll(() => browser.close())

/** Words that occur nowhere else, also not in part. */
const M = {
  customer: 'zqkcustomer',
  reply: 'zqxreply',
  note: 'zqnote',
  offline: 'zqoffline',
  draft: 'zqdraft',
}

it('[ROL-1] [ROL-2] [SHF-1] [SYN-4] what leaves a member’s sight leaves their device, the search index included', async () => {
  const hub = await startHub(await demoHubFolder())
  const cable = await Cable.lay(() => portOf(hub.url))
  const account = (role: string) => hub.ready.accounts.find((one) => one.role === role)!
  const people = {
    supervisor: { ...account('supervisor'), home: await newFolder('supervisor'), hub: hub.url },
    agent: { ...account('cs_agent'), home: await newFolder('agent'), hub: cable.url },
    sales: { ...account('salesperson'), home: await newFolder('sales'), hub: hub.url },
  }
  const started = await Promise.all(
    Object.values(people).map(({ home, hub: address }) => startWorkstation(home, address)),
  )
  const [supervisor, agent, sales] = started.map(({ url }) => new Desk(url)) as [Desk, Desk, Desk]
  await supervisor.signIn(people.supervisor.email, people.supervisor.password)
  await agent.signIn(people.agent.email, people.agent.password)
  await sales.signIn(people.sales.email, people.sales.password)

  const first = await customerWrites(hub.ready.webchat, `第一位客人 ${M.customer}`)
  const second = await customerWrites(hub.ready.webchat, `第二位客人 ${M.offline}`)
  const id = await conversationWith(agent, M.customer)
  const other = await conversationWith(agent, M.offline)
  await supervisor.sees(id, `第一位客人 ${M.customer}`)

  // The agent's line is cut while the second one is on the device, with a draft.
  cable.cut()
  await agent.connectionIs('offline')
  await agent.saveDraft(other, `還沒寫完 ${M.draft}`)

  // The supervisor takes both, and passes the first to a salesperson.
  expect(await supervisor.take(id)).toMatchObject({ ok: true })
  expect(await supervisor.take(other)).toMatchObject({ ok: true })
  expect(await supervisor.reply(id, `回覆 ${M.reply}`)).toMatchObject({ ok: true })
  expect(await supervisor.note(id, `備註 ${M.note}`)).toMatchObject({ ok: true })
  expect(await sales.statusOf(id)).toBe(404)
  expect(await supervisor.transfer(id, await sales.me())).toMatchObject({ ok: true })
  await sales.sees(id, `備註 ${M.note}`)
  await first.sees(`回覆 ${M.reply}`)
  expect(await first.answers()).toEqual([`回覆 ${M.reply}`])

  // Until the next contact the agent still has what they had; with it, nothing but their own words.
  expect(await agent.statusOf(other)).toBe(200)
  cable.plug()
  await expect.poll(() => agent.statusOf(other), { timeout: 60_000 }).toBe(404)
  expect(await agent.statusOf(id)).toBe(404)
  expect(await agent.refusedTexts()).toEqual([`還沒寫完 ${M.draft}`])

  await first.page.context().close()
  await second.page.context().close()
  for (const workstation of started) await workstation.stop()
  await hub.stop()
  await cable.remove()

  const holds = async ({ home, hub: address, email, password }: (typeof people)['agent']) => {
    const dump = await decipheredStore(home, address, email, password)
    return Object.values(M).filter((word) => dump.includes(word))
  }
  expect(await holds(people.supervisor)).toEqual([M.customer, M.reply, M.note, M.offline])
  expect(await holds(people.agent)).toEqual([M.draft])
  expect(await holds(people.sales)).toEqual([M.customer, M.reply, M.note])

  // And nothing at all can be read without the password.
  for (const { home } of Object.values(people)) {
    const bytes = await bytesUnder(home)
    expect(Object.values(M).filter((word) => bytes.includes(word))).toEqual([])
  }
})

async function customerWrites(webchat: string, text: string): Promise<Customer> {
  const context = await browser.newContext({ locale: 'zh-TW' })
  const customer = new Customer(await context.newPage())
  await customer.page.goto(webchat)
  await customer.write(text)
  return customer
}

async function conversationWith(desk: Desk, word: string): Promise<ConversationId> {
  const find = async () =>
    (await desk.rows('pending_person')).find(({ conversation }) => conversation.lastMessage?.preview.includes(word))?.id
  await expect.poll(find, { timeout: 20_000 }).toBeDefined()
  return ConversationId.parse(await find())
}
