/** 協作對話 as one play: two counters, three members and a customer, in real browsers over real processes. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, BrowserContext, Page } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { Counter, Customer } from '../world/counter.ts'
import { demoHubFolder, newFolder, startHub, startWorkstation } from '../world/places.ts'

let browser: Browser
let hub: Awaited<ReturnType<typeof startHub>>
const stations: { context: BrowserContext; backend: Awaited<ReturnType<typeof startWorkstation>> }[] = []

beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
  hub = await startHub(await demoHubFolder())
})
afterAll(async () => {
  for (const { context, backend } of stations) {
    await context.close()
    await backend.stop()
  }
  await hub.stop()
  await browser.close()
})

async function openCounter(): Promise<Counter> {
  const backend = await startWorkstation(await newFolder('workstation'), hub.url)
  const context = await browser.newContext({ locale: 'zh-TW', viewport: { width: 1440, height: 900 } })
  stations.push({ context, backend })
  const page = await context.newPage()
  await page.goto(backend.url)
  return new Counter(page)
}

function account(role: string, at = 0): { email: string; password: string; name: string } {
  const found = hub.ready.accounts.filter((one) => one.role === role)[at]
  if (!found) throw new Error(`the demo team has no ${role} ${at}`)
  return found
}

/** Who is at the counter leaves, and another member comes. */
async function changeTo(counter: Counter, who: { email: string; password: string }): Promise<void> {
  const { page } = counter
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: '搜尋' }).last().fill('登出')
  await page.keyboard.press('Enter')
  const other = page.getByRole('button', { name: '換成其他成員' })
  await page.locator('input[type=password]').or(other).first().waitFor()
  if (await other.isVisible()) await other.click()
  await counter.signIn(who.email, who.password)
}

const toast = (page: Page, text: string) => page.getByRole('status').getByText(text, { exact: true })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const faces = (page: Page, names: string) => page.getByRole('button', { name: `協作成員：${names}` })
/** Whom the open conversation is with. */
async function nameIn(page: Page): Promise<string> {
  const name = await page.locator('main header h2').first().innerText()
  return ` ${name.trim()} `
}

/** The control is there, cannot be used, and says why (COL-8). */
async function closeIsRefused(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^結束.*協作者無法結束對話/, disabled: true }).waitFor()
}

