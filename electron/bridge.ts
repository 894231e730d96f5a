/** What the shell offers to its own page as `window.countertop`, and the names of the channels beneath. Types only. */

export type ShellInfo = { version: string; electron: string; platform: string; language: ShellLanguage }
export type ShellLanguage = 'zh-Hant-TW' | 'en'

export type ShellNotice = {
  title: string
  body: string
  /** Which conversation a click on it opens; null for none. */
  conversationId: string | null
  silent: boolean
}

/** What the page asks of the shell: channel → what it sends, what it gets. */
export type ShellRequests = {
  info: { takes: null; gives: ShellInfo }
  /** How many unread conversations the dock or taskbar shows; 0 shows none. */
  badge: { takes: number; gives: null }
  notify: { takes: ShellNotice; gives: null }
  /** Prints what the window shows. False when the member cancels. */
  print: { takes: null; gives: boolean }
  /** Opens an http, https or mailto address outside. False when it is none of these. */
  openExternal: { takes: string; gives: boolean }
  /** The language of the tray's menu and of the shell's own pages. */
  language: { takes: ShellLanguage; gives: null }
}
export type ShellChannel = keyof ShellRequests

/** What the shell tells the page. */
export type ShellEvents = { openConversation: string }

export interface ShellBridge {
  info(): Promise<ShellInfo>
  setBadge(unread: number): Promise<null>
  notify(notice: ShellNotice): Promise<null>
  print(): Promise<boolean>
  /** Does nothing, and answers false, unless it is called while the member's own click or key is being handled. */
  openExternal(url: string): Promise<boolean>
  setLanguage(language: ShellLanguage): Promise<null>
  /** Calls back when a notification or a `countertop://` link asks for a conversation; returns what stops that. */
  onOpenConversation(listener: (conversationId: string) => void): () => void
}

export const CHANNEL_PREFIX = 'countertop:'
