/** Why something was not done, by the codes of `backend/domain/refusal.ts`; who could do it; what to do instead (ROL-4). */
import type { refusals as original } from '../zh-Hant-TW/refusals.ts'

export const refusals = {
  what: {
    request: {
      invalid: 'The content of “{field}” is not right.',
      tooLarge: 'That is too large; the limit is {max}.',
      unknownCommand: 'This version does not know the action “{name}”. Please update.',
      unauthorised: 'Please sign in first.',
      notFound: 'What was asked for could not be found.',
      tooMany: 'Too many actions at once. Please try again in {seconds} s.',
      offline: 'This needs a connection.',
    },
    internal: { error: 'Something went wrong in the program. What you typed is still here.' },
    signIn: {
      wrong: 'The email or the password is not right.',
      slowed: 'Too many attempts. Please try again in {seconds} s.',
      inactive: 'This account is deactivated. Please ask an admin.',
      needsHub: 'The first sign-in on this device needs a connection.',
    },
    session: {
      expired: 'The sign-in has expired. Please sign in again; what you did offline is kept.',
      tokenReused: 'This sign-in was used somewhere else, so it was ended for safety. Please sign in again.',
      replaced: 'Another Countertop with the same data has taken over the connection to the hub.',
    },
    workstation: {
      removed: 'An admin removed this workstation.',
      unreachable: 'Countertop’s background program does not answer. What you typed is still here.',
      garbled: 'The answer of Countertop’s background program could not be understood. What you typed is still here.',
    },
    hub: {
      unreachable: 'The server cannot be reached right now.',
      garbled: 'The server’s answer could not be understood.',
      protocol: 'The server’s version ({theirs}) does not fit this program ({ours}). Please update.',
    },
    conversation: {
      notVisible: 'This conversation does not exist, or you may not see it.',
      takenBy: '{follower} is already following this conversation.',
      alreadyYours: 'You are already following this conversation.',
      closed: 'This conversation is closed.',
      notClosed: 'This conversation is not closed.',
      pending: 'Nobody is following this conversation yet.',
      notFollower: 'Only the follower, {follower}, may do this.',
      roleMayNot: 'Your role may not do this.',
      group: 'This cannot be done with a group conversation.',
      readByOthers: 'Looking from a team list does not change what is unread.',
    },
    transfer: {
      toSelf: 'You cannot transfer to yourself.',
      toInactive: 'The account of {member} is deactivated and cannot receive conversations.',
      toRole: 'The role of {member} cannot receive this conversation.',
      already: '{member} is already the follower.',
    },
    text: {
      empty: 'Please write something.',
      tooLong: 'That is {length} characters; the limit is {max}.',
    },
    attachment: {
      empty: '“{name}” is an empty file.',
      tooLarge: '“{name}” is too large; the limit is {max}.',
      type: '“{name}” is of a type ({mime}) that cannot be sent.',
      missing: 'The attachment “{name}” could not be found.',
      inUse: 'This attachment already belongs to another message.',
      quota: 'The files of this hour have reached the limit ({max}). Please try again in {seconds} s.',
    },
    channel: { failed: 'The channel did not accept this message.' },
    member: { mayNot: 'You do not have this permission.' },
    sync: {
      conflictingRepeat: 'The same action arrived twice with different content; the server did not accept it.',
      gap: 'The order of actions was broken (the server expects number {expected}). Syncing again.',
    },
  },
  instead: {
    take: 'Take the conversation first.',
    reopen: 'Reopen the conversation first.',
    'ask-follower': 'You can ask the follower to do it.',
    shorten: 'Please shorten it, or send it in parts.',
    'choose-other': 'Please choose another.',
    wait: 'Please try again later.',
    'sign-in': 'Please sign in again.',
    'go-online': 'Try again once you are connected.',
  },
  who: 'Roles that may: {roles}',
  signInAgain: 'Sign in again',
} satisfies typeof original
