/** Every command of members: what it is given in a situation, and the permissions by which it is decided. */
import type { CommandArgs, MemberCommandName } from '../../backend/domain/commands.ts'
import { mayManageChannels } from '../../backend/domain/channels/settings.ts'
import {
  hasRoom,
  mayAdd,
  mayAsk,
  mayBeAdded,
  mayBeRemoved,
  mayDecline,
  mayJoin,
  mayLeave,
  mayRemove,
  mayTakeOver,
} from '../../backend/domain/collaboration/permissions.ts'
import { mayBlacklist, mayDelete, mayLift } from '../../backend/domain/conversations/delete.ts'
import {
  mayClose,
  mayMarkRead,
  mayNote,
  mayPin,
  mayReceive,
  mayReopen,
  mayReply,
  mayTake,
  mayTransfer,
} from '../../backend/domain/conversations/permissions.ts'
import { ChannelId, ContactId, MessageId, ReplyFolderId, ReplyId, StoreId } from '../../backend/domain/ids.ts'
import { mayUpdateMember } from '../../backend/domain/members/update.ts'
import { ALLOWED } from '../../backend/domain/refusal.ts'
import { mayEditFolder, mayEditReply, mayShare, mayShareFolder } from '../../backend/domain/replies/permissions.ts'
import type { Verdict } from '../../backend/domain/refusal.ts'
import type { Conversation, Member } from '../../backend/domain/rows.ts'
import { mayManageTeam } from '../../backend/domain/team/team.ts'
import type { Moment } from '../../backend/domain/team/team.ts'
import { maySee } from '../../backend/domain/visibility.ts'
import { ASKER, NEW, OTHER, THIRD, conversationIdFor, failedIdFor } from './situations.ts'

/** The first that refuses, or allowed. */
function all(...verdicts: (() => Verdict)[]): Verdict {
  for (const ask of verdicts) {
    const verdict = ask()
    if (!verdict.allowed) return verdict
  }
  return ALLOWED
}

type Asked = (conversation: Conversation, member: Member, moment: Moment) => Verdict
type Row<N extends MemberCommandName> = {
  /** Whether it is about a conversation, which the member then has to see. */
  about: 'conversation' | 'team'
  may: Asked
  args: (n: number) => CommandArgs<N>
}

const line = (n: number) => MessageId.parse(`line-${n}`)
const about = (n: number) => ({ conversationId: conversationIdFor(n) })
const told = (n: number) => ({ ...about(n), messageId: line(n) })

