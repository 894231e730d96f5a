/** Texts of the keyboard shortcuts and their sheet. */
import type { keys as original } from '../zh-Hant-TW/keys.ts'

export const keys = {
  title: 'Keyboard shortcuts',
  scope: {
    everywhere: 'Everywhere',
    inbox: 'Conversation list',
    thread: 'In a conversation',
  },
  sheet: 'Show the shortcuts',
  palette: 'Search or run',
  lock: 'Lock',
  toInbox: 'Go to the conversations',
  toQueue: 'Go to the queue',
  toSettings: 'Go to the settings',
  back: 'One step back',
  or: 'or',
} satisfies typeof original
