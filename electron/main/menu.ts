/** The menu bar, and the menu of the second mouse button in text: only what a member at work needs, in their language. */
import { Menu, app } from 'electron'
import type { BrowserWindow, ContextMenuParams, MenuItemConstructorOptions } from 'electron'
import type { Words } from './words.ts'

/** What may be done with the text under the mouse; empty where there is nothing to do. */
function textMenu(
  { isEditable, selectionText, editFlags }: Pick<ContextMenuParams, 'isEditable' | 'selectionText' | 'editFlags'>,
  { menu }: Words,
): MenuItemConstructorOptions[] {
  if (isEditable) {
    return [
      { role: 'cut', label: menu.cut, enabled: editFlags.canCut },
      { role: 'copy', label: menu.copy, enabled: editFlags.canCopy },
      { role: 'paste', label: menu.paste, enabled: editFlags.canPaste },
      { type: 'separator' },
      { role: 'selectAll', label: menu.selectAll, enabled: editFlags.canSelectAll },
    ]
  }
  return selectionText.trim() === '' ? [] : [{ role: 'copy', label: menu.copy }]
}

/** Sets the menu bar. `forDevelopment` adds what looks inside the page. */
export function setMenuBar(words: Words, forDevelopment: boolean): void {
  const { menu, quit } = words
  const inside: MenuItemConstructorOptions[] = [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }]
  const bar: MenuItemConstructorOptions[] = [
    { label: app.name, submenu: [{ role: 'quit', label: quit }] },
    {
      label: menu.edit,
      submenu: [
        { role: 'undo', label: menu.undo },
        { role: 'redo', label: menu.redo },
        { type: 'separator' },
        { role: 'cut', label: menu.cut },
        { role: 'copy', label: menu.copy },
        { role: 'paste', label: menu.paste },
        { role: 'selectAll', label: menu.selectAll },
      ],
    },
    {
      label: menu.view,
      submenu: [
        { role: 'resetZoom', label: menu.actualSize },
        { role: 'zoomIn', label: menu.zoomIn },
        { role: 'zoomOut', label: menu.zoomOut },
        { type: 'separator' },
        { role: 'togglefullscreen', label: menu.fullScreen },
        ...(forDevelopment ? inside : []),
      ],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(bar))
}

/** Opens {@link textMenu} where the member asks for it. `words` is asked for each time: the language may change. */
export function offerTextMenu(window: BrowserWindow, words: () => Words): void {
  window.webContents.on('context-menu', (_, params) => {
    const items = textMenu(params, words())
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window })
  })
}
