/** What an admin has the hub ask a channel's platform: whether the account works, and which templates there are. */
import { CAPABILITIES } from '../../../domain/channels/capabilities.ts'
import type { Failure } from '../../../domain/channels/failures.ts'
import type { ChannelId } from '../../../domain/ids.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import type { CheckStep } from '../../../sync/channel-settings.ts'
import type { Identity } from '../../core.ts'
import { TryLater } from '../platform.ts'
import type { ChannelPlace } from '../platform.ts'
import { refreshTemplates } from '../templates.ts'
import { webhookPath } from '../webhooks.ts'
import { note, platformOf, whyNot } from './parts.ts'
import type { SettingsParts } from './parts.ts'

/** What is wrong with an account as a whole, whatever is sent. */
const OF_THE_ACCOUNT: ReadonlySet<Failure | null> = new Set<Failure>([
  'channel.token',
  'channel.restricted',
  'channel.quota',
])

/** Whether the member may ask this of the channel; notes it either way (ROL-6). Null when they may. */
export async function mayAsk(
  { core, connections, clock }: SettingsParts,
  identity: Identity,
  channelId: ChannelId,
  name: 'channel.check' | 'channel.readTemplates',
  tooMany: () => Promise<Refusal | null>,
): Promise<Refusal | null> {
  const { teamId, memberId } = identity
  const [member, channel] = await Promise.all([
    core.row(teamId, 'member', memberId),
    core.row(teamId, 'channel', channelId),
  ])
  const found = platformOf(connections, channel)
  const cannot = found.ok ? null : found.refusal
  const hasNone = name === 'channel.readTemplates' && channel && !CAPABILITIES[channel.kind].templates
  const refusal = whyNot(member) ?? cannot ?? (hasNone ? refuse('request.invalid', { field: 'id' }) : await tooMany())
  await note(core.db, { identity, name, channelId, now: clock(), refusal })
  return refusal
}

/**
 * Asks the platform whether the account works, step by step, and keeps what that says of the channel: a problem with the
 * account as a whole, or that there is none any more.
 */
export async function checkAccount(
  { core, connections, publicUrl }: SettingsParts,
  place: ChannelPlace,
): Promise<CheckStep[]> {
  const { teamId, channelId } = place
  // Another hub may just have changed the account.
  connections.changed(place)
  const connected = await connections.of(place)
  if (!connected) return [{ step: 'token', ok: false, code: 'channel.unconnected', detail: '' }]
  const steps = await connected.connection.check(`${publicUrl()}${webhookPath(channelId)}`)
  const failed = steps.find(({ ok }) => !ok)
  if (!failed || OF_THE_ACCOUNT.has(failed.code)) {
    await core.system(teamId, 'channel.health', { channelId, problem: failed?.code ?? null })
  }
  const account = (await connections.account(teamId, channelId)) ?? {}
  const secrets = connections.platform(connected.channel.kind)?.secrets.flatMap((name) => account[name] ?? []) ?? []
  return steps.map((step) => ({ ...step, detail: without(step.detail, secrets) }))
}

/** Reads the platform's templates anew. @returns how many there are, or why the platform did not tell */
export async function readTemplates(
  parts: SettingsParts,
  place: ChannelPlace,
): Promise<{ ok: true; count: number } | { ok: false; code: Failure }> {
  try {
    const count = await refreshTemplates(parts, place)
    return count === null ? { ok: false, code: 'channel.unconnected' } : { ok: true, count }
  } catch (error) {
    if (!(error instanceof TryLater)) throw error
    return { ok: false, code: error.code }
  }
}

/** A platform's words may repeat what it was asked with. */
function without(detail: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '…'), detail)
}
