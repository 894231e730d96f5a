/**
 * The page's side of the one door to the shell. It runs isolated from the page, in the sandbox, and gives the page
 * functions with fixed channels, never `ipcRenderer` itself.
 */
import { contextBridge, ipcRenderer } from 'electron'
import { CHANNEL_PREFIX } from '../bridge.ts'
import type { ShellChannel, ShellRequests } from '../bridge.ts'
import type { ShellBridge } from '../../backend/workstation/shell.ts'

function ask<C extends ShellChannel>(channel: C, value: ShellRequests[C]['takes']): Promise<ShellRequests[C]['gives']> {
  return ipcRenderer.invoke(CHANNEL_PREFIX + channel, value)
}

const bridge: ShellBridge = {
  info: () => ask('info', null),
  setBadge: (unread) => ask('badge', unread),
  notify: (notice) => ask('notify', notice),
  print: () => ask('print', null),
  // Looked at here, out of the page's reach: a script cannot open an address that nobody clicked.
  openExternal: async (url) => (navigator.userActivation.isActive ? ask('openExternal', url) : false),
  setLanguage: (language) => ask('language', language),
  onOpenConversation: (listener) => {
    const heard = (_: unknown, conversationId: unknown): void => {
      if (typeof conversationId === 'string') listener(conversationId)
    }
    ipcRenderer.on(`${CHANNEL_PREFIX}openConversation`, heard)
    return () => ipcRenderer.off(`${CHANNEL_PREFIX}openConversation`, heard)
  },
}

contextBridge.exposeInMainWorld('countertop', bridge)

/** A link to elsewhere leaves by the member's own click; the window itself opens and goes nowhere. */
function followOutside(event: MouseEvent): void {
  const anchor = event.composedPath().find((target) => target instanceof HTMLAnchorElement)
  if (!event.isTrusted || event.defaultPrevented || !anchor || anchor.href === '' || anchor.origin === location.origin)
    return
  event.preventDefault()
  void ask('openExternal', anchor.href)
}
window.addEventListener('click', followOutside)
window.addEventListener('auxclick', followOutside)
