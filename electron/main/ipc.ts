/** The one door between the page and the shell: no other file touches `ipcMain`. Checks who asks, then what. */
import { ipcMain } from 'electron'
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron'
import { CHANNEL_PREFIX } from '../bridge.ts'
import type { ShellChannel, ShellEvents, ShellRequests } from '../bridge.ts'
import { isOwnPage } from './links.ts'
import { isOwnSender, requests } from './requests.ts'

export type ShellHandlers = {
  [C in ShellChannel]: (
    value: ShellRequests[C]['takes'],
  ) => ShellRequests[C]['gives'] | Promise<ShellRequests[C]['gives']>
}

export type Door = {
  /** The window whose page may ask; null while there is none. */
  window: () => BrowserWindow | null
  /** The origin of the backend that serves it; null before there is one. */
  origin: () => string | null
}

function isAllowed(event: IpcMainInvokeEvent, { window, origin }: Door): boolean {
  const frame = event.senderFrame
  if (!frame) return false
  const sender = {
    url: frame.url,
    isMainFrame: frame === event.sender.mainFrame,
    isOurWindow: event.sender === window()?.webContents,
  }
  return isOwnSender(sender, origin(), isOwnPage)
}

/** Opens the door. A request from elsewhere, or in the wrong form, is thrown back at whoever made it. */
export function openDoor(door: Door, handlers: ShellHandlers): void {
  const open = <C extends ShellChannel>(channel: C, check: (value: unknown) => ShellRequests[C]['takes']): void => {
    ipcMain.handle(CHANNEL_PREFIX + channel, async (event, value: unknown) => {
      if (!isAllowed(event, door)) throw new Error(`shell.${channel}: not from the app's own page`)
      return handlers[channel](check(value))
    })
  }
  open('info', (value) => requests.info.parse(value))
  open('badge', (value) => requests.badge.parse(value))
  open('notify', (value) => requests.notify.parse(value))
  open('print', (value) => requests.print.parse(value))
  open('openExternal', (value) => requests.openExternal.parse(value))
  open('language', (value) => requests.language.parse(value))
}

/** Tells the page something. */
export function tell<E extends keyof ShellEvents>(window: BrowserWindow, event: E, value: ShellEvents[E]): void {
  window.webContents.send(CHANNEL_PREFIX + event, value)
}
