/** Texts of choosing several conversations, of what is done with them at once, and of deleting and the blacklist in the inbox. */
import type { Texts } from '../index.ts'

export const batch: Texts['batch'] = {
  bar: 'What to do with the selected conversations',
  chosen: '{n} selected',
  choose: 'Select conversation',
  all: 'Select all',
  first: 'Select first {max}',
  clear: 'Clear selection',
  full: 'Up to {max} conversations can be selected; the others are not.',
  left: '{n} left this list and is no longer selected. | {n} left this list and are no longer selected.',
  keys: 'Shift-click selects a range, Esc clears.',
  last: 'Last result',
  nothing: 'Nothing can be done with several conversations of this list.',
  action: {
    take: 'Take',
    close: 'Close',
    transfer: 'Transfer',
    delete: 'Delete',
    blacklist: 'Blacklist',
  },
  transferLead: 'Hand {n} conversation to a colleague. | Hand {n} conversations to a colleague, who goes on with them.',
  panel: {
    title: {
      take: 'Take {n} conversation | Take {n} conversations',
      close: 'Close {n} conversation | Close {n} conversations',
      transfer: 'Transfer {n} conversation | Transfer {n} conversations',
      delete: 'Delete {n} conversation | Delete {n} conversations',
      blacklist: 'Blacklist {n} customer | Blacklist {n} customers',
    },
    progress: 'Progress',
    running: '{done} of {total} done…',
    waiting: 'Offline: {n} more will go on once you are connected.',
    allDone: 'All {n} succeeded',
    noneDone: 'None of the {n} succeeded',
    some: '{done} succeeded, {failed} did not',
    failures: 'Conversations that did not succeed',
    erasing: 'Erasing the data…',
    erased: 'Deleted for ever',
    deleted: 'Deleted',
    close: 'Close the result',
    open: 'Open the conversation with {name}',
  },
  closed: '{n} conversation closed | {n} conversations closed',
  reopened: '{n} conversation reopened | {n} conversations reopened',
  notReopened: '{n} conversation was not reopened. | {n} conversations were not reopened.',
  erase: {
    more: 'More actions',
    menu: {
      delete: 'Delete conversation',
      blacklist: 'Add to blacklist',
    },
    title: {
      delete: 'Delete the conversation with {names}?',
      blacklist: 'Add {names} to the blacklist?',
    },
    several: {
      delete: 'Delete {n} conversation? | Delete {n} conversations?',
      blacklist: 'Add {n} customer to the blacklist? | Add {n} customers to the blacklist?',
    },
    names: '{names}',
    namesMore: '{names} and others, {n} in all',
    showAll: 'Show all {n}',
    showLess: 'Show fewer',
    all: 'All customers',
    goes: {
      delete:
        'All messages, pictures and files are erased, for every colleague and on every device. This cannot be undone.',
      blacklist:
        'The customer is blocked and unsubscribed: what they write from now on reaches nobody and makes no conversation.',
    },
    goesToo:
      'All messages, pictures and files of the conversation are erased as well, for every colleague and on every device. This cannot be undone.',
    lifting: 'They can be taken off the blacklist later, but messages and subscription will not come back.',
    confirm: {
      delete: 'Delete',
      blacklist: 'Add to blacklist',
    },
    done: {
      delete: 'The conversation with {name} was deleted',
      blacklist: '{name} is on the blacklist now',
    },
  },
}
