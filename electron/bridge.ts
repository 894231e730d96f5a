/** The channels beneath `window.countertop`: between the preload script and the main process. Types, and their prefix. */
import type { ShellInfo, ShellLanguage, ShellNotice } from '../backend/workstation/shell.ts'

/** What the page asks of the shell: channel → what it sends, what it gets. The meanings are those of `ShellBridge`. */
export type ShellRequests = {
  info: { takes: null; gives: ShellInfo }
  badge: { takes: number; gives: null }
  notify: { takes: ShellNotice; gives: null }
  print: { takes: null; gives: boolean }
  openExternal: { takes: string; gives: boolean }
  language: { takes: ShellLanguage; gives: null }
}
export type ShellChannel = keyof ShellRequests

/** What the shell tells the page. */
export type ShellEvents = { openConversation: string }

export const CHANNEL_PREFIX = 'countertop:'
