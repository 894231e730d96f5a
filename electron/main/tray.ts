/** The icon beside the clock: shows the window, quits the app. */
import { Menu, Tray, nativeImage } from 'electron'
import type { Words } from './words.ts'

export type TrayMenu = { setWords: (words: Words) => void }

export function openTray(icon: string, first: Words, on: { open: () => void; quit: () => void }): TrayMenu {
  const tray = new Tray(nativeImage.createFromPath(icon))
  tray.setToolTip('Countertop 櫃檯')
  tray.on('click', on.open)
  const setWords = ({ open, quit }: Words): void =>
    tray.setContextMenu(
      Menu.buildFromTemplate([{ label: open, click: on.open }, { type: 'separator' }, { label: quit, click: on.quit }]),
    )
  setWords(first)
  return { setWords }
}
