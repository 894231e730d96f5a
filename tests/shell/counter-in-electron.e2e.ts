/**
 * The main job, in the real shell: an Electron window over the backend that the shell itself started, and starts again
 * when it is killed.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { playCounterAndCustomer } from '../story/play.ts'
import type { Station } from '../story/play.ts'
import { Bench, Shell, newHome } from './shell.ts'

let browser: Browser
let bench: Bench
beforeAll(async () => {
  bench = await Bench.open()
  browser = await chromium.launch(await testChromium())
})
afterAll(async () => {
  await browser.close()
  await bench.close()
})

/** The shell starts its backend again by itself, on the same port and with the same secret; nobody touches the page. */
async function openInShell(hub: string): Promise<Station> {
  const shell = await Shell.start(bench, await newHome(), hub)
  return {
    page: shell.page,
    crash: async () => {
      const before = shell.origin
      await shell.killBackend()
      expect(shell.origin).toBe(before)
    },
    close: () => shell.quit(),
  }
}

it('[SYN-1] [SYN-2] [SYN-3] [CNV-1] [CNV-2] [CNV-10] in Electron, with the hub and the backend killed: every answer once, in order', () =>
  playCounterAndCustomer(browser, openInShell))
