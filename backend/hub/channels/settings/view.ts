/** What an admin sees of a channel: its row, what of its account is no secret, and the addresses that others need. */
import type { TeamId } from '../../../domain/ids.ts'
import type { Channel } from '../../../domain/rows.ts'
import type { ChannelView } from '../../../sync/channel-settings.ts'
import { webhookPath } from '../webhooks.ts'
import { hasAccount } from './parts.ts'
import type { SettingsParts } from './parts.ts'

type Needed = Pick<SettingsParts, 'connections' | 'publicUrl'>

export async function viewOf(
  { connections, publicUrl }: Needed,
  teamId: TeamId,
  channel: Channel,
): Promise<ChannelView> {
  const base = publicUrl()
  const isCalled = hasAccount(channel) && connections.platform(channel.kind) !== null
  const page = `${base}/chat/${channel.id}`
  return {
    channel,
    account: await connections.state(teamId, channel),
    webhook: isCalled ? { url: `${base}${webhookPath(channel.id)}`, isHttps: base.startsWith('https://') } : null,
    chat: channel.kind === 'webchat' ? { page, script: `${page}/embed.js` } : null,
  }
}
