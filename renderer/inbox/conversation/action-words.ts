/** The names of what can be done with a conversation, and their keys, for the row's menu and the palette. */
import type { TextKey } from '../../i18n/index.ts'
import type { ConversationAction } from './actions.ts'

export const ACTION_KEYS: Readonly<Partial<Record<ConversationAction, string>>> = {
  take: 't',
  close: 'e',
  reopen: 'e',
  pin: 'p',
  join: 'c',
  ask: 'c',
  add: 'a',
  takeOver: 'o',
}

export function labelOf(action: ConversationAction, pinned: boolean): TextKey {
  switch (action) {
    case 'join':
    case 'ask':
    case 'add':
    case 'takeOver':
    case 'leave':
      return `collaboration.action.${action}`
    case 'pin':
      return pinned ? 'inbox.action.unpin' : 'inbox.action.pin'
    case 'take':
    case 'close':
    case 'reopen':
    case 'transfer':
      return `inbox.action.${action}`
  }
}
