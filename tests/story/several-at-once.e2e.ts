/** Several conversations deleted at once, while a colleague at another workstation deletes one of them (DEL-1, DEL-5). */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { Counter } from '../world/counter.ts'
import { Desk } from '../world/desk.ts'
import { Cable } from '../world/network.ts'
import { demoHubFolder, newFolder, portOf, startHub, startWorkstation } from '../world/places.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
})
afterAll(() => browser.close())

it('[DEL-1] [DEL-5] tells of each what became of it, and of the one that a colleague had deleted by its name', async () => {
  const hub = await startHub(await demoHubFolder())
  const cable = await Cable.lay(() => portOf(hub.url))
  const account = (role: string) => hub.ready.accounts.find((one) => one.role === role)!
  const here = await startWorkstation(await newFolder('supervisor'), cable.url)
  const there = await startWorkstation(await newFolder('admin'), hub.url)
  const colleague = new Desk(there.url)
  await colleague.signIn(account('admin').email, account('admin').password)
  const context = await browser.newContext({ locale: 'zh-TW', viewport: { width: 1280, height: 800 } })
  const counter = new Counter(await context.newPage())
  const { page } = counter
  await page.goto(here.url)
  await counter.signIn(account('supervisor').email, account('supervisor').password)
  await page.getByText('正在同步對話').waitFor({ state: 'hidden' })

  // Forty can be selected of what is waiting, and no more.
  const list = page.getByRole('listbox', { name: '對話' })
  const waiting = await colleague.rows('pending_person')
  expect(waiting.length).toBeGreaterThan(40)
  await list.focus()
  await page.keyboard.press('Control+a')
  await page.getByText('已選 40 則').first().waitFor()
  await page.getByText('一次最多選取 40 則對話，其餘沒有選取。').first().waitFor()
  await page.keyboard.press('Escape')

  // Three are chosen by keys, and the question names them.
  const three = waiting.slice(0, 3)
  const names = three.map(({ contact }) => contact.name)
  await page.keyboard.press('Home')
  await page.keyboard.press('x')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.getByText('已選 3 則').first().waitFor()
  expect(await page.getByRole('option', { selected: true }).count()).toBe(3)
  await page.getByRole('region', { name: '對已選對話的動作' }).getByRole('button', { name: '刪除' }).click()
  const question = page.getByRole('alertdialog', { name: '刪除 3 則對話？' })
  await question.getByText(names.join('、')).waitFor()

  // A colleague deletes the second before the workstation here hears of it.
  cable.holdBack()
  const [first, second, third] = three.map(({ id }) => id)
  expect(await colleague.run('conversation.delete', { conversationId: second! })).toMatchObject({ ok: true })
  await expect.poll(() => colleague.statusOf(second!), { timeout: 20_000 }).toBe(404)
  const pushed = new Promise<void>((resolve) => {
    cable.onText = (text) => text.includes('"conversation.delete"') && resolve()
  })
  await question.getByRole('button', { name: '刪除', exact: true }).click()
  await pushed
  cable.letThrough()

  const result = page.getByRole('region', { name: '刪除 3 則對話' })
  await result.getByText('2 則成功，1 則沒有成功').waitFor()
  expect(await result.getByRole('listitem').allInnerTexts()).toEqual([
    `${names[1]}\n這則對話不存在，或你沒有權限查看。`,
  ])
  for (const id of [first, second, third]) {
    await expect.poll(() => colleague.statusOf(id!), { timeout: 20_000 }).toBe(404)
  }
  expect((await colleague.rows('pending_person')).length).toBe(waiting.length - 3)

  // The result stays while the member goes elsewhere and comes back.
  await page.locator('a[href="/settings"]').click()
  await page.getByRole('heading', { name: '設定', level: 1 }).waitFor()
  await page.locator('a[href="/inbox"]').first().click()
  await result.getByText('2 則成功，1 則沒有成功').waitFor()

  await context.close()
  for (const one of [here, there]) await one.stop()
  await hub.stop()
  await cable.remove()
})
