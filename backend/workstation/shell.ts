/**
 * What the shell (Electron's main process) and this backend say to each other, and the names they share. The messages
 * go over `process.parentPort` in a utility process, and as JSON lines over stdin and stdout in a plain child process.
 * Last, as types, what the shell offers to the page.
 */
import { z } from 'zod'

/** The cookie that tells the shell's window from any other program on this computer. Its value is the window secret. */
export const WINDOW_COOKIE = 'countertop_window'
/** Environment: `1` when a shell starts the backend and sends the window secret as its first message. */
export const SHELL_FLAG = 'COUNTERTOP_SHELL'
/** Environment: `1` when the backend is to end with its stdin, so that it never outlives who started it. */
export const CHILD_FLAG = 'COUNTERTOP_CHILD'
/** Environment: the folder of the built renderer, where it is not in its usual place. */
export const RENDERER_FOLDER = 'COUNTERTOP_RENDERER'

/** The shell's first message. `keychain` says that it answers `wrap` and `unwrap`. */
export const FirstMessage = z.object({
  windowSecret: z.string().regex(/^[A-Za-z0-9_-]{32,200}$/),
  keychain: z.boolean().optional(),
})
export type FirstMessage = z.infer<typeof FirstMessage>

/** What the shell says later. */
export const ShellMessage = z.discriminatedUnion('type', [
  /** Close the database and exit. */
  z.object({ type: z.literal('close') }),
  /** The computer woke up or the network came back: try the hub now. */
  z.object({ type: z.literal('wake') }),
  /** Hide everything: the screen was locked. */
  z.object({ type: z.literal('lock') }),
  /** The answer to `wrap` or `unwrap` with this id; null when the keychain cannot. */
  z.object({ type: z.literal('keychain'), id: z.number().int(), value: z.string().nullable() }),
])
export type ShellMessage = z.infer<typeof ShellMessage>

/** What the backend says: once `ready` (also a line on stdout), and what it asks of the keychain. */
export const BackendMessage = z.union([
  z.object({ ready: z.literal(true), url: z.string() }),
  /** Encrypt this text with the keychain of the operating system, or decrypt it. */
  z.object({ type: z.enum(['wrap', 'unwrap']), id: z.number().int(), value: z.string() }),
])
export type BackendMessage = z.infer<typeof BackendMessage>

export type ShellLanguage = 'zh-Hant-TW' | 'en'
export type ShellInfo = { version: string; electron: string; platform: string; language: ShellLanguage }
export type ShellNotice = {
  title: string
  body: string
  /** Which conversation a click on it opens; null for none. */
  conversationId: string | null
  silent: boolean
}

/** What the shell's window offers to its own page as `window.countertop`. A page in a browser has none. */
export interface ShellBridge {
  info(): Promise<ShellInfo>
  /** How many unread conversations the dock or taskbar shows; 0 shows none. */
  setBadge(unread: number): Promise<null>
  notify(notice: ShellNotice): Promise<null>
  /** Prints what the window shows. False when the member cancels. */
  print(): Promise<boolean>
  /**
   * Opens an http, https or mailto address outside. Does nothing, and answers false, for any other, and unless it is
   * called while the member's own click or key is being handled.
   */
  openExternal(url: string): Promise<boolean>
  /** The language of the tray's menu and of the shell's own pages. */
  setLanguage(language: ShellLanguage): Promise<null>
  /** Calls back when a notification or a `countertop://` link asks for a conversation; returns what stops that. */
  onOpenConversation(listener: (conversationId: string) => void): () => void
}
