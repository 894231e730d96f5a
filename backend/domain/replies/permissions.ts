/** Who sees, keeps, changes and shares saved replies 預存回覆 and their folders (REP-1): asked by rules, hub and screens. */
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import { ROLES } from '../rows.ts'
import type { Member, Reply, ReplyFolder, Role, Visibility } from '../rows.ts'

/** Roles that share replies with the team and change what others share. */
export const SHARING = ['admin', 'supervisor', 'cs_manager', 'marketing_cs'] as const satisfies Role[]
/** Roles that use replies: a marketer never writes to a customer. */
export const KEEPING: Role[] = ROLES.filter((role) => role !== 'marketer')

function shares(member: Member): boolean {
  return SHARING.some((role) => role === member.role)
}

/** Whether the reply is meant for the member: their own, or one that reaches their role or a store of theirs. */
export function isFor({ ownerId, visibility }: Pick<Reply, 'ownerId' | 'visibility'>, member: Member): boolean {
  if (ownerId === member.id) return true
  switch (visibility.to) {
    case 'all':
      return true
    case 'roles':
      return visibility.roles.includes(member.role)
    case 'stores':
      return visibility.storeIds.some((id) => member.storeIds.includes(id))
    case 'owner':
      return false
  }
}

/** Whether the member has the reply at all: it is meant for them, or they see to what is shared (ROL-2). */
export function maySeeReply(reply: Pick<Reply, 'ownerId' | 'visibility'>, member: Member): boolean {
  if (!member.active) return false
  return isFor(reply, member) || (reply.visibility.to !== 'owner' && shares(member))
}

/** Whether the member has the folder: their own and those without an owner. */
export function maySeeFolder({ ownerId }: Pick<ReplyFolder, 'ownerId'>, member: Member): boolean {
  return member.active && (ownerId === null || ownerId === member.id)
}

/** Keep replies of one's own, and folders for them. */
export function mayKeepReplies(member: Member): Verdict {
  return KEEPING.includes(member.role) ? ALLOWED : refused(refuse('reply.roleMayNot', {}, { whoCould: KEEPING }))
}

/** Save a reply for these: everybody for themself, a sales manager for stores of their own, the rest by role. */
export function mayShare(visibility: Visibility, member: Member): Verdict {
  const may = mayKeepReplies(member)
  if (!may.allowed || visibility.to === 'owner' || shares(member)) return may
  if (visibility.to === 'stores') {
    const isOwn = visibility.storeIds.every((id) => member.storeIds.includes(id))
    if (member.role === 'sales_manager' && isOwn) return ALLOWED
    return noSharing([...SHARING, 'sales_manager'])
  }
  return noSharing(SHARING)
}

/** Change or remove a reply that the member sees: who owns it, and who sees to what is shared. */
export function mayEditReply(reply: Pick<Reply, 'ownerId' | 'visibility'>, member: Member): Verdict {
  return mayChange(reply.ownerId === member.id, reply.visibility.to !== 'owner', member)
}

/** Make a folder for everybody, or for oneself. */
export function mayShareFolder(isShared: boolean, member: Member): Verdict {
  const may = mayKeepReplies(member)
  return !may.allowed || !isShared || shares(member) ? may : noSharing(SHARING)
}

/** Change or remove a folder that the member sees. */
export function mayEditFolder({ ownerId }: Pick<ReplyFolder, 'ownerId'>, member: Member): Verdict {
  return mayChange(ownerId === member.id, ownerId === null, member)
}

function mayChange(isOwn: boolean, isShared: boolean, member: Member): Verdict {
  const may = mayKeepReplies(member)
  if (!may.allowed || isOwn || (isShared && shares(member))) return may
  return refused(refuse('reply.notYours', {}, { whoCould: isShared ? [...SHARING] : null, instead: 'keep-own' }))
}

function noSharing(whoCould: readonly Role[]): Verdict {
  return refused(refuse('reply.mayNotShare', {}, { whoCould: [...whoCould], instead: 'keep-own' }))
}
