/**
 * Why something was not done (ROL-4): a code that the interface words in the reader's language, what the words need,
 * who could do it and what the member can do instead.
 */
import { z } from 'zod'
import { ROLES } from './rows.ts'

/**
 * Every code, with the names of the parameters its text uses. The interface has a text for each in both languages.
 * `follower` and `member` are member ids (the interface knows the names), `max` is bytes for files and UTF-16 units for
 * text, `seconds` how long to wait, `channel` a kind of channel, `module` a module of the plan, `variable` one of
 * `replies/variables.ts`.
 */
export const REFUSALS = {
  // about the request itself
  'request.invalid': ['field'],
  'request.tooLarge': ['max'],
  'request.unknownCommand': ['name'],
  'request.unauthorised': [],
  'request.notFound': [],
  'request.tooMany': ['seconds'],
  'request.offline': [],
  'internal.error': [],
  // signing in
  'signIn.wrong': [],
  'signIn.slowed': ['seconds'],
  'signIn.inactive': [],
  'signIn.needsHub': [],
  'session.expired': [],
  'session.tokenReused': [],
  'session.replaced': [],
  'workstation.removed': [],
  'workstation.unreachable': [],
  'workstation.garbled': [],
  'hub.unreachable': [],
  'hub.garbled': [],
  'hub.protocol': ['theirs', 'ours'],
  // conversations
  'conversation.notVisible': [],
  'conversation.takenBy': ['follower'],
  'conversation.alreadyYours': [],
  'conversation.closed': [],
  'conversation.notClosed': [],
  'conversation.pending': [],
  'conversation.notFollower': ['follower'],
  'conversation.roleMayNot': [],
  'conversation.group': [],
  'conversation.readByOthers': [],
  'transfer.toSelf': [],
  'transfer.toInactive': ['member'],
  'transfer.toRole': ['member'],
  'transfer.already': ['member'],
  // collaborations
  'collaboration.off': [],
  'collaboration.notMember': ['follower'],
  'collaboration.mayNotAdd': ['follower'],
  'collaboration.mayNotRemove': ['follower'],
  'collaboration.mayNotTakeOver': [],
  'collaboration.onlyFollowerCloses': ['follower'],
  'collaboration.onlyFollowerTransfers': ['follower'],
  'collaboration.full': ['max'],
  'collaboration.isMember': ['member'],
  'collaboration.noMember': ['member'],
  'collaboration.notMine': [],
  'collaboration.mayJoin': [],
  'collaboration.asked': [],
  'collaboration.notAsked': ['member'],
  'transfer.notCollaborator': ['member'],
  // several conversations at once
  'batch.tooMany': ['max'],
  'batch.transferKind': [],
  'batch.teamList': [],
  // the blacklist
  'blacklist.not': [],
  // the team
  'module.missing': ['module'],
  // messages and attachments
  'text.empty': [],
  'text.tooLong': ['length', 'max'],
  'attachment.empty': ['name'],
  'attachment.tooLarge': ['name', 'max'],
  'attachment.type': ['name', 'mime'],
  'attachment.missing': ['name'],
  'attachment.inUse': [],
  'attachment.quota': ['max', 'seconds'],
  // channels and templates
  'channel.failed': [],
  'channel.fileKind': ['name', 'mime', 'channel'],
  'channel.notBuilt': ['channel'],
  'channel.keywords': ['max', 'length'],
  'window.closed': ['channel'],
  'template.changed': ['name'],
  'template.notApproved': ['name'],
  'template.value': ['key'],
  // members
  'member.mayNot': [],
  // notification messages
  'notification.phone': [],
  'notification.channel': [],
  'notification.repeat': [],
  'notification.noLogin': [],
  'notification.keys': ['max'],
  'sms.unconfigured': [],
  'sms.address': [],
  'sms.refused': ['status'],
  'sms.unreachable': [],
  // saved replies
  'reply.roleMayNot': [],
  'reply.mayNotShare': [],
  'reply.notYours': [],
  'reply.name': [],
  'reply.variable': ['name'],
  'reply.noValue': ['variable'],
  'reply.files': [],
  'reply.group': [],
  // the wire
  'sync.conflictingRepeat': [],
  'sync.gap': ['expected'],
} as const satisfies Record<string, readonly string[]>

export type RefusalCode = keyof typeof REFUSALS
const CODES = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]

/** What the member can do instead; each has a text too. */
export const INSTEAD = [
  'take',
  'reopen',
  'ask-follower',
  'join',
  'ask-to-join',
  'ask-admin',
  'shorten',
  'send-template',
  'choose-other',
  'wait',
  'sign-in',
  'go-online',
  'apply',
  'keep-own',
  'none',
] as const

export const Refusal = z.strictObject({
  code: z.enum(CODES),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The roles that may do it; null where no role would make a difference. */
  whoCould: z.array(z.enum(ROLES)).nullable(),
  instead: z.enum(INSTEAD),
})
export type Refusal = z.infer<typeof Refusal>

type Params<C extends RefusalCode> = { [P in (typeof REFUSALS)[C][number]]: string | number }

/** Builds a refusal; the compiler checks that the code's parameters are all there. */
export function refuse<C extends RefusalCode>(
  code: C,
  params: Params<C>,
  more: Partial<Pick<Refusal, 'whoCould' | 'instead'>> = {},
): Refusal {
  return {
    code,
    params: params as Record<string, string | number>,
    whoCould: more.whoCould ?? null,
    instead: more.instead ?? 'none',
  }
}

/** The answer of a permission function. */
export type Verdict = { allowed: true } | { allowed: false; refusal: Refusal }
export const ALLOWED: Verdict = { allowed: true }
/** A refused verdict. */
export function refused(refusal: Refusal): Verdict {
  return { allowed: false, refusal }
}
