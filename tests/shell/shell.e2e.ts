/** The shell by itself: what its window may and may not do, what it survives, and how it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WINDOW_COOKIE } from '../../backend/workstation/shell.ts'
import { Counter } from '../world/counter.ts'
import { demoHubFolder, startHub } from '../world/places.ts'
import type { HubReady } from '../world/places.ts'
import type { Process } from '../world/process.ts'
import { Bench, Shell, areGone, backendAmong, familyOf, newHome } from './shell.ts'

let bench: Bench
let hub: Process<HubReady>
beforeAll(async () => {
  bench = await Bench.open()
  hub = await startHub(await demoHubFolder())
})
afterAll(async () => {
  await hub.stop()
  await bench.close()
})

/** A shell at the sign-in, against the hub of this file. */
async function open(home?: string): Promise<Shell> {
  return Shell.start(bench, home ?? (await newHome()), hub.url)
}

/** A shell with a member at work, so that a database is open. */
async function openAtWork(home?: string): Promise<Shell> {
  const shell = await open(home)
  const agent = hub.ready.accounts.find(({ role }) => role === 'cs_agent')!
  await new Counter(shell.page).signIn(agent.email, agent.password)
  return shell
}

/** SQLite leaves a write-ahead log beside a database that nobody closed. */
async function openDatabases(home: string): Promise<string[]> {
  const files = await readdir(join(home, 'workstation'), { recursive: true })
  return files.filter((file) => file.endsWith('-wal'))
}

describe('the window', () => {
  it('goes nowhere else, opens nothing, and is granted nothing', async () => {
    const shell = await open()
    const { app, page } = shell
    const before = page.url()
    await page.evaluate(() => document.body.setAttribute('data-mark', 'still here'))

    for (const address of [hub.ready.webchat, `${hub.url}/`, 'https://example.com/']) {
      const isStopped = app.evaluate(
        ({ BrowserWindow }) =>
          new Promise<boolean>((heard) => {
            BrowserWindow.getAllWindows()[0]?.webContents.once('will-navigate', (event) =>
              heard(event.defaultPrevented),
            )
          }),
      )
      await page.evaluate((to) => void (location.href = to), address)
      expect(await isStopped).toBe(true)
    }
    expect(await page.evaluate((to) => window.open(to), hub.ready.webchat)).toBe(null)
    expect(await page.evaluate(() => window.open('about:blank'))).toBe(null)
    expect(app.windows()).toHaveLength(1)
    expect(page.url()).toBe(before)
    expect(await page.locator('body').getAttribute('data-mark')).toBe('still here')

    const states = await page.evaluate(async () => {
      const names = ['geolocation', 'camera', 'microphone', 'notifications'] as PermissionName[]
      return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state))
    })
    expect(states).toEqual(['denied', 'denied', 'denied', 'granted'])
    expect(
      await page.evaluate(() => [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')]),
    ).toEqual(['undefined', 'undefined'])
    await shell.quit()
  })

  it('hands a link to elsewhere to the operating system when the member clicks it, and never for a script', async () => {
    const shell = await open()
    const { app, page } = shell
    await app.evaluate(({ shell: system }) => {
      const opened: string[] = []
      Reflect.set(globalThis, 'opened', opened)
      system.openExternal = async (address) => void opened.push(address)
    })
    const fromScript = await shell.script(`
      const link = document.createElement('a')
      link.href = 'https://example.com/a'
      link.textContent = '外部連結'
      link.target = '_blank'
      document.body.prepend(link)
      link.click()
      window.countertop.openExternal('https://example.com/b')`)
    expect(fromScript).toBe(false)
    await page.getByText('外部連結').click()
    const opened = () => app.evaluate(() => Reflect.get(globalThis, 'opened') as string[])
    await expect.poll(opened).toEqual(['https://example.com/a'])
    // Now a click has just been handled: what may not be opened is refused all the same.
    expect(await page.evaluate(() => window.countertop?.openExternal('file:///etc/passwd'))).toBe(false)
    expect(await opened()).toEqual(['https://example.com/a'])
    expect(app.windows()).toHaveLength(1)
    await shell.quit()
  })

  it('holds its secret where neither a page nor another program sees it, and the backend speaks to nobody without', async () => {
    const shell = await open()
    const { app, page, origin } = shell
    const [cookie, ...others] = await app.evaluate(({ session }) => session.defaultSession.cookies.get({}))
    expect(others).toEqual([])
    expect(cookie).toMatchObject({ name: WINDOW_COOKIE, httpOnly: true, sameSite: 'strict', session: true })
    const secret = cookie!.value
    expect(secret.length).toBeGreaterThanOrEqual(43)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect(JSON.stringify(shell.family)).not.toContain(secret)
    expect(await shell.log()).not.toContain(secret)

    const ask = (path: string, headers: Record<string, string>) => fetch(`${origin}${path}`, { headers })
    for (const path of ['/', '/api/state', '/api/live', '/assets/']) {
      for (const headers of [{}, { cookie: `${WINDOW_COOKIE}=${'x'.repeat(43)}` }]) {
        const answer = await ask(path, headers)
        expect([path, answer.status]).toEqual([path, 401])
        expect(answer.headers.get('set-cookie')).toBe(null)
        expect(await answer.text()).not.toMatch(/<script|connection/)
      }
    }
    const own = await ask('/api/state', { cookie: `${WINDOW_COOKIE}=${secret}` })
    expect(own.status).toBe(200)
    await shell.quit()
  })
})

