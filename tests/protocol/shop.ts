/** The small team that docs/protocol.md is about, and a real hub process that has it. Its WhatsApp has no account. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { TeamId } from '../../backend/domain/ids.ts'
import { MemberId } from '../../backend/domain/ids.ts'
import { sampleDatabase } from '../../backend/hub/store/sample-database.ts'
import { TableRow } from '../../backend/sync/protocol.ts'
import { accountsOver, coreOver } from '../world/hub-parts.ts'
import { newFolder } from '../world/places.ts'
import { Process } from '../world/process.ts'
import { newTeam } from '../../backend/domain/team/team.ts'

export const PASSWORD = 'correct horse 電池'
/** A morning in spring. */
const MORNING = Date.UTC(2026, 2, 2, 2)
const MINUTE = 60_000
const TEAM = TeamId.parse('haorizi')

type Line = { id: string; by: 'customer' | 'yijun' | 'yating'; text: string }

/** A conversation on WhatsApp when there is a phone number, else on the web chat. */
function conversation(
  id: string,
  name: string,
  begun: number,
  lines: Line[],
  more: Record<string, unknown>,
  phone: string | null = null,
): TableRow[] {
  const authorOf = ({ by }: Line) =>
    by === 'customer' ? { type: 'customer', from: null } : { type: 'member', memberId: by }
  const messages = lines.map((line, index) => ({
    id: line.id,
    conversationId: id,
    ordinal: index + 1,
    author: authorOf(line),
    body: { kind: 'text', text: line.text },
    delivery: line.by === 'customer' ? null : { state: 'read' },
    at: begun + index * MINUTE,
  }))
  const inbound = lines.filter(({ by }) => by === 'customer').length
  const { body, id: messageId, author, at } = messages.at(-1)!
  const where = phone
    ? { channelId: 'wa', externalId: phone.slice(1) }
    : { channelId: 'web', externalId: `visitor-${id}` }
  const contact = {
    id: `c-${id}`,
    kind: 'person',
    ...where,
    name,
    phone,
    email: null,
    memberNumber: null,
    matchedPhone: null,
    tagIds: [],
    subscribed: true,
    platformBlockedAt: null,
    people: [],
    binding: null,
    blocked: null,
    deletions: 0,
    createdAt: begun,
  }
  const row = {
    id,
    kind: 'direct',
    contactId: contact.id,
    channelId: where.channelId,
    status: 'pending_person',
    followerId: null,
    collaboratorIds: [],
    askingIds: [],
    messageCount: lines.length,
    inboundCount: inbound,
    clearedInbound: 0,
    lastMessage: { messageId, author, kind: 'text', preview: body.text, at },
    lastInboundAt: messages.findLast(({ author: { type } }) => type === 'customer')?.at ?? null,
    waitingSince: null,
    createdAt: begun,
    closedAt: null,
    closedBy: null,
    ...more,
  }
  const rows = [['contact', contact], ['conversation', row], ...messages.map((message) => ['message', message])]
  return rows.map((one) => TableRow.parse(one))
}

/** Two members, four conversations: one that waits, one of 怡君's, two of 雅婷's. */
export function shopRows(): TableRow[] {
  const member = { phone: null, storeIds: ['xinyi'], active: true }
  const channel = { botOn: false, botKeywords: [], welcomeText: null, problem: null }
  const reference = [
    ['team', newTeam({ id: TEAM, name: '好日子' })],
    ['store', { id: 'xinyi', name: '信義店' }],
    ['member', { id: 'yijun', name: '黃怡君', email: 'yijun@shop.example', role: 'cs_agent', ...member }],
    ['member', { id: 'yating', name: '林雅婷', email: 'yating@shop.example', role: 'admin', ...member }],
    ['channel', { id: 'wa', kind: 'whatsapp', name: 'WhatsApp', connected: false, ...channel }],
    ['channel', { id: 'web', kind: 'webchat', name: '官網', connected: true, ...channel }],
    ['tag', { id: 'vip', name: 'VIP', colour: 'purple' }],
    [
      'template',
      {
        id: 'repaired',
        channelId: 'wa',
        name: 'repair_done',
        language: 'zh_TW',
        category: 'utility',
        approved: true,
        components: {
          header: null,
          body: '{{1}}您好，您送修的{{2}}修好了。',
          footer: '好日子',
          buttons: [{ kind: 'url', text: '查看進度', url: 'https://shop.example/r/{{1}}' }],
        },
      },
    ],
  ]
  return [
    ...reference.map((row) => TableRow.parse(row)),
    ...conversation(
      'chen',
      '陳小姐',
      MORNING,
      [
        { id: 'm1', by: 'customer', text: '請問幾點開門' },
        { id: 'm2', by: 'yijun', text: '早上十一點' },
        { id: 'm3', by: 'customer', text: '謝謝' },
      ],
      { status: 'open', followerId: 'yijun', clearedInbound: 1 },
    ),
    ...conversation('wang', '王先生', MORNING + 10 * MINUTE, [{ id: 'm4', by: 'customer', text: '想訂三十個杯子' }], {
      status: 'open',
      followerId: 'yating',
    }),
    ...conversation('lin', '林小姐', MORNING + 20 * MINUTE, [{ id: 'm5', by: 'customer', text: '請問還有貨嗎' }], {
      waitingSince: MORNING + 20 * MINUTE,
    }),
    ...conversation(
      'zhang',
      '張先生',
      MORNING + 30 * MINUTE,
      [{ id: 'm6', by: 'customer', text: '咖啡機修好了嗎' }],
      { status: 'open', followerId: 'yating' },
      '+886912345678',
    ),
  ]
}

/** Starts a hub, as its own program, in a new folder with the team in it. */
export async function startShop() {
  const home = await newFolder('protocol')
  const database = await sampleDatabase(join(home, 'database'))
  const { db } = database
  const morning = () => MORNING
  const core = coreOver(db, morning)
  const accounts = accountsOver(db, core, home, morning)
  await core.importRows(TEAM, shopRows())
  for (const id of ['yijun', 'yating']) {
    const account = { teamId: TEAM, memberId: MemberId.parse(id), email: `${id}@shop.example`, password: PASSWORD }
    await accounts.createAccount(account)
  }
  await database.close()
  const main = fileURLToPath(new URL('../../backend/hub/main.ts', import.meta.url))
  const Ready = z.object({ ready: z.literal(true), url: z.string() })
  return Process.start(main, ['--home', home, '--port', '0'], {}, Ready)
}
