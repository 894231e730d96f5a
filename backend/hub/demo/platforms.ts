/**
 * The demo team's channels on LINE and WhatsApp: connected to the platforms' stand-ins when the hub is given their
 * addresses, and to nothing otherwise, for these accounts are nobody's on the real platforms.
 */
import type { Logger } from 'pino'
import type { Time } from '../../domain/rows.ts'
import type { Connections } from '../channels/connections.ts'
import { refreshTemplates } from '../channels/templates.ts'
import type { HubCore } from '../core.ts'
import { traceOf } from '../listeners.ts'
import { lineChannel, team, whatsappChannel } from './team.ts'

/** Secret from nobody, as {@link DEMO_PASSWORD} is: who stands in for a platform has to know them. */
export const DEMO_LINE = {
  channelId: '2000000001',
  channelSecret: 'demo-line-channel-secret',
  accessToken: 'demo-line-access-token',
  loginChannelId: '2000000002',
}
export const DEMO_WHATSAPP = {
  phoneNumberId: '200000000000001',
  businessAccountId: '200000000000002',
  appSecret: 'demo-whatsapp-app-secret',
  verifyToken: 'demo-whatsapp-verify-token',
  accessToken: 'demo-whatsapp-access-token',
}

export type DemoPlatformParts = {
  core: Pick<HubCore, 'system'>
  connections: Pick<Connections, 'of' | 'save' | 'remove' | 'state' | 'templatesRead'>
  /** As the hub was given them: LINE has two servers. */
  addresses: Readonly<Record<string, string>>
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
}

/**
 * Connects the channels whose platform has a stand-in, with the templates it has, and disconnects the others. Accounts that
 * somebody else gave the channels stay as they are.
 */
export async function connectDemoPlatforms({
  core,
  connections,
  addresses,
  log,
  clock,
}: DemoPlatformParts): Promise<void> {
  const hasLine = addresses['line'] !== undefined && addresses['lineData'] !== undefined
  const platforms = [
    { channel: lineChannel, account: DEMO_LINE, own: 'channelId', isThere: hasLine },
    {
      channel: whatsappChannel,
      account: DEMO_WHATSAPP,
      own: 'phoneNumberId',
      isThere: addresses['graph'] !== undefined,
    },
  ] as const
  for (const { channel, account, own, isThere } of platforms) {
    const fields: Readonly<Record<string, string>> = account
    const state = await connections.state(team.id, channel)
    if (state && state.settings[own] !== fields[own]) continue
    if (!isThere && !state) continue
    if (isThere) await connections.save(team.id, channel, fields, clock())
    else await connections.remove(team.id, channel.id)
    const health = { channelId: channel.id, connected: isThere, problem: null }
    const result = await core.system(team.id, 'channel.health', health)
    if (!result.ok) throw new Error(`channel.health was refused: ${result.refusal.code}`)
  }
  if (!platforms[1].isThere) return
  try {
    await refreshTemplates({ core, connections, clock }, { teamId: team.id, channelId: whatsappChannel.id })
  } catch (error) {
    log.warn({ err: traceOf(error), channel: whatsappChannel.id }, 'the demo has no templates')
  }
}
