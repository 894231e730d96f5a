/** Keeps the window what it is: it goes nowhere, opens nothing, embeds nothing, and is granted next to nothing. */
import { app, session } from 'electron'
import { isOwnPage } from './links.ts'

const GRANTED = new Set(['notifications', 'clipboard-sanitized-write'])

/** Applies to every page there will ever be. `origin` is the backend's, null before there is one. */
export function guardPages(origin: () => string | null): void {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url, origin())) event.preventDefault()
    })
    contents.on('will-redirect', (event) => {
      if (!isOwnPage(event.url, origin())) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    // Links to elsewhere leave by the preload script, on a click; a script's window.open leads nowhere.
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

/** Permissions, devices and downloads' names of the one session there is. */
export function guardSession(origin: () => string | null): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_, permission, answer, { requestingUrl }) => {
    answer(GRANTED.has(permission) && isOwnPage(requestingUrl, origin()))
  })
  defaultSession.setPermissionCheckHandler((_, permission, requestingOrigin) => {
    return GRANTED.has(permission) && isOwnPage(requestingOrigin, origin())
  })
  defaultSession.setDevicePermissionHandler(() => false)
}
