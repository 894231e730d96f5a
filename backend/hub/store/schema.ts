/** The hub's tables as Kysely sees them: each migration's file says what its tables look like now. */
import type { RowTables } from './migrations/001-rows.ts'
import type { AccountTables } from './migrations/002-accounts.ts'
import type { AttachmentTables } from './migrations/003-attachments.ts'
import type { EpochTables } from './migrations/005-epochs.ts'
import type { ChannelTables } from './migrations/007-channels.ts'
import type { NotificationTables } from './migrations/009-notifications.ts'
import type { ErasureTables } from './migrations/010-erasure.ts'
import type { ReplyTables } from './migrations/011-replies.ts'

/** A part that brings tables adds its migration to `migrations/index.ts` and its interface here. */
export type HubSchema = RowTables &
  AccountTables &
  AttachmentTables &
  EpochTables &
  ChannelTables &
  NotificationTables &
  ErasureTables &
  ReplyTables
