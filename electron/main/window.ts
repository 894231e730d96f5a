/** The one window: made, shown, remembered, and brought back when its page crashes or its backend is away. */
import { BrowserWindow, nativeTheme, screen, session } from 'electron'
import { join } from 'node:path'
import { WINDOW_COOKIE } from '../../backend/workstation/shell.ts'
import { BackOff } from './back-off.ts'
import { SMALLEST, openingBox, readPlace, writePlace } from './bounds.ts'
import { isOwnPage } from './links.ts'

export type WindowSettings = {
  placeFile: string
  preload: string
  icon: string
  windowSecret: string
  restartingPage: () => string
  log: (line: string) => void
}

export class MainWindow {
  readonly browser: BrowserWindow
  readonly #settings: WindowSettings
  readonly #backOff = new BackOff()
  #url: string | null = null

  constructor(settings: WindowSettings) {
    this.#settings = settings
    const place = readPlace(settings.placeFile, settings.log)
    this.browser = new BrowserWindow({
      ...openingBox(
        place,
        screen.getAllDisplays().map(({ workArea }) => workArea),
      ),
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      show: false,
      title: 'Countertop 櫃檯',
      icon: settings.icon,
      autoHideMenuBar: true,
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#161817' : '#F6F5F2',
      webPreferences: {
        preload: settings.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        // Elsewhere than on macOS, dictionaries would be fetched from a host that is not ours.
        spellcheck: process.platform === 'darwin',
      },
    })
    if (place?.maximized) this.browser.maximize()
    this.browser.once('ready-to-show', () => this.browser.show())
    this.#remember()
    this.#recover()
  }

  /** Shows the backend's page, unless it is there already: then the page finds its way back by itself. */
  async show(url: string): Promise<void> {
    this.#url = url
    await session.defaultSession.cookies.set({
      url,
      name: WINDOW_COOKIE,
      value: this.#settings.windowSecret,
      httpOnly: true,
      sameSite: 'strict',
    })
    if (!this.browser.isDestroyed()) this.#loadUnlessThere()
  }

  /** Called when there is no page yet and the backend died: says so. */
  showRestarting(): void {
    if (this.browser.isDestroyed() || this.#url !== null) return
    this.#load(this.#settings.restartingPage())
  }

  focus(): void {
    if (this.browser.isMinimized()) this.browser.restore()
    this.browser.show()
    this.browser.focus()
  }

  /** Never loads over a page that is there or on its way: the member may be in the middle of a word. */
  #loadUnlessThere(): void {
    const url = this.#url
    if (url !== null && !isOwnPage(this.browser.webContents.getURL(), new URL(url).origin)) this.#load(url)
  }

  #load(url: string): void {
    // Its failure is told by `did-fail-load`, which deals with it.
    this.browser.loadURL(url).catch((error: Error) => this.#settings.log(`window: ${error.message}`))
  }

  #remember(): void {
    this.browser.on('close', () => {
      const place = { ...this.browser.getNormalBounds(), maximized: this.browser.isMaximized() }
      try {
        writePlace(this.#settings.placeFile, place)
      } catch (error) {
        this.#settings.log(`window: its place was not kept: ${error instanceof Error ? error.message : String(error)}`)
      }
    })
  }

  #recover(): void {
    const { webContents } = this.browser
    webContents.on('did-fail-load', (_, code, what, url, isMainFrame) => {
      // -3: we ourselves went elsewhere meanwhile.
      if (!isMainFrame || code === -3 || this.#url === null || !isOwnPage(url, new URL(this.#url).origin)) return
      this.#settings.log(`window: the page did not load: ${what}`)
      this.#load(this.#settings.restartingPage())
      this.#later(() => this.#loadUnlessThere())
    })
    webContents.on('render-process-gone', (_, { reason }) => {
      if (reason === 'clean-exit') return
      this.#settings.log(`window: the page ended: ${reason}`)
      this.#later(() => webContents.reload())
    })
  }

  #later(work: () => void): void {
    setTimeout(() => {
      if (!this.browser.isDestroyed()) work()
    }, this.#backOff.next(performance.now()))
  }
}

/** Where build puts the preload script, seen from the main script's folder. */
export function preloadPath(folder: string): string {
  return join(folder, '..', 'preload', 'index.cjs')
}