describe('a crash', () => {
  it('of the page is repaired: the window shows the inbox again, and the member goes on', async () => {
    const shell = await openAtWork()
    const { app } = shell
    await app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((loaded) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents
          contents?.once('did-finish-load', () => loaded())
          contents?.forcefullyCrashRenderer()
        }),
    )
    // The test's own line to the page went with it: from here on the shell is asked.
    const count = (selector: string) => () => shell.script(`document.querySelectorAll('${selector}').length`)
    await expect.poll(count('[role=listbox] [role=option]'), { timeout: 20_000 }).toBeGreaterThan(0)
    await shell.script(`document.querySelector('[role=listbox] [role=option]').click()`)
    await expect.poll(count('article[data-ordinal]')).toBeGreaterThan(0)
    expect(await shell.script(`window.countertop.info().then(({ language }) => language)`)).toBe('zh-Hant-TW')
    expect(await shell.log()).toContain('window: the page ended')
    await shell.quit()
  })

  it('of the backend while the page is loaded is bridged by a page that says so', async () => {
    const shell = await open()
    const { app, page, backend, origin } = shell
    await app.evaluate(({ BrowserWindow }, pid) => {
      process.kill(pid, 'SIGKILL')
      BrowserWindow.getAllWindows()[0]?.webContents.reload()
    }, backend!)
    await page.getByRole('heading', { name: '正在重新啟動…' }).waitFor()
    await page.getByLabel('電子郵件').waitFor()
    expect(shell.origin).toBe(origin)
    expect(shell.backend).not.toBe(backend)
    await shell.quit()
  })

  it('of the shell takes the backend with it', async () => {
    const shell = await openAtWork()
    const { family } = shell
    expect(backendAmong(family)).toBeTypeOf('number')
    shell.app.process().kill('SIGKILL')
    await areGone(family)
    expect(await openDatabases(shell.home)).toEqual([])
  })
})

describe('the end', () => {
  it('waits until the backend has closed its database, leaves no process, and the window opens where it was', async () => {
    const home = await newHome()
    const place = { x: 60, y: 40, width: 1100, height: 720 }
    const first = await openAtWork(home)
    const { family } = first
    expect(await openDatabases(home)).not.toEqual([])
    await first.app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), place)
    const main = first.app.process()
    const ended = first.app.waitForEvent('close')
    // The member closes the window.
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await ended
    // The shell has ended: its backend must have done so before.
    expect(backendAmong(familyOf(backendAmong(family)!))).toBe(undefined)
    expect(await openDatabases(home)).toEqual([])
    expect(main.exitCode).toBe(0)
    await areGone(family)

    const second = await open(home)
    expect(await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())).toEqual(
      place,
    )
    await second.quit()
  })

  it('comes with the end of whoever started it', async () => {
    const child = spawn(
      bench.executablePath,
      bench.args.filter((argument) => !argument.includes('playwright')),
      {
        env: { ...bench.environment(await newHome(), hub.url, 0), COUNTERTOP_CHILD: '1' },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    expect(JSON.parse(line)).toEqual({ ready: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
    const family = familyOf(child.pid!)
    expect(backendAmong(family)).toBeTypeOf('number')
    child.stdin.end()
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
    await areGone(family)
  })
})

it('a second start shows the window of the first, with the conversation its link asks for, and ends', async () => {
  const shell = await open()
  const { app, page } = shell
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
  const asked = page.evaluate(() => new Promise<string>((heard) => window.countertop?.onOpenConversation(heard)))
  const args = [...bench.args.filter((argument) => !argument.includes('playwright')), 'countertop://conversation/C-1']
  const second = spawn(bench.executablePath, args, {
    env: bench.environment(shell.home, hub.url, 0),
    stdio: 'ignore',
  })
  const [code] = (await once(second, 'exit')) as [number | null]
  expect(code).toBe(0)
  expect(await asked).toBe('C-1')
  expect(
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible())),
  ).toEqual([true])
  await shell.quit()
})
