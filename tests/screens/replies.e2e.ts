/** Saved replies in a browser, against a real hub and a customer's page: written, put in, taken back, sent; and axe. */
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, Locator, Page } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { Counter, Customer } from '../world/counter.ts'
import { demoHubFolder, newFolder, startHub, startWorkstation } from '../world/places.ts'

const WORDS = {
  'zh-Hant-TW': { language: '繁體中文', other: '換成其他成員', add: '新增預存回覆', find: '以名稱、資料夾或內容尋找' },
  en: {
    language: 'English',
    other: 'Switch to another member',
    add: 'New saved reply',
    find: 'Find by name, folder or text',
  },
} as const
type Language = keyof typeof WORDS

let browser: Browser
let hub: Awaited<ReturnType<typeof startHub>>
let workstation: Awaited<ReturnType<typeof startWorkstation>>
beforeAll(async () => {
  const [found, folder, home] = await Promise.all([testChromium(), demoHubFolder(), newFolder('workstation')])
  hub = await startHub(folder)
  workstation = await startWorkstation(home, hub.url)
  browser = await chromium.launch(found)
})
afterAll(async () => {
  await browser.close()
  await workstation.stop()
  await hub.stop()
})

function account(role: string) {
  const found = hub.ready.accounts.find((one) => one.role === role)
  if (!found) throw new Error(`nobody is ${role}`)
  return found
}

/** Opens the picker by a slash and finds the reply in it. */
async function pick({ composer, page }: Counter, name: string): Promise<void> {
  await composer.click()
  await page.keyboard.type(`/${name}`)
  await page.getByRole('dialog', { name: '預存回覆' }).getByRole('option', { selected: true, name }).waitFor()
}

it('[REP-1] [REP-2] [REP-3] [REP-6] is written with a variable, put in by /, sent and taken back, sent and seen to arrive', async () => {
  const customerPage = await browser.newPage({ locale: 'zh-TW', viewport: { width: 390, height: 740 } })
  const customer = new Customer(customerPage)
  await customer.page.goto(hub.ready.webchat)
  const page = await browser.newPage({ locale: 'zh-TW', viewport: { width: 1280, height: 800 } })
  const counter = new Counter(page)
  await page.goto(workstation.url)
  const { email, password, name } = account('cs_agent')
  await counter.signIn(email, password)
  await customer.write('請問可以預約嗎？')
  await counter.open('請問可以預約嗎？')
  await page.getByRole('button', { name: '跟進' }).first().click()
  await counter.reply('可以的')
  const conversation = page.url()

  await page.goto(`${workstation.url}/settings/replies`)
  await page.getByRole('button', { name: '新增預存回覆' }).click()
  await page.getByLabel('名稱', { exact: true }).fill('預約說明')
  await page.getByRole('textbox', { name: '第 1 則訊息' }).fill('您好，我是')
  await page.getByRole('button', { name: '插入變數' }).click()
  await page.getByRole('menuitem', { name: '我的名字' }).click()
  await page.keyboard.type('，為您預約。')
  // It shows what a customer would read, before it is saved.
  await page.getByRole('region', { name: '預覽' }).getByText(`您好，我是${name}，為您預約。`).waitFor()
  await page.getByRole('button', { name: '儲存', exact: true }).click()
  await page.getByText('已儲存', { exact: true }).waitFor()

  await page.goto(conversation)
  const words = `您好，我是${name}，為您預約。`
  await pick(counter, '預約說明')
  await page.keyboard.press('Escape')
  expect(await counter.composer.inputValue()).toBe('/')
  await counter.composer.fill('')
  await pick(counter, '預約說明')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: '預存回覆' }).waitFor({ state: 'detached' })
  expect(await counter.composer.inputValue()).toBe(words)
  await counter.composer.fill('')

  const departing = page.locator('.departing')
  await pick(counter, '預約說明')
  await page.keyboard.press('Control+Enter')
  await departing.filter({ hasText: words }).waitFor()
  expect(await counter.composer.inputValue()).toBe('')
  await page.getByRole('button', { name: '收回' }).click()
  await departing.waitFor({ state: 'detached' })
  expect(await page.locator('article').filter({ hasText: words }).count()).toBe(0)
  expect(await counter.composer.evaluate((field) => field === document.activeElement)).toBe(true)

  await pick(counter, '預約說明')
  await page.keyboard.press('Control+Enter')
  await departing.waitFor()
  await page.keyboard.press('Control+z')
  await departing.waitFor({ state: 'detached' })

  await pick(counter, '預約說明')
  await page.keyboard.press('Control+Enter')
  await page.getByText('3 秒後發送').waitFor()
  const above = page.locator('article.ours').filter({ hasText: '可以的' }).locator('.bubble')
  const places = async (own: Locator) => [await above.boundingBox(), await own.boundingBox()]
  const before = await places(departing.locator('.bubble'))
  await counter.shows(words)
  // When it leaves it stands where it stood, and so does what is above.
  expect(await places(page.locator('article.ours').last().locator('.bubble'))).toEqual(before)
  await customer.sees(words)
  expect(await customer.answers()).toEqual(['可以的', words])
  await page.close()
  await customerPage.close()
})

