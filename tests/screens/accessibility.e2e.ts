/** Every screen, looked at by axe against real parts: in both languages, light and dark. */
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, Page } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { demoHubFolder, newFolder, startHub, startWorkstation } from '../world/places.ts'

const WORDS = {
  'zh-Hant-TW': { name: '繁體中文', other: '換成其他成員', date: '日期' },
  en: { name: 'English', other: 'Switch to another member', date: 'Date' },
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

describe.each(Object.keys(WORDS) as Language[])('screens in %s', (language) => {
  it('have nothing that keeps anybody out', async () => {
    const words = WORDS[language]
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    const wrong: string[] = []
    const look = async (screen: string): Promise<void> => void wrong.push(...(await wrongOn(page, screen)))

    await page.goto(workstation.url)
    await page.locator('input[type=password]').waitFor()
    if ((await page.locator('html').getAttribute('lang')) !== language)
      await page.getByRole('button', { name: words.name }).click()
    // The workstation may still be locked for whoever was here last.
    const other = page.getByRole('button', { name: words.other })
    if (await other.isVisible()) await other.click()
    await look('sign-in')

    const member = hub.ready.accounts.find(({ role }) => role === 'cs_agent')!
    await page.locator('input[type=email]').fill(member.email)
    await page.locator('input[type=password]').fill(member.password)
    await page.locator('button[type=submit]').click()
    await page.getByRole('option').first().click()
    await page.getByRole('log').locator('article').first().waitFor()
    await look('an open conversation')

    await page.getByRole('option').nth(1).click({ button: 'right' })
    await page.getByRole('menu').waitFor()
    await look("a conversation's menu")
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: words.date }).click()
    await page.locator('.n-date-picker input').first().waitFor()
    await look('the date filter')
    await page.keyboard.press('Escape')

    const search = page.getByRole('combobox').first()
    await search.fill('禮盒')
    await page.locator('mark').first().waitFor()
    await look('search results')
    await search.fill('')

    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
    await look('the palette')
    await page.keyboard.press('Escape')

    await page.locator('main h2').first().click()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await look('the sheet of keys')
    await page.keyboard.press('Escape')

    await page.locator('a[href="/queue"]').click()
    await page.locator('main h1').waitFor()
    await look('the queue')

    await page.locator('a[href="/settings"]').click()
    await page.getByRole('radiogroup').first().waitFor()
    await look('settings')

    await page.keyboard.press('Control+Shift+L')
    await page.locator('input[type=password]').waitFor()
    await look('the lock screen')

    await context.close()
    expect(wrong).toEqual([])
  })
})