it('[COL-3] [COL-4] [COL-6] [COL-8] [COL-11] [CNV-3] a conversation is shared, joined, taken over, closed by its follower and goes on', async () => {
  const [agent, partner, supervisor] = [account('cs_agent'), account('cs_agent', 1), account('supervisor')]
  const first = await openCounter()
  const second = await openCounter()
  const customerContext = await browser.newContext({ locale: 'zh-TW', viewport: { width: 390, height: 740 } })
  const customer = new Customer(await customerContext.newPage())
  await customer.page.goto(hub.ready.webchat)
  await first.signIn(agent.email, agent.password)
  await second.signIn(partner.email, partner.password)

  // The follower finds a colleague by name and adds them, with keys alone.
  await customer.write('想問一下禮盒的保固')
  await first.open('想問一下禮盒的保固')
  await button(first.page, '跟進').first().click()
  await first.reply('您好，我請同事一起看。')
  await faces(first.page, `${agent.name}（跟進者）`).waitFor()
  await first.page.keyboard.press('Escape')
  await first.page.keyboard.press('a')
  const dialog = first.page.getByRole('dialog', { name: '加入協作者' })
  await dialog.getByRole('combobox').fill(partner.name)
  await dialog.getByRole('option', { name: partner.name }).waitFor()
  await first.page.keyboard.press('Enter')
  await dialog.getByRole('list', { name: '要加入的同事' }).getByText(partner.name).waitFor()
  await first.page.keyboard.press('Control+Enter')
  const added = `${agent.name} 將 ${partner.name} 加入了協作對話。`
  await toast(first.page, added).waitFor()
  await faces(first.page, `${agent.name}（跟進者）、${partner.name}`).waitFor()

  // The colleague is told, goes there and answers too.
  await toast(second.page, added).waitFor()
  await button(second.page, '查看').click()
  await second.composer.waitFor()
  await second.reply('保固是一年，憑發票即可。')
  await customer.sees('您好，我請同事一起看。')
  await customer.sees('保固是一年，憑發票即可。')
  // Each sees on the other's face that they are there.
  await faces(first.page, `${agent.name}（跟進者）、${partner.name}（正在看）`).waitFor()

  // A collaborator does not close it.
  await closeIsRefused(second.page)

  // A supervisor sees it and may not write in it before joining, whatever the role.
  await changeTo(second, supervisor)
  await button(second.page, '處理中')
    .or(second.page.getByRole('button', { name: '團隊' }).nth(0))
    .first()
    .waitFor()
  await second.page.goto(`${new URL(second.page.url()).origin}/inbox/open_team`)
  await second.page.getByRole('option').filter({ hasText: '保固是一年' }).first().click()
  await button(second.page, '加入協作').waitFor()
  expect(await second.composer.count()).toBe(0)
  const id = new URL(second.page.url()).pathname.split('/').at(-1)
  const refused = await second.page.evaluate(async (conversationId) => {
    const args = { conversationId, messageId: crypto.randomUUID(), content: { kind: 'text', text: '插話' } }
    const answer = await fetch('/api/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'message.send', args }),
    })
    return answer.json()
  }, id)
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'collaboration.notMember', instead: 'join' } })

  await button(second.page, '加入協作').click()
  await second.composer.waitFor()
  await toast(first.page, `${supervisor.name} 加入了協作對話。`).waitFor()
  await second.reply('主管在此，為您延長保固。')
  await closeIsRefused(second.page)

  // A leading collaborator takes over; the former follower can close it no more.
  await second.page.keyboard.press('Escape')
  await second.page.keyboard.press('o')
  await toast(first.page, `${supervisor.name} 接手了對話。`).waitFor()
  await faces(first.page, `${supervisor.name}（跟進者、正在看）、${partner.name}、${agent.name}`).waitFor()
  await closeIsRefused(first.page)

  // Its follower closes it; the customer writes again, and it is open to all who were in it, waiting for nobody.
  await button(second.page, '結束').click()
  await button(first.page, '重啟').first().waitFor()
  await customer.write('還有一個問題')
  await first.shows('還有一個問題')
  await first.page.locator('.status.open').getByText('處理中').waitFor()
  await first.composer.waitFor()
  await faces(first.page, `${supervisor.name}（跟進者、正在看）、${partner.name}、${agent.name}`).waitFor()

  // Handed on inside the collaboration, the receiver is told by whom, and the two change places; and back again.
  await faces(second.page, `${supervisor.name}（跟進者）、`).click()
  await button(second.page, `移轉給 ${agent.name}`).click()
  await toast(first.page, `${supervisor.name} (主管) 已將 1 個對話移轉給你。`).waitFor()
  await faces(first.page, `${agent.name}（跟進者）、${partner.name}、${supervisor.name}（正在看）`).waitFor()
  await second.page.getByRole('dialog', { name: '協作成員' }).getByRole('button', { name: '接手' }).click()

  // Who is taken out of it sees it no more, and has what they were typing.
  await first.composer.fill('還沒送出的話')
  await faces(second.page, `${supervisor.name}（跟進者）、`).click()
  await button(second.page, `將 ${agent.name} 移出協作`).click()
  await first.page.getByText('這則對話已不在你的範圍內').waitFor()
  expect(await first.page.getByRole('textbox', { name: /還沒送出/ }).inputValue()).toBe('還沒送出的話')

  await customerContext.close()
})

it('[COL-3] [COL-5] a colleague asks, is let in with what they had begun to write, and is taken out at once', async () => {
  const [agent, asking] = [account('cs_agent', 2), account('marketing_cs')]
  const [first, second] = [await openCounter(), await openCounter()]
  const customerContext = await browser.newContext({ locale: 'zh-TW', viewport: { width: 390, height: 740 } })
  const customer = new Customer(await customerContext.newPage())
  await customer.page.goto(hub.ready.webchat)
  await first.signIn(agent.email, agent.password)
  await second.signIn(asking.email, asking.password)

  // Both begin to answer; one is faster.
  await customer.write('請問有聯名款嗎？')
  await second.open('請問有聯名款嗎？')
  await second.composer.fill('有的，這次的聯名款是')
  await first.open('請問有聯名款嗎？')
  await first.reply('您好，幫您查一下。')

  // The other asks, goes on with a note meanwhile, and is let in by one click.
  await button(second.page, '請求加入').click()
  await second.page.getByText('已送出請求').first().waitFor()
  await second.page.getByText('你寫到一半的回覆還在').waitFor()
  expect(await second.composer.count()).toBe(0)
  await toast(first.page, `${asking.name} 想加入與${await nameIn(first.page)}的協作對話。`).waitFor()
  await first.page.getByText(`${asking.name} 想加入協作`, { exact: true }).waitFor()
  await button(first.page, `讓他加入：${asking.name}`).click()
  await second.composer.waitFor()
  expect(await second.composer.inputValue()).toBe('有的，這次的聯名款是')
  await toast(second.page, `${agent.name} 將 ${asking.name} 加入了協作對話。`).waitFor()

  // Taken out of it, the thread closes although the role still sees the conversation.
  await faces(first.page, `${agent.name}（跟進者）、`).click()
  await button(first.page, `將 ${asking.name} 移出協作`).click()
  await toast(second.page, `${agent.name} 將你移出了協作對話`).waitFor()
  await second.page.getByText('選一個對話開始').waitFor()

  await customerContext.close()
})
