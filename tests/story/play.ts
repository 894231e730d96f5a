/**
 * The main job as one play, for any workstation there is: a customer writes, a member takes it and answers, the network
 * is cut, the hub and the workstation are killed in the middle of a send, and each answer arrives once, in order.
 */
import { expect } from 'vitest'
import type { Browser, Page } from 'playwright'
import { Counter, Customer } from '../world/counter.ts'
import { Cable } from '../world/network.ts'
import { demoHubFolder, portOf, startHub } from '../world/places.ts'

/** A workstation in front of a member. */
export type Station = {
  /** Its page, at the sign-in. */
  page: Page
  /** Kills its backend as a power cut would; resolves when it is there again, and the page at the sign-in or on its way. */
  crash(): Promise<void>
  close(): Promise<void>
}

const OFFLINE = '離線中，訊息會在連線後送出'

/** Resolves as the next push is about to reach the hub. */
function untilPush(cable: Cable): Promise<void> {
  return new Promise((resolve) => {
    cable.onText = (text) => {
      if (text.startsWith('{"type":"push"')) resolve()
    }
  })
}

/** Plays it: the customer in `browser`, the member at the workstation that `openStation` opens against a hub's address. */
export async function playCounterAndCustomer(
  browser: Browser,
  openStation: (hub: string) => Promise<Station>,
): Promise<void> {
  const hubFolder = await demoHubFolder()
  let hub = await startHub(hubFolder)
  const hubPort = portOf(hub.url)
  const cable = await Cable.lay(() => hubPort)
  const station = await openStation(cable.url)
  const agent = hub.ready.accounts.find(({ role }) => role === 'cs_agent')!

  const customerContext = await browser.newContext({ locale: 'zh-TW', viewport: { width: 390, height: 740 } })
  const customer = new Customer(await customerContext.newPage())
  await customer.page.goto(hub.ready.webchat)
  const counter = new Counter(station.page)
  await counter.signIn(agent.email, agent.password)

  // A customer writes; the member sees it among those who wait, takes it and answers.
  await customer.write('請問今天營業到幾點？')
  await counter.open('請問今天營業到幾點？')
  await counter.page.getByRole('button', { name: '跟進' }).first().click()
  await counter.reply('您好，營業到晚上九點。')
  await customer.sees('您好，營業到晚上九點。')
  await counter.lastStateIs('已讀')

  // The network is gone; work goes on, and shows that it waits.
  cable.cut()
  await counter.page.getByText(OFFLINE).first().waitFor()
  await counter.reply('假日也是喔。')
  await counter.lastStateIs('待送出')
  await counter.reply('需要幫您保留商品嗎？')
  await customer.write('好的，謝謝！')
  expect(await customer.answers()).toEqual(['您好，營業到晚上九點。'])

  // It comes back, and the hub is killed as the first push reaches it.
  const pushed = untilPush(cable)
  cable.plug()
  await pushed
  await hub.kill()
  await counter.reply('我們有兩種尺寸。')
  hub = await startHub(hubFolder, hubPort)
  await customer.sees('我們有兩種尺寸。')

  // Answers wait again; as they leave, the workstation's backend is killed.
  cable.cut()
  await counter.page.getByText(OFFLINE).first().waitFor()
  for (const text of ['大的兩百八。', '小的一百八。', '都有現貨。']) await counter.reply(text)
  const pushedAgain = untilPush(cable)
  cable.plug()
  await pushedAgain
  await station.crash()
  await counter.signIn(agent.email, agent.password)
  await customer.sees('都有現貨。')
  await counter.page.getByRole('button', { name: '我的' }).first().click()
  await counter.open('都有現貨。')
  await counter.reply('隨時歡迎！')
  await customer.sees('隨時歡迎！')
  await counter.lastStateIs('已讀')

  const expected = [
    '您好，營業到晚上九點。',
    '假日也是喔。',
    '需要幫您保留商品嗎？',
    '我們有兩種尺寸。',
    '大的兩百八。',
    '小的一百八。',
    '都有現貨。',
    '隨時歡迎！',
  ]
  expect(await customer.answers()).toEqual(expected)
  await customer.page.reload()
  await customer.sees('隨時歡迎！')
  expect(await customer.answers()).toEqual(expected)
  // The customer's own messages are there once each, too.
  expect((await customer.texts()).filter((text) => !expected.includes(text))).toEqual([
    '請問今天營業到幾點？',
    '好的，謝謝！',
  ])

  await customerContext.close()
  await station.close()
  await hub.stop()
  await cable.remove()
}
