/** Texts of the queue panel (SYN-8). */
import type { queue as original } from '../zh-Hant-TW/queue.ts'

export const queue = {
  title: 'Queue',
  lead: 'What was done on this device stays here until the server has confirmed it.',
  waiting: 'Waiting to be sent',
  refused: 'Refused',
  nothing: 'Nothing is waiting',
  nothingLead: 'Everything has reached the server.',
  toInbox: 'Back to the conversations',
  doubtful: 'May be refused',
  openConversation: 'Open the conversation',
  noConversation: '(no longer on this device)',
  editRetry: 'Edit and resend',
  retry: 'Resend',
  discard: 'Discard',
  discardConfirm: 'Discard this? The content cannot be brought back.',
  discarded: 'Discarded',
  resent: 'Queued again',
  text: 'Text',
  send: 'Resend',
  waitingCount: '{n}',
  reason: 'Reason',
  notText: '(no text)',
  command: {
    message: { send: 'Send a message' },
    note: { add: 'Add a note' },
    conversation: {
      take: 'Take the conversation',
      close: 'Close the conversation',
      reopen: 'Reopen the conversation',
      transfer: 'Transfer the conversation',
      markRead: 'Mark as read',
      pin: 'Pin',
    },
    other: 'Another action',
  },
} satisfies typeof original
