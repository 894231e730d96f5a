/** The main job, in a real browser over real processes. */
import { afterAll, beforeAll, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { newFolder, portOf, startWorkstation } from '../world/places.ts'
import { playCounterAndCustomer } from './play.ts'
import type { Station } from './play.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
})
afterAll(() => browser.close())

/** The workstation in browser mode: its backend is started again by hand, and its page loaded again. */
async function openInBrowser(hub: string): Promise<Station> {
  const home = await newFolder('workstation')
  let backend = await startWorkstation(home, hub)
  const port = portOf(backend.url)
  const context = await browser.newContext({ locale: 'zh-TW', viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.goto(backend.url)
  return {
    page,
    crash: async () => {
      await backend.kill()
      backend = await startWorkstation(home, hub, port)
      await page.goto(backend.url)
    },
    close: async () => {
      await context.close()
      await backend.stop()
    },
  }
}

it('[SYN-1] [SYN-2] [SYN-3] [CNV-1] [CNV-2] [CNV-10] online, cut off, and both ends killed: every answer once, in order', () =>
  playCounterAndCustomer(browser, openInBrowser))
