/**
 * The main job, in a real browser over real processes: a customer writes, a member takes it and answers, the network
 * is cut, the hub and the workstation are killed in the middle of a send, and each answer arrives once, in order.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { Counter, Customer } from '../world/counter.ts'
import { Cable, isFrame } from '../world/network.ts'
import { demoHubFolder, newFolder, portOf, startHub, startWorkstation } from '../world/places.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
})
afterAll(() => browser.close())

const OFFLINE = '離線中，訊息會在連線後送出'

it('[SYN-1] [SYN-2] [SYN-3] [CNV-1] [CNV-2] [CNV-10] online, cut off, and both ends killed: every answer once, in order', async () => {
  const hubFolder = await demoHubFolder()
  let hub = await startHub(hubFolder)
  const hubPort = portOf(hub.url)
  const cable = await Cable.lay(() => hubPort)
  const home = await newFolder('workstation')
  let workstation = await startWorkstation(home, cable.url)
  const workstationPort = portOf(workstation.url)
  const agent = hub.ready.accounts.find(({ role }) => role === 'cs_agent')!

  const customerContext = await browser.newContext({ locale: 'zh-TW', viewport: { width: 390, height: 740 } })
  const customer = new Customer(await customerContext.newPage())
  await customer.page.goto(hub.ready.webchat)
  const counterContext = await browser.newContext({ locale: 'zh-TW', viewport: { width: 1280, height: 800 } })
  const counter = new Counter(await counterContext.newPage())
  await counter.page.goto(workstation.url)
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
  const pushed = new Promise<void>((resolve) => {
    cable.onSend = (data) => {
      if (isFrame(data, 'push')) resolve()
    }
  })
  cable.plug()
  await pushed
  await hub.kill()
  await counter.reply('我們有兩種尺寸。')
  hub = await startHub(hubFolder, hubPort)
  await customer.sees('我們有兩種尺寸。')

  // Answers wait again; as they leave, the workstation is killed.
  cable.cut()
  await counter.page.getByText(OFFLINE).first().waitFor()
  for (const text of ['大的兩百八。', '小的一百八。', '都有現貨。']) await counter.reply(text)
  const pushedAgain = new Promise<void>((resolve) => {
    cable.onSend = (data) => {
      if (isFrame(data, 'push')) resolve()
    }
  })
  cable.plug()
  await pushedAgain
  await workstation.kill()
  workstation = await startWorkstation(home, cable.url, workstationPort)
  await counter.page.goto(workstation.url)
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
  await counterContext.close()
  await workstation.stop()
  await hub.stop()
  await cable.remove()
})
