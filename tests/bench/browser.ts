/**
 * A member at a workstation in a real browser: the backend as it ships in a process of its own, and the built page in
 * Chromium, which is driven over its own protocol.
 */
import { join } from 'node:path'
import { chromium } from 'playwright'
import type { Browser, CDPSession, Page } from 'playwright'
import { z } from 'zod'
import { bundleBackend } from '../../build/run/bundle.ts'
import { outFolder } from '../../build/run/paths.ts'
import { buildIfStale } from '../../build/run/stale.ts'
import { testChromium } from '../../build/setup/chromium.ts'
import { RENDERER_FOLDER } from '../../backend/workstation/shell.ts'
import { Process } from '../world/process.ts'
import { installBareList } from './bare-list.ts'
import type { Say } from './bench.ts'
import { OWNER } from './corpus.ts'
import { cache } from './folders.ts'
import { installWatch } from './frames.ts'
import { PASSWORD } from './stores.ts'

const Ready = z.object({ ready: z.literal(true), url: z.string() })
/** A counter PC's window, in CSS pixels. */
const VIEWPORT = { width: 1440, height: 900 }
/** A turn of the wheel moves by all it asks for at once, so that what moves by anything else can be told from it. */
const AT_ONCE = '--disable-smooth-scrolling'

export type Desk = {
  url: string
  page: Page
  browser: Browser
  /** Chromium's own protocol, for `page`. */
  chrome: CDPSession
  /** A page of the same browser with nothing of ours on it, at the same origin and as the same member. */
  barePage(): Promise<Page>
  stop(): Promise<void>
}

/** Starts the workstation in `home` and signs {@link OWNER} in; the list is on the screen when it resolves. */
export async function openDesk(home: string, hub: string, say: Say): Promise<Desk> {
  await buildIfStale(say)
  const backend = await bundleBackend(join(cache, 'backend'))
  const env = { COUNTERTOP_LOG: 'warn', [RENDERER_FOLDER]: join(outFolder, 'renderer') }
  const workstation = await Process.start(backend, ['--hub', hub, '--home', home], env, Ready)
  const found = await testChromium()
  const browser = await chromium.launch({
    ...found,
    args: [...found.args, AT_ONCE],
    ignoreDefaultArgs: ['--hide-scrollbars'],
  })
  const stop = async () => {
    await browser.close()
    await workstation.stop()
  }
  try {
    const context = await browser.newContext({ viewport: VIEWPORT })
    const page = await context.newPage()
    await page.addInitScript(installWatch)
    await page.goto(workstation.url)
    await page.locator('input[type=email]').fill(OWNER.email)
    await page.locator('input[type=password]').fill(PASSWORD)
    await page.locator('button[type=submit]').click()
    await page.locator('nav').first().waitFor()
    const barePage = async () => {
      const bare = await context.newPage()
      await bare.addInitScript(installWatch)
      await bare.addInitScript(installBareList)
      await bare.goto(`${workstation.url}/api/state`)
      return bare
    }
    return { url: workstation.url, page, browser, chrome: await context.newCDPSession(page), barePage, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What the page's JavaScript holds when nothing is left to collect, in MB (a million bytes). */
export async function heapOf(chrome: CDPSession): Promise<number> {
  await chrome.send('HeapProfiler.collectGarbage')
  const { usedSize } = await chrome.send('Runtime.getHeapUsage')
  return usedSize / 1_000_000
}

export type Turning = { x: number; y: number; by: number; ms: number }

/** Turns the wheel at a place by so many pixels again and again, as fast as the page takes it. @returns how often */
export async function turnWheel(chrome: CDPSession, { x, y, by, ms }: Turning): Promise<number> {
  let turns = 0
  for (const end = performance.now() + ms; performance.now() < end; turns += 1) {
    await chrome.send('Input.dispatchMouseEvent', { type: 'mouseWheel', x, y, deltaX: 0, deltaY: by })
  }
  return turns
}
