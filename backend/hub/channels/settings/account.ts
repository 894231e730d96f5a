/** A channel's account with its platform: given, changed and taken away by an admin, each with its audit entry (ROL-6). */
import { randomBytes } from 'node:crypto'
import type { ChannelId } from '../../../domain/ids.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import type { Channel, Member } from '../../../domain/rows.ts'
import type { AccountFields } from '../../../sync/channel-settings.ts'
import type { Identity, SystemCommand } from '../../core.ts'
import { readRow } from '../../store/rows.ts'
import type { Asker } from '../../store/together.ts'
import type { Account, Platform } from '../platform.ts'
import { note, platformOf, whyNot } from './parts.ts'
import type { AccountAct, SettingsParts } from './parts.ts'

/** What was there when the team's lock was taken. */
type Found = { member: Member | undefined; channel: Channel | undefined; kept: Account | null }
/** What comes of it: rows by commands, and the account, all in one transaction. */
type Decision =
  | { ok: false; refusal: Refusal }
  | { ok: true; commands: readonly SystemCommand[]; write: (asker: Asker) => Promise<void> }

/**
 * Keeps what an admin gives, sealed, and says that the channel is connected. Fields that are not given, and secrets that
 * are empty, stay as they are.
 * @returns why it was not done: `request.invalid` with the name of the first field that is wrong
 */
export function connectAccount(
  parts: SettingsParts,
  identity: Identity,
  channelId: ChannelId,
  given: AccountFields,
): Promise<Refusal | null> {
  const { connections, clock } = parts
  return decide(parts, identity, channelId, 'channel.connect', ({ channel, kept }) => {
    const found = platformOf(connections, channel)
    if (!found.ok) return found
    const { platform } = found
    const account = platform.account.safeParse(merged(platform, kept ?? {}, given))
    if (!account.success) {
      const [issue] = account.error.issues
      const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.')
      return { ok: false, refusal: refuse('request.invalid', { field: field || 'account' }) }
    }
    const place = { teamId: identity.teamId, channelId }
    return {
      ok: true,
      commands: [{ name: 'channel.health', args: { channelId, connected: true, problem: null } }],
      write: (asker) => connections.write(asker, place, platform, account.data, clock()),
    }
  })
}

/** Forgets the account and its secrets; the channel stays, with everything in it. @returns why it was not done */
export function disconnectAccount(
  parts: SettingsParts,
  identity: Identity,
  channelId: ChannelId,
): Promise<Refusal | null> {
  const { connections } = parts
  return decide(parts, identity, channelId, 'channel.disconnect', ({ channel }) => {
    const found = platformOf(connections, channel)
    if (!found.ok) return found
    return {
      ok: true,
      commands: [{ name: 'channel.health', args: { channelId, connected: false, problem: null } }],
      write: (asker) => connections.erase(asker, { teamId: identity.teamId, channelId }),
    }
  })
}

/** Decides under the team's lock, so that two admins at once do not undo each other's fields. */
async function decide(
  { core, connections, clock }: SettingsParts,
  identity: Identity,
  channelId: ChannelId,
  name: AccountAct,
  by: (found: Found) => Decision,
): Promise<Refusal | null> {
  const { teamId, memberId } = identity
  let decision: Decision = { ok: false, refusal: refuse('internal.error', {}) }
  await core.systemMany(teamId, {
    reads: [],
    async ahead(asker) {
      const [member, channel, kept] = await Promise.all([
        readRow(asker, teamId, 'member', memberId),
        readRow(asker, teamId, 'channel', channelId),
        connections.account(teamId, channelId, asker),
      ])
      const mayNot = whyNot(member)
      decision = mayNot ? { ok: false, refusal: mayNot } : by({ member, channel, kept })
    },
    commands: () => (decision.ok ? decision.commands : []),
    also: (asker) =>
      Promise.all([
        ...(decision.ok ? [decision.write(asker)] : []),
        note(asker, { identity, name, channelId, now: clock(), refusal: decision.ok ? null : decision.refusal }),
      ]),
  })
  connections.changed({ teamId, channelId })
  return decision.ok ? null : decision.refusal
}

function merged(platform: Platform, kept: Account, given: AccountFields): Account {
  const isGiven = ([name, value]: [string, string]) => value.trim() !== '' || !platform.secrets.includes(name)
  const account: Record<string, string> = { ...kept, ...Object.fromEntries(Object.entries(given).filter(isGiven)) }
  for (const name of platform.madeUp ?? []) {
    if ((account[name] ?? '').trim() === '') account[name] = randomBytes(24).toString('base64url')
  }
  return account
}
