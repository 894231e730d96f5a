/** The shell's start, phase by phase. Each phase is named, so that a failure says where it was. */
import { BrowserWindow, Notification, app, dialog, powerMonitor, shell } from 'electron'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ShellLanguage } from '../../backend/workstation/shell.ts'
import { Backend } from './backend.ts'
import { guardPages, guardSession } from './guards.ts'
import { openDoor, tell } from './ipc.ts'
import { hasKeychain, unwrap, wrap } from './keychain.ts'
import { DEEP_LINK_SCHEME, conversationOf, deepLinkAmong, outsideAddress } from './links.ts'
import { offerTextMenu, setMenuBar } from './menu.ts'
import { readSettings } from './settings.ts'
import { openTray } from './tray.ts'
import type { TrayMenu } from './tray.ts'
import { watchForUpdates } from './updates.ts'
import { MainWindow, preloadPath } from './window.ts'
import { restartingPage, words } from './words.ts'

const settings = readSettings((why) => process.stderr.write(`${why}\n`))
const icons = join(app.getAppPath(), 'build', 'icons')
mkdirSync(join(settings.home, 'logs'), { recursive: true })
const logFile = createWriteStream(join(settings.home, 'logs', 'workstation.log'), { flags: 'a' })
const log = (line: string): void => void logFile.write(`${line}\n`)

let language: ShellLanguage = app.getLocale().startsWith('en') ? 'en' : 'zh-Hant-TW'
let backend: Backend | null = null
let window: MainWindow | null = null
let tray: TrayMenu | null = null
/** The conversation a link asked for before there was a page to show it. */
let asked = deepLinkAmong(process.argv)
let hasClosed = false

const isInstalled = app.getAppPath().endsWith('.asar')
const origin = (): string | null => backend?.origin ?? null

/** Before Electron is ready: what must hold for everything after. Answers whether this is the only instance. */
function lockDown(): boolean {
  if (!app.requestSingleInstanceLock()) return false
  // As root, in tests, Chromium runs only without its sandbox, and would not if it were enabled for all.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  app.setAppUserModelId('tw.countertop.workstation')
  if (isInstalled) app.setAsDefaultProtocolClient(DEEP_LINK_SCHEME)
  guardPages(origin)
  return true
}

function listen(): void {
  app.on('second-instance', (_, argv) => {
    window?.focus()
    openConversation(deepLinkAmong(argv))
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    openConversation(conversationOf(url))
  })
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', (event) => {
    if (hasClosed) return
    event.preventDefault()
    void (backend?.close() ?? Promise.resolve()).then(() => {
      hasClosed = true
      app.quit()
    })
  })
  powerMonitor.on('resume', () => backend?.send({ type: 'wake' }))
  powerMonitor.on('lock-screen', () => backend?.send({ type: 'lock' }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
  if (settings.isChild && process.env['COUNTERTOP_CHILD'] === '1') process.stdin.on('end', () => app.quit()).resume()
}

function openConversation(conversationId: string | null): void {
  if (conversationId === null) return
  if (!window || window.browser.webContents.isLoading()) {
    asked = conversationId
    return
  }
  window.focus()
  tell(window.browser, 'openConversation', conversationId)
}

function openWindow(current: Backend): MainWindow {
  const opened = new MainWindow({
    placeFile: join(app.getPath('userData'), 'window.json'),
    preload: preloadPath(__dirname),
    icon: join(icons, 'icon-256.png'),
    windowSecret: current.windowSecret,
    restartingPage: () => restartingPage(words[language]),
    log,
  })
  offerTextMenu(opened.browser, () => words[language])
  opened.browser.webContents.on('did-finish-load', () => {
    const conversationId = asked
    asked = null
    openConversation(conversationId)
  })
  return opened
}

function startBackend(): Backend {
  let hasSaidReady = false
  const started = new Backend({
    ...settings,
    log: logFile,
    keychain: { available: hasKeychain, wrap, unwrap: (value) => unwrap(value, log) },
    onReady: (url) => {
      window?.show(url).catch((error: Error) => log(`window: ${error.message}`))
      if (settings.isChild && !hasSaidReady) process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`)
      hasSaidReady = true
    },
    onDown: () => window?.showRestarting(),
  })
  started.start()
  return started
}

function openToPage(): void {
  openDoor(
    { window: () => window?.browser ?? null, origin },
    {
      info: () => ({
        version: app.getVersion(),
        electron: process.versions.electron,
        platform: process.platform,
        language,
      }),
      badge: (unread) => {
        app.setBadgeCount(unread)
        return null
      },
      notify: ({ title, body, conversationId, silent }) => {
        if (!Notification.isSupported()) return null
        const notification = new Notification({ title, body, silent })
        notification.on('click', () => {
          window?.focus()
          openConversation(conversationId)
        })
        notification.show()
        return null
      },
      print: () =>
        new Promise((printed) => {
          if (!window) return printed(false)
          window.browser.webContents.print({ printBackground: true }, (success) => printed(success))
        }),
      openExternal: async (url) => {
        const address = outsideAddress(url)
        if (address === null) return false
        await shell.openExternal(address)
        return true
      },
      language: (chosen) => {
        language = chosen
        tray?.setWords(words[chosen])
        setMenuBar(words[chosen], !isInstalled)
        return null
      },
    },
  )
}

async function phase(name: string, work: () => unknown): Promise<void> {
  try {
    await work()
    log(`start: ${name}`)
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    log(`start: ${name}: ${what}`)
    process.stderr.write(`start: ${name}: ${what}\n`)
    if (!settings.isChild) dialog.showErrorBox(words[language].broken, `${name}\n${what}`)
    await backend?.close()
    app.exit(1)
  }
}

async function main(): Promise<void> {
  if (!lockDown()) return app.exit(0)
  await app.whenReady()
  await phase('guards', () => guardSession(origin))
  await phase('events', listen)
  await phase('backend', () => (backend = startBackend()))
  await phase('page', openToPage)
  await phase('menu', () => setMenuBar(words[language], !isInstalled))
  await phase('window', () => backend && (window = openWindow(backend)))
  await phase('tray', () => {
    tray = openTray(join(icons, 'tray.png'), words[language], { open: () => window?.focus(), quit: () => app.quit() })
  })
  app.on('activate', () => BrowserWindow.getAllWindows().length > 0 && window?.focus())
  await phase('updates', () => watchForUpdates(log))
}

void main()
