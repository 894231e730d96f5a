/** The pictures and files of saved replies. */
import type { Reply, ReplyMessage } from '../rows.ts'

/** Largest picture or file of a saved reply, in bytes (REP-1). */
export const REPLY_FILE_MAX = 8 * 1024 * 1024

export type ReplyFile = Exclude<ReplyMessage, { kind: 'text' }>

/** The reply's pictures and files, in their order. */
export function replyFiles({ messages }: Pick<Reply, 'messages'>): ReplyFile[] {
  return messages.flatMap((message) => (message.kind === 'text' ? [] : [message]))
}
