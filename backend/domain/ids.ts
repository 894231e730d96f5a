/**
 * Branded ids, so that a conversation's id is never passed where a member's is meant.
 * An id is 1 to 64 letters, digits, `_`, `-` or `~`; whoever creates a row supplies it (the domain has no randomness).
 */
import { z } from 'zod'

const text = z.string().regex(/^[A-Za-z0-9_~-]{1,64}$/)

export const TeamId = text.brand<'team'>()
export const StoreId = text.brand<'store'>()
export const MemberId = text.brand<'member'>()
export const ChannelId = text.brand<'channel'>()
export const TagId = text.brand<'tag'>()
export const TemplateId = text.brand<'template'>()
export const ContactId = text.brand<'contact'>()
export const ConversationId = text.brand<'conversation'>()
export const MessageId = text.brand<'message'>()
export const MarkId = z
  .string()
  .regex(/^[A-Za-z0-9_~-]{1,129}$/)
  .brand<'mark'>()
export const AttachmentId = text.brand<'attachment'>()
export const ReplyId = text.brand<'reply'>()
export const ReplyFolderId = text.brand<'replyFolder'>()

export type TeamId = z.infer<typeof TeamId>
export type StoreId = z.infer<typeof StoreId>
export type MemberId = z.infer<typeof MemberId>
export type ChannelId = z.infer<typeof ChannelId>
export type TagId = z.infer<typeof TagId>
export type TemplateId = z.infer<typeof TemplateId>
export type ContactId = z.infer<typeof ContactId>
export type ConversationId = z.infer<typeof ConversationId>
export type MessageId = z.infer<typeof MessageId>
export type MarkId = z.infer<typeof MarkId>
export type AttachmentId = z.infer<typeof AttachmentId>
export type ReplyId = z.infer<typeof ReplyId>
export type ReplyFolderId = z.infer<typeof ReplyFolderId>

/** The one mark a member has on a conversation: its id follows from the two. */
export function markId(memberId: MemberId, conversationId: ConversationId): MarkId {
  return MarkId.parse(`${memberId}~${conversationId}`)
}
