/** Every command by its name: the one list from which edges check, both ends run, and the interface is typed. */
import type { z } from 'zod'
import { addChannel, channelHealth, configureChannel } from './channels/settings.ts'
import { describeContact } from './contacts/describe.ts'
import { followContact, unfollowContact } from './contacts/follow.ts'
import {
  addCollaborators,
  askToJoin,
  declineAsking,
  joinCollaboration,
  leaveCollaboration,
  removeCollaborator,
  takeOver,
} from './collaboration/commands.ts'
import { blacklistContact, deleteConversation, liftBlock, settleBlock } from './conversations/delete.ts'
import { closeConversation, reopenConversation, takeConversation, transferConversation } from './conversations/life.ts'
import { markRead, pinConversation } from './conversations/marks.ts'
import { updateMember } from './members/update.ts'
import { settleMedia, unsendMessage } from './messages/media.ts'
import { addNote } from './messages/note.ts'
import { progressMessage } from './messages/progress.ts'
import { receiveMessage } from './messages/receive.ts'
import { retryMessage, sendMessage } from './messages/send.ts'
import { updateTeam } from './team/update.ts'
import { removeReplyFolder, saveReplyFolder } from './replies/folders.ts'
import { removeReply, saveReply } from './replies/save.ts'
import { syncTemplates } from './templates/sync.ts'

export const commands = {
  'message.receive': receiveMessage,
  'message.progress': progressMessage,
  'message.media': settleMedia,
  'message.unsend': unsendMessage,
  'contact.follow': followContact,
  'contact.unfollow': unfollowContact,
  'contact.describe': describeContact,
  'channel.health': channelHealth,
  'template.sync': syncTemplates,
  'contact.blockSettled': settleBlock,
  'message.send': sendMessage,
  'message.retry': retryMessage,
  'note.add': addNote,
  'conversation.take': takeConversation,
  'conversation.close': closeConversation,
  'conversation.reopen': reopenConversation,
  'conversation.transfer': transferConversation,
  'conversation.markRead': markRead,
  'conversation.pin': pinConversation,
  'conversation.delete': deleteConversation,
  'conversation.blacklist': blacklistContact,
  'contact.lift': liftBlock,
  'collaboration.add': addCollaborators,
  'collaboration.join': joinCollaboration,
  'collaboration.ask': askToJoin,
  'collaboration.decline': declineAsking,
  'collaboration.remove': removeCollaborator,
  'collaboration.leave': leaveCollaboration,
  'collaboration.takeOver': takeOver,
  'member.update': updateMember,
  'team.update': updateTeam,
  'channel.add': addChannel,
  'channel.configure': configureChannel,
  'reply.save': saveReply,
  'reply.remove': removeReply,
  'replyFolder.save': saveReplyFolder,
  'replyFolder.remove': removeReplyFolder,
} as const

export type CommandName = keyof typeof commands
export type CommandArgs<N extends CommandName> = z.input<(typeof commands)[N]['args']>
export type MemberCommandName = {
  [N in CommandName]: (typeof commands)[N]['by'] extends 'member' ? N : never
}[CommandName]

/** Whether a name is one of a command. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name)
}
