/**
 * Updates by electron-updater, only where the package carries a feed (`app-update.yml`, written when it is published).
 * They are fetched unasked only where their signature is checked before they are installed.
 */
import { app } from 'electron'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const EVERY = 4 * 60 * 60 * 1000

export async function watchForUpdates(log: (line: string) => void): Promise<void> {
  const feed = join(process.resourcesPath, 'app-update.yml')
  if (!app.getAppPath().endsWith('.asar') || !existsSync(feed)) return
  const { default: updater } = await import('electron-updater')
  const { autoUpdater } = updater
  const isSigned = process.platform === 'darwin' || /^publisherName:/m.test(readFileSync(feed, 'utf8'))
  autoUpdater.autoDownload = isSigned
  autoUpdater.autoInstallOnAppQuit = isSigned
  autoUpdater.on('error', (error) => log(`updates: ${error.message}`))
  const check = (): void => {
    autoUpdater.checkForUpdates().catch((error: Error) => log(`updates: ${error.message}`))
  }
  check()
  setInterval(check, EVERY)
}
