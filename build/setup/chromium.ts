/** Finds a Chromium for the browser tests, or gets one. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { chromium } from 'playwright'
import { installDebian } from './debian.ts'
import type { TestBrowser } from './electron.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge']
const ARGS = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** `COUNTERTOP_CHROMIUM`, the usual Debian place, the path, Playwright's own: the first that exists. */
function find(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  const candidates = [process.env['COUNTERTOP_CHROMIUM'], '/usr/bin/chromium', ...onPath, chromium.executablePath()]
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path)) ?? null
}

/**
 * A Chromium for Playwright's `chromium.launch`, installed when there is none: from Debian as root, else by Playwright.
 *
 * @throws with what to install when there is none to be had.
 */
export async function testChromium(): Promise<TestBrowser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox', ...ARGS] : ARGS
  installDebian(['fonts-noto-cjk'])
  const here = find()
  if (here) return { executablePath: here, args }
  installDebian(['chromium'])
  const installed = find()
  if (installed) return { executablePath: installed, args }
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js')
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 2, 2] })
  const downloaded = find()
  if (downloaded) return { executablePath: downloaded, args }
  throw new Error(
    'No Chromium was found. Install one (Debian: `apt-get install chromium`) or set COUNTERTOP_CHROMIUM to its path.',
  )
}
