/** What the settings of channels stand on, and who may see and change them. */
import type { Logger } from 'pino'
import type { ChannelId } from '../../../domain/ids.ts'
import { mayManageChannels } from '../../../domain/channels/settings.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import type { Channel, Member, Time } from '../../../domain/rows.ts'
import type { HubCore, Identity } from '../../core.ts'
import type { Asker } from '../../store/together.ts'
import { noteOutside } from '../../sync/take-command.ts'
import type { Connections } from '../connections.ts'
import type { Platform } from '../platform.ts'

export type SettingsParts = {
  core: HubCore
  connections: Connections
  /** Where the world finds the hub, without a slash at the end; asked for at each use. */
  publicUrl: () => string
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
}

/** What admins do to a channel that is no command of the rules; in the audit log (ROL-6) under these names. */
export type AccountAct = 'channel.connect' | 'channel.disconnect' | 'channel.check' | 'channel.readTemplates'

/** Why the member may not see or change the settings of channels; null when they may. */
export function whyNot(member: Member | undefined): Refusal | null {
  if (!member?.active) return refuse('signIn.inactive', {})
  const verdict = mayManageChannels(member)
  return verdict.allowed ? null : verdict.refusal
}

/**
 * The platform with which the channel can have an account. There is none for a kind that is not built, and the web chat
 * needs none.
 */
export function platformOf(
  connections: Connections,
  channel: Channel | undefined,
): { ok: true; platform: Platform } | { ok: false; refusal: Refusal } {
  if (!channel) return { ok: false, refusal: refuse('request.notFound', {}) }
  const platform = connections.platform(channel.kind)
  if (!platform) return { ok: false, refusal: refuse('channel.notBuilt', { channel: channel.kind }) }
  if (!hasAccount(channel)) return { ok: false, refusal: refuse('request.invalid', { field: 'id' }) }
  return { ok: true, platform }
}

/** Whether the channel is one that needs an account with its platform. */
export function hasAccount({ kind }: Pick<Channel, 'kind'>): boolean {
  return kind !== 'webchat'
}

/** Executes at once the audit entry of what was done, or refused. */
export function note(
  asker: Asker,
  act: { identity: Identity; name: AccountAct; channelId: ChannelId; now: Time; refusal: Refusal | null },
): Promise<void> {
  const { channelId, ...rest } = act
  return noteOutside(asker, { ...rest, args: { channelId } })
}
