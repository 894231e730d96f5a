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

/** What a test has had the shell's main process write down under this name. */
function heard(shell: Shell): Promise<unknown> {
  return shell.app.evaluate(() => Reflect.get(globalThis, 'heard') as unknown)
}

describe('the window', () => {
  it('goes nowhere else, opens nothing, and is granted nothing', async () => {
    const shell = await open()
    const { app, page } = shell
    const before = page.url()
    await page.evaluate(() => document.body.setAttribute('data-mark', 'still here'))

    await app.evaluate(({ BrowserWindow }) => {
      const stopped: boolean[] = []
      Reflect.set(globalThis, 'heard', stopped)
      BrowserWindow.getAllWindows()[0]?.webContents.on('will-navigate', (event) => stopped.push(event.defaultPrevented))
    })
    const stopped: boolean[] = []
    for (const address of [hub.ready.webchat, `${hub.url}/`, 'https://example.com/']) {
      await page.evaluate((to) => void (location.href = to), address)
      stopped.push(true)
      await expect.poll(() => heard(shell)).toEqual(stopped)
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
      Reflect.set(globalThis, 'heard', opened)
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
    await expect.poll(() => heard(shell)).toEqual(['https://example.com/a'])
    // Now a click has just been handled: what may not be opened is refused all the same.
    expect(await page.evaluate(() => window.countertop?.openExternal('file:///etc/passwd'))).toBe(false)
    expect(await heard(shell)).toEqual(['https://example.com/a'])
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

it('speaks the language of the page: its menu bar, and the menu of the second mouse button in text', async () => {
  const shell = await open()
  const { app, page } = shell
  const bar = () =>
    app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()
        ?.items.map(({ label }) => label)
        .slice(1),
    )
  expect(await bar()).toEqual(['編輯', '檢視'])
  await page.evaluate(() => window.countertop?.setLanguage('en'))
  expect(await bar()).toEqual(['Edit', 'View'])

  await app.evaluate(({ Menu }) => {
    Menu.prototype.popup = function () {
      Reflect.set(
        globalThis,
        'heard',
        this.items.filter(({ type }) => type !== 'separator').map(({ label }) => label),
      )
    }
  })
  await page.getByRole('heading', { name: '登入櫃檯' }).click({ button: 'right' })
  await page.getByLabel('電子郵件').click({ button: 'right' })
  await expect.poll(() => heard(shell)).toEqual(['Cut', 'Copy', 'Paste', 'Select all'])
  await shell.quit()
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
    const { family, backend } = first
    await first.app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), place)
    const main = first.app.process()
    const ended = once(main, 'exit')
    await first.app.evaluate(({ app }) => {
      app.once('will-quit', (event) => Reflect.set(globalThis, 'heard', event.defaultPrevented))
    })
    // A backend that takes its time.
    process.kill(backend!, 'SIGSTOP')
    // The member closes the window.
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(() => heard(first)).toBe(true)
    expect(await openDatabases(home)).not.toEqual([])
    process.kill(backend!, 'SIGCONT')
    expect(await ended).toEqual([0, null])
    expect(await openDatabases(home)).toEqual([])
    expect(await first.log()).toContain('the shell asked for it')
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
  await page.evaluate(() => window.countertop?.onOpenConversation((id) => document.body.setAttribute('data-asked', id)))
  const args = [...bench.args.filter((argument) => !argument.includes('playwright')), 'countertop://conversation/C-1']
  const second = spawn(bench.executablePath, args, {
    env: bench.environment(shell.home, hub.url, 0),
    stdio: 'ignore',
  })
  const [code] = (await once(second, 'exit')) as [number | null]
  expect(code).toBe(0)
  await page.locator('body[data-asked="C-1"]').waitFor()
  expect(
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible())),
  ).toEqual([true])
  await shell.quit()
})
