/** A small hub with one team and its web chat, over a real database, real HTTP and real sockets; for tests alone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { pino } from 'pino'
import { WebSocketServer } from 'ws'
import type { CommandArgs, MemberCommandName } from '../../../domain/commands.ts'
import { ChannelId, MemberId, TeamId } from '../../../domain/ids.ts'
import type { Effect } from '../../../domain/rule.ts'
import { Channel, Member } from '../../../domain/rows.ts'
import { newTeam } from '../../../domain/team/team.ts'
import { createAttachments } from '../../attachments/attachments.ts'
import { openFolder } from '../../attachments/folder.ts'
import { sampleDatabase } from '../../store/sample-database.ts'
import { migrate } from '../../store/migrations/index.ts'
import { createHubCore } from '../../sync/hub-core.ts'
import { sampleSending } from '../sample-sending.ts'
import { sendMessage } from '../sender.ts'
import type { LimitName } from './limits.ts'
import { CHAT_SOCKET_PATH, createWebchat } from './webchat.ts'

export const teamId = TeamId.parse('team-1')
export const channelId = ChannelId.parse('shop-chat')
export const otherChannelId = ChannelId.parse('other-chat')
export const memberId = MemberId.parse('member-1')
export const LOUD = { points: 100_000, seconds: 60 }

const team = newTeam({
  id: teamId,
  name: '好日子生活選物',
  permissions: { delete: ['cs_manager'], blacklist: ['cs_manager'] },
})
const channel = Channel.parse({
  id: channelId,
  kind: 'webchat',
  name: '官網客服',
  botOn: false,
  botKeywords: [],
  welcomeText: null,
  connected: true,
  problem: null,
})
const member = Member.parse({
  id: memberId,
  name: '陳美玲',
  email: 'secret@example.test',
  phone: '0912345678',
  role: 'cs_manager',
  storeIds: [],
  active: true,
})

export type TestHub = Awaited<ReturnType<typeof startTestHub>>

/** @param options.limits other than the web chat's own */
export async function startTestHub(options: { limits?: Partial<Record<LimitName, typeof LOUD>> } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'countertop-webchat-'))
  const database = await sampleDatabase()
  await migrate(database.db)
  const log = pino({ level: 'warn' })
  const effects: Effect[] = []
  const clock = () => Date.now()
  const attachments = createAttachments({ db: database.db, store: await openFolder(folder), now: clock })
  const core = createHubCore({
    db: database.db,
    effects: { record: async (_trx, _teamId, added) => void effects.push(...added) },
    attachments,
    log,
    clock,
  })
  await core.importRows(teamId, [
    ['team', team],
    ['channel', channel],
    ['channel', { ...channel, id: otherChannelId, name: '另一個官網' }],
    ['channel', { ...channel, id: ChannelId.parse('line'), kind: 'line' }],
    ['member', member],
  ])

  // A test may say where it comes from.
  const addressOf = ({ headers, socket }: IncomingMessage) => String(headers['x-test-ip'] ?? socket.remoteAddress)
  let seq = 0
  let running = await listen(0)

  async function listen(port: number) {
    const secret = 'a secret of at least 16 bytes'
    const webchat = createWebchat({ core, attachments, log, clock, secret, limits: options.limits ?? {}, addressOf })
    const app = new Hono()
      .route('/chat', webchat.routes)
      .get('/shop', (c) => c.html(shopPage(c.req.query('hub') ?? '')))
    const listener = getRequestListener(app.fetch)
    const server = createServer((request, response) => void listener(request, response))
    const sockets = new WebSocketServer({ noServer: true, maxPayload: 256 * 1024 })
    server.on('upgrade', (request, socket, head) => {
      if (request.url?.split('?')[0] !== CHAT_SOCKET_PATH) return socket.destroy()
      sockets.handleUpgrade(request, socket, head, (ws) => webchat.accept(ws, request))
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return { webchat, server, sockets, port: (server.address() as AddressInfo).port }
  }

  /** As a crash: sockets are cut, not closed. */
  async function cut() {
    running.webchat.close()
    for (const ws of running.sockets.clients) ws.terminate()
    running.server.closeAllConnections()
    await new Promise((resolve) => running.server.close(resolve))
  }

  return {
    core,
    attachments,
    get address() {
      return `http://127.0.0.1:${running.port}`
    },
    /** A member's command, with what it has to send delivered. */
    async member<N extends MemberCommandName>(name: N, args: CommandArgs<N>) {
      seq += 1
      const identity = {
        teamId,
        memberId,
        workstationId: 'workstation-1',
        clientId: 'client-1',
        expiresAt: clock() + 60_000,
      }
      const taken = await core.runPushed(identity, { seq, name, args, at: clock() })
      for (const effect of effects.splice(0)) {
        if (effect.type === 'channel.send') await sendMessage(sampleSending(core), { teamId, ...effect })
      }
      return taken
    },
    cut,
    async restart() {
      running = await listen(running.port)
    },
    async stop() {
      await cut()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** A shop's own page with the one line in it. */
function shopPage(hub: string): string {
  return `<!doctype html><html lang="zh-Hant-TW"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>選物店</title><style>body{margin:0;font:16px/1.6 system-ui;background:#faf7f0;color:#333}header{padding:24px 40px;background:#fff;
border-bottom:1px solid #e8e2d4}main{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:24px;padding:40px}
div{height:220px;border-radius:8px;background:#e9dfcb}</style><header><b>好日子生活選物</b></header>
<main>${'<article><div></div><p>日常陶杯　NT$ 480</p></article>'.repeat(6)}</main>
<script src="${new URL(`/chat/${channelId}/embed.js`, hub).href}" async></script></html>`
}