export const COMMANDS: { [N in MemberCommandName]: Row<N> } = {
  'message.send': {
    about: 'conversation',
    may: mayReply,
    args: (n) => ({ ...told(n), content: { kind: 'text', text: '有的' } }),
  },
  'message.retry': {
    about: 'conversation',
    may: mayReply,
    args: (n) => ({ ...about(n), messageId: failedIdFor(n) }),
  },
  'note.add': { about: 'conversation', may: mayNote, args: (n) => ({ ...told(n), text: '常客' }) },
  'conversation.take': { about: 'conversation', may: mayTake, args: told },
  'conversation.close': { about: 'conversation', may: mayClose, args: told },
  'conversation.reopen': { about: 'conversation', may: mayReopen, args: told },
  'conversation.transfer': {
    about: 'conversation',
    may: (conversation, member, moment) =>
      all(
        () => mayTransfer(conversation, member, moment),
        () => mayReceive(conversation, THIRD, moment),
      ),
    args: (n) => ({ ...told(n), toMemberId: THIRD.id }),
  },
  'conversation.markRead': {
    about: 'conversation',
    may: mayMarkRead,
    args: (n) => ({ ...about(n), readInbound: 1 }),
  },
  'conversation.pin': { about: 'conversation', may: mayPin, args: (n) => ({ ...about(n), pinned: true }) },
  'conversation.delete': { about: 'conversation', may: mayDelete, args: about },
  'conversation.blacklist': { about: 'conversation', may: mayBlacklist, args: about },
  'collaboration.add': {
    about: 'conversation',
    may: (conversation, member, moment) =>
      all(
        () => mayAdd(conversation, member, moment),
        () => mayBeAdded(conversation, NEW),
        () => hasRoom(conversation, 1),
      ),
    args: (n) => ({ ...told(n), memberIds: [NEW.id] }),
  },
  'collaboration.join': { about: 'conversation', may: mayJoin, args: told },
  'collaboration.ask': { about: 'conversation', may: mayAsk, args: about },
  'collaboration.decline': {
    about: 'conversation',
    may: mayDecline,
    args: (n) => ({ ...about(n), memberId: ASKER.id }),
  },
  'collaboration.remove': {
    about: 'conversation',
    may: (conversation, member, moment) =>
      all(
        () => mayRemove(conversation, member, moment),
        () => mayBeRemoved(conversation, THIRD.id),
      ),
    args: (n) => ({ ...told(n), memberId: THIRD.id }),
  },
  'collaboration.leave': { about: 'conversation', may: mayLeave, args: told },
  'collaboration.takeOver': { about: 'conversation', may: mayTakeOver, args: told },
  'contact.lift': {
    about: 'team',
    may: (_conversation, member, moment) => mayLift(member, moment),
    args: (n) => ({ contactId: ContactId.parse(`blocked-${n}`) }),
  },
  // Of replies and folders that are everybody's, and another's to begin with.
  'reply.save': {
    about: 'team',
    may: (_conversation, member) => mayShare({ to: 'all' }, member),
    args: (n) => ({
      replyId: ReplyId.parse(`new-${n}`),
      folderId: null,
      name: '營業時間',
      messages: [{ kind: 'text', text: '十點到十點' }],
      visibility: { to: 'all' },
    }),
  },
  'reply.remove': {
    about: 'team',
    may: (_conversation, member) => mayEditReply({ ownerId: OTHER.id, visibility: { to: 'all' } }, member),
    args: (n) => ({ replyId: ReplyId.parse(`reply-${n}`) }),
  },
  'replyFolder.save': {
    about: 'team',
    may: (_conversation, member) => mayShareFolder(true, member),
    args: (n) => ({ replyFolderId: ReplyFolderId.parse(`new-${n}`), name: '招呼', shared: true, position: 0 }),
  },
  'replyFolder.remove': {
    about: 'team',
    may: (_conversation, member) => mayEditFolder({ ownerId: null }, member),
    args: (n) => ({ replyFolderId: ReplyFolderId.parse(`folder-${n}`) }),
  },
  'member.update': {
    about: 'team',
    may: (_conversation, member) => mayUpdateMember(member, OTHER.id),
    args: () => ({ memberId: OTHER.id, storeIds: OTHER.storeIds.map((id) => StoreId.parse(id)) }),
  },
  'team.update': { about: 'team', may: (_conversation, member) => mayManageTeam(member), args: () => ({}) },
  'channel.add': {
    about: 'team',
    may: (_conversation, member) => mayManageChannels(member),
    args: (n) => ({
      channelId: ChannelId.parse(`channel-${n}`),
      kind: 'webchat',
      name: '新的',
      botOn: false,
      botKeywords: [],
      welcomeText: null,
    }),
  },
  'channel.configure': {
    about: 'team',
    may: (_conversation, member) => mayManageChannels(member),
    args: () => ({
      channelId: ChannelId.parse('webchat'),
      name: '官網',
      botOn: false,
      botKeywords: [],
      welcomeText: null,
    }),
  },
}
export const NAMES = Object.keys(COMMANDS) as MemberCommandName[]

/** What the permissions say: `ok`, or the code of the refusal. What is not seen is refused as if it were not there. */
export function expected(name: MemberCommandName, conversation: Conversation, member: Member, moment: Moment): string {
  const { about: of, may } = COMMANDS[name]
  if (of === 'conversation') {
    const stores = conversation.followerId === OTHER.id ? OTHER.storeIds : member.storeIds
    if (!maySee(conversation, member, conversation.followerId ? stores : [])) {
      const taken = conversation.status === 'open' && member.role === 'cs_agent' && conversation.followerId !== null
      return taken ? 'conversation.takenBy' : 'conversation.notVisible'
    }
  }
  const verdict = may(conversation, member, moment)
  return verdict.allowed ? 'ok' : verdict.refusal.code
}