it('[REP-1] [ROL-4] a marketer keeps none, and reads who does', async () => {
  const page = await signIn('zh-Hant-TW', 'marketer')
  await page.locator('a[href="/settings"]').click()
  const entry = page.locator('section', { has: page.locator('#settings-replies') })
  expect(await entry.textContent()).toContain('你的角色不使用預存回覆。')
  expect(await entry.getByRole('button').getAttribute('aria-disabled')).toBe('true')
  await page.context().close()
})

async function signIn(language: Language, role: string): Promise<Page> {
  const words = WORDS[language]
  const context = await browser.newContext({ viewport: { width: 1024, height: 700 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(workstation.url)
  await page.locator('input[type=password]').waitFor()
  if ((await page.locator('html').getAttribute('lang')) !== language)
    await page.getByRole('button', { name: words.language }).click()
  const other = page.getByRole('button', { name: words.other })
  if (await other.isVisible()) await other.click()
  await page.locator('input[type=email]').fill(account(role).email)
  await page.locator('input[type=password]').fill(account(role).password)
  await page.locator('button[type=submit]').click()
  await page.locator('a[href="/settings"]').waitFor()
  return page
}

/** What is seriously wrong with what the page shows now, in the light and in the dark. */
async function wrongOn(page: Page, screen: string): Promise<string[]> {
  const wrong: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor()
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue
      wrong.push(`${screen}, ${colorScheme}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`)
    }
  }
  return wrong
}

describe.each(Object.keys(WORDS) as Language[])('saved replies in %s', (language) => {
  it('keep nobody out, in the picker and where they are written', async () => {
    const words = WORDS[language]
    const page = await signIn(language, 'cs_manager')
    await page.goto(`${workstation.url}/inbox/open_mine`)
    await page.getByRole('option').first().click()
    await page.locator('.composer textarea').click()
    await page.keyboard.type('/')
    await page.getByRole('combobox', { name: words.find }).waitFor()
    const wrong = await wrongOn(page, 'the picker')
    await page.keyboard.press('Escape')
    await page.locator('.composer textarea').fill('')
    await page.goto(`${workstation.url}/settings/replies`)
    await page.locator('.row').first().click()
    await page.locator('.editor textarea').first().waitFor()
    wrong.push(...(await wrongOn(page, 'a reply')))
    await page.getByRole('button', { name: words.add }).click()
    await page.locator('.editor textarea').first().fill('{{custmer}}')
    await page.locator('.editor [aria-invalid]').first().waitFor()
    wrong.push(...(await wrongOn(page, 'a reply with something wrong')))
    expect(wrong).toEqual([])
    await page.context().close()
  })
})
