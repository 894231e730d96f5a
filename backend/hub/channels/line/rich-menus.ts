/**
 * Which rich menu a user sees.
 *
 * https://developers.line.biz/en/reference/messaging-api/#link-rich-menu-to-users
 */
import { z } from 'zod'
import type { Failure } from '../../../domain/channels/failures.ts'
import { ask } from './client.ts'
import type { LineClient } from './client.ts'
import { failureOf, tryLater } from './refusals.ts'

/** How many users at a time. */
export const RICH_MENU_USERS_MAX = 500

/** LINE does not do it, and never will as it was asked: such as for a menu that is gone. */
export class RichMenuRefused extends Error {
  readonly code: Failure
  /** In LINE's words. */
  readonly platformCode: string
  override name = 'RichMenuRefused'

  constructor(status: number, code: Failure, platformCode: string) {
    super(`LINE: rich menu: refused with ${status}`)
    this.code = code
    this.platformCode = platformCode
  }
}

/**
 * Gives users a rich menu, or takes theirs away (null). LINE does it some seconds later, and leaves out whom it does not
 * know.
 * @param userIds at most {@link RICH_MENU_USERS_MAX}
 * @throws TryLater, {@link RichMenuRefused}
 */
export async function setRichMenu(
  line: LineClient,
  userIds: readonly string[],
  richMenuId: string | null,
): Promise<void> {
  if (userIds.length > RICH_MENU_USERS_MAX)
    throw new Error(`${userIds.length} users are too many for one rich menu call`)
  if (userIds.length === 0) return
  const ids = { userIds: [...userIds] }
  await done(line, () =>
    richMenuId === null
      ? line.api.unlinkRichMenuIdFromUsers(ids)
      : line.api.linkRichMenuIdToUsers({ ...ids, richMenuId }),
  )
}

/** The same for one user, at once. @throws TryLater, {@link RichMenuRefused} */
export async function setRichMenuOf(line: LineClient, userId: string, richMenuId: string | null): Promise<void> {
  await done(line, () =>
    richMenuId === null ? line.api.unlinkRichMenuIdFromUser(userId) : line.api.linkRichMenuIdToUser(userId, richMenuId),
  )
}

async function done({ limits }: LineClient, call: () => Promise<unknown>): Promise<void> {
  const ended = await ask(limits.answer, call, z.unknown())
  if (ended.end === 'done') return
  const code = ended.end === 'refused' ? failureOf(ended) : null
  if (ended.end !== 'refused' || code === null) throw tryLater('rich menu', ended)
  throw new RichMenuRefused(ended.status, code, ended.message)
}
