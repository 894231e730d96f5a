/**
 * What LINE calls a user, a group, or somebody in a group.
 *
 * https://developers.line.biz/en/reference/messaging-api/#get-profile and #get-group-summary
 */
import { z } from 'zod'
import type { Contact } from '../../../domain/rows.ts'
import { ask } from './client.ts'
import type { LineClient } from './client.ts'
import { tryLater } from './refusals.ts'

const Named = z.union([
  z.object({ displayName: z.string() }).transform(({ displayName }) => displayName),
  z.object({ groupName: z.string() }).transform(({ groupName }) => groupName),
])

/** null when LINE does not tell: such as of somebody who has blocked the account, or of a chat without a name. @throws TryLater */
export async function profile(
  { api, limits }: LineClient,
  { kind, externalId }: Pick<Contact, 'kind' | 'externalId'>,
  of: string | null,
): Promise<{ name: string } | null> {
  const isRoom = kind === 'group' && isRoomId(externalId)
  if (isRoom && of === null) return null
  const call = (): Promise<unknown> => {
    if (kind === 'person') return api.getProfile(externalId)
    if (of === null) return api.getGroupSummary(externalId)
    return isRoom ? api.getRoomMemberProfile(externalId, of) : api.getGroupMemberProfile(externalId, of)
  }
  const ended = await ask(limits.answer, call, Named)
  if (ended.end === 'refused' && [400, 403, 404].includes(ended.status)) return null
  if (ended.end !== 'done') throw tryLater('profile', ended)
  return ended.value.trim() === '' ? null : { name: ended.value }
}

/** LINE's chats of several people without a group; only their ids tell them from groups. */
const isRoomId = (id: string) => id.startsWith('R')
