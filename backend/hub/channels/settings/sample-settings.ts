/** The sample hub with channels whose platforms are wherever a test says; its app is served, so that platforms can call it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Writable } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import type { ChannelView } from '../../../sync/channel-settings.ts'
import { createApp } from '../../app.ts'
import { HubSecret } from '../../accounts/secret.ts'
import { createLog } from '../../observability/log.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { openSampleHub } from '../../sample-hub.ts'
import { createChannels } from '../channels.ts'
import { PLATFORMS } from '../platforms.ts'

export const PUBLIC = 'https://hub.shop.example'

/** An answer of the hub: the body as it stands on the wire, and read. */
export type Answer = { status: number; text: string; json: unknown }

export async function openSettingsHub(addresses: Record<string, string>, publicUrl = PUBLIC) {
  const hub = await openSampleHub()
  const written: string[] = []
  const sink = new Writable({
    write(line, _, done) {
      written.push(String(line))
      done()
    },
  })
  const log = createLog('debug', sink)
  const channels = createChannels({
    core: hub.core,
    authenticator: hub.accounts.authenticator,
    attachments: hub.attachments,
    secret: new HubSecret(Buffer.alloc(32, 7)),
    platforms: PLATFORMS,
    addresses,
    publicUrl: () => publicUrl,
    hooks: { notified: async () => undefined },
    log,
    clock: () => hub.clock.now,
  })
  const app = createApp({ mount: (root) => void root.route('/', channels.routes), metrics: createMetrics(), log })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the hub has no port')
  await channels.start()

  return {
    ...hub,
    channels,
    /** Every line of the log. */
    written,
    /** Where {@link PUBLIC} leads. */
    url: `http://127.0.0.1:${address.port}`,
    /** What a member's workstation asks. */
    async as(role: string) {
      const { accessToken } = await hub.session(role)
      return async (method: string, path: string, body?: unknown): Promise<Answer> => {
        const response = await app.request(path, {
          method,
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const text = await response.text()
        return { status: response.status, text, json: JSON.parse(text) }
      }
    },
    /** What the audit log has of channels, oldest first: who, what, about which, and the code of a refusal. */
    async audit() {
      const rows = await hub.db
        .selectFrom('audit')
        .select(['member_id', 'command', 'subject_id', 'code', 'workstation_id'])
        .where('command', 'like', 'channel.%')
        .orderBy('n')
        .execute()
      return rows.map((row) => [row.member_id, row.command, row.subject_id, row.code])
    },
    async close() {
      await channels.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await hub.close()
    },
  }
}

export type SettingsHub = Awaited<ReturnType<typeof openSettingsHub>>

/** The channel's view in an answer with all of them. @throws when it is not there */
export function viewIn(answer: Answer, channelId: string): ChannelView {
  const { channels } = answer.json as { channels: ChannelView[] }
  const found = channels.find(({ channel }) => channel.id === channelId)
  if (!found) throw new Error(`there is no ${channelId}: ${answer.text}`)
  return found
}
