/** Which saved replies and folders are on a member's device (ROL-2): asked of each row, for there are a few hundred. */
import { maySeeFolder, maySeeReply } from '../../domain/replies/permissions.ts'
import type { Member, Reply, ReplyFolder } from '../../domain/rows.ts'

/** Whether the member has this row. */
export function seesReplyRow(row: Reply | ReplyFolder, member: Member): boolean {
  return 'visibility' in row ? maySeeReply(row, member) : maySeeFolder(row, member)
}
