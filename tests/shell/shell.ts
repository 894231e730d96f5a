/** The real shell in a test: an Electron window over its own backend process, and what an outsider sees of both. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron } from 'playwright'
import type { ElectronApplication, Page } from 'playwright'
import { expect, onTestFinished } from 'vitest'
import { testDisplay } from '../../build/setup/display.ts'
import type { Display } from '../../build/setup/display.ts'
import { testElectron } from '../../build/setup/electron.ts'
import { buildIfStale } from '../../build/run/stale.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const BACKEND = join(root, 'backend/workstation/main.ts')
/** Milliseconds. More than the longest wait between two starts of a backend that dies again and again in a test. */
const PATIENCE = 30_000

type Listed = { pid: number; parent: number; command: string }

/** Every process that has not ended (one that only waits to be buried has). */
function processes(): Listed[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
  const listed: Listed[] = []
  for (const line of stdout.split('\n')) {
    const [, pid, parent, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (pid !== undefined && !state.startsWith('Z')) listed.push({ pid: Number(pid), parent: Number(parent), command })
  }
  return listed
}

/** A process with its children, their children, and so on. */
export function familyOf(pid: number): Listed[] {
  const all = processes()
  const family = all.filter((one) => one.pid === pid)
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid))
  return family
}

/** Resolves when none of these is left. */
export async function areGone(family: readonly Listed[]): Promise<void> {
  const pids = new Set(family.map(({ pid }) => pid))
  await expect.poll(() => processes().filter(({ pid }) => pids.has(pid)), { timeout: PATIENCE }).toEqual([])
}

/** The backend among these; undefined while there is none. */
export function backendAmong(family: readonly Listed[]): number | undefined {
  return family.find(({ command }) => command.includes(BACKEND))?.pid
}

/** A data folder for this test, gone after it. */
export async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'countertop-shell-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return home
}

/** What every shell of a test file shares: a build of these sources, an Electron, a display. */
export class Bench {
  readonly executablePath: string
  readonly args: readonly string[]
  readonly #display: Display

  private constructor(executablePath: string, args: readonly string[], display: Display) {
    this.executablePath = executablePath
    this.args = args
    this.#display = display
  }

  static async open(): Promise<Bench> {
    await buildIfStale(() => undefined)
    const { executablePath, args } = await testElectron()
    // What comes before the app's folder. The language is the window's, whatever this computer speaks.
    return new Bench(executablePath, [...args, '--lang=zh-TW', root], await testDisplay())
  }

  /** What the shell is told by its environment: data in `home`, a backend against `hub` on `port` (0 for any). */
  environment(home: string, hub: string, port: number): Record<string, string> {
    const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return {
      ...Object.fromEntries(inherited),
      LANGUAGE: 'zh_TW',
      DISPLAY: this.#display.name,
      COUNTERTOP_HOME: home,
      COUNTERTOP_BACKEND_NODE: process.execPath,
      COUNTERTOP_BACKEND_ENTRY: BACKEND,
      COUNTERTOP_BACKEND_ARGS: JSON.stringify(['--hub', hub, '--home', join(home, 'workstation'), '--port', `${port}`]),
    }
  }

  close(): Promise<void> {
    return this.#display.close()
  }
}

export class Shell {
  readonly app: ElectronApplication
  readonly page: Page
  readonly home: string
  /** Known beforehand: to look for it takes longer than what a kill is to interrupt. */
  #backend: number

  private constructor(app: ElectronApplication, page: Page, home: string) {
    this.app = app
    this.page = page
    this.home = home
    const { backend } = this
    if (backend === undefined) throw new Error('The shell has no backend.')
    this.#backend = backend
  }

  /** Starts it, and resolves when its window shows the backend's page. */
  static async start(bench: Bench, home: string, hub: string): Promise<Shell> {
    const app = await _electron.launch({
      executablePath: bench.executablePath,
      args: [...bench.args],
      env: bench.environment(home, hub, 0),
    })
    // Whatever the test comes to, nothing of the shell outlives it.
    const main = app.process()
    onTestFinished(async () => {
      main.kill('SIGKILL')
      // An orphan is nobody's child, but each has been told of its folder.
      const left = processes().filter(({ command }) => command.includes(home))
      for (const { pid } of left) process.kill(pid, 'SIGKILL')
      await areGone(left)
    })
    const page = await app.firstWindow()
    await page.waitForURL(/^http:\/\/127\.0\.0\.1:/)
    return new Shell(app, page, home)
  }

  get origin(): string {
    return new URL(this.page.url()).origin
  }

  /** Every process of the shell: its own, the pages', the backend. */
  get family(): Listed[] {
    const { pid } = this.app.process()
    return pid === undefined ? [] : familyOf(pid)
  }

  get backend(): number | undefined {
    return backendAmong(this.family)
  }

  /** Runs a script in the page as a page's own script runs: nobody has clicked anything. (Playwright's pretend a click.) */
  script(code: string): Promise<unknown> {
    return this.app.evaluate(
      ({ BrowserWindow }, script) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script) as Promise<unknown>,
      code,
    )
  }

  /** What the shell and the backend have written down so far. */
  log(): Promise<string> {
    return readFile(join(this.home, 'logs', 'workstation.log'), 'utf8')
  }

  /** Ends the backend at once, as a power cut would; resolves when the shell has another, which answers. */
  async killBackend(): Promise<void> {
    const { origin } = this
    const killed = this.#backend
    process.kill(killed, 'SIGKILL')
    await expect
      .poll(() => (this.backend === killed ? undefined : this.backend), { timeout: PATIENCE })
      .toBeTypeOf('number')
    this.#backend = this.backend ?? killed
    const answers = (): Promise<boolean> =>
      fetch(origin).then(
        () => true,
        () => false,
      )
    await expect.poll(answers, { timeout: PATIENCE }).toBe(true)
  }

  /** Quits as the member does from the tray, and resolves when not one of its processes is left. */
  async quit(): Promise<void> {
    const { family } = this
    await this.app.close()
    await areGone(family)
  }
}
