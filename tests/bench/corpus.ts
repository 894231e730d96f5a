/**
 * A shop's conversations, as many as asked for, the same each time: what a supervisor's device gets of a team, in the
 * lines in which a hub sends a snapshot. It is made a line at a time, so that a million messages need no memory.
 */
import { dialoguesIn } from '../../backend/hub/demo/dialogues.ts'
import { describe, externalIdOf, nameOf } from '../../backend/hub/demo/people.ts'
import { seeded } from '../../backend/hub/demo/random.ts'
import type { Random } from '../../backend/hub/demo/random.ts'
import { channels, members, stores, tags, team } from '../../backend/hub/demo/team.ts'
import { filler } from '../../backend/hub/demo/words.ts'
import { ContactId, ConversationId, MessageId } from '../../backend/domain/ids.ts'
import type { Author, Body, Conversation, Member, Message, Time } from '../../backend/domain/rows.ts'
import { preview } from '../../backend/domain/text.ts'
import { MESSAGES_HELD } from '../../backend/sync/protocol.ts'
import type { SnapshotLine, TableRow } from '../../backend/sync/protocol.ts'

/** When the newest message was written; everything else lies in the 85 days before. */
export const CORPUS_END: Time = Date.UTC(2026, 2, 5, 4)
/** The version that the snapshot brings a device to. */
export const CORPUS_VERSION = 1_000
const SEED = 20_260_305
const SPAN = 85 * 24 * 60 * 60_000
const SECOND = 1_000
const HOUR = 60 * 60 * SECOND
/** As the hub does: so many rows a line, about. */
const ROWS_A_LINE = 1_000
const CONVERSATIONS_A_LINE = 50
/** Messages of one conversation, on average, unless asked for otherwise. */
export const AVERAGE = 20

/** The member whose device it is: one who sees everything. */
export const OWNER = memberWith('supervisor')
/** One who answers customers. */
export const AGENT = memberWith('cs_agent')

function memberWith(role: Member['role']): Member {
  const found = members.find((member) => member.role === role)
  if (!found) throw new Error(`no member is a ${role}`)
  return found
}

/** The small tables. */
export function referenceRows(): TableRow[] {
  return [
    ['team', team],
    ...stores.map((row): TableRow => ['store', row]),
    ...members.map((row): TableRow => ['member', row]),
    ...channels.map((row): TableRow => ['channel', row]),
    ...tags.map((row): TableRow => ['tag', row]),
  ]
}

/** The lines of a snapshot with exactly so many messages, in conversations of about `average` each. */
export function* corpusLines(messages: number, average = AVERAGE): Generator<SnapshotLine> {
  const lengths = lengthsOf(messages, average)
  const ids = lengths.map((_, n) => conversationIdOf(n))
  yield { type: 'begin', version: CORPUS_VERSION, epoch: 'corpus', horizon: 0, total: lengths.length }
  yield { type: 'scope', conversationIds: ids, deletedIds: [] }
  yield { type: 'reference', rows: referenceRows() }
  let rows: TableRow[] = []
  let count = 0
  for (const [n, length] of lengths.entries()) {
    rows.push(...conversationRows(n, lengths.length, length))
    count += 1
    const next = Math.min(lengths[n + 1] ?? ROWS_A_LINE, MESSAGES_HELD) + 3
    if (count < CONVERSATIONS_A_LINE && rows.length + next <= ROWS_A_LINE && n < lengths.length - 1) continue
    yield { type: 'conversations', rows, last: conversationIdOf(n), count }
    rows = []
    count = 0
  }
  yield { type: 'end' }
}

/** How many messages each conversation has, newest conversation first; many are short, a few are long. */
function lengthsOf(messages: number, average: number): number[] {
  const random = seeded(SEED)
  const lengths: number[] = []
  for (let left = messages; left > 0; left -= lengths.at(-1) ?? 0) {
    const wanted = Math.max(
      1,
      Math.round(average * random.pick([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 1, 1.2, 1.5, 2, 3])),
    )
    lengths.push(Math.min(wanted, left))
  }
  return lengths
}

/** The id of the `n`-th conversation, newest first. */
export function conversationIdOf(n: number): ConversationId {
  return ConversationId.parse(idOf(CORPUS_END - SPAN, n, 0))
}

/** An id as they are in earnest: a UUID that begins with its time. */
function idOf(at: Time, n: number, ordinal: number): string {
  const time = at.toString(16).padStart(12, '0')
  const mixed = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(ordinal + 1, 0x85ebca6b)
  const noise = (mixed >>> 0).toString(16).padStart(8, '0')
  const own = (n * 1_024 + ordinal).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${noise.slice(0, 3)}-9${noise.slice(3, 6)}-${own}`
}

function conversationRows(n: number, total: number, length: number): TableRow[] {
  const random = seeded(SEED + 1 + n)
  const [first, ...rest] = channels
  if (!first) throw new Error('the demo team has no channel')
  const channel = random.pick([first, ...rest])
  const conversationId = conversationIdOf(n)
  const newest = CORPUS_END - Math.floor((SPAN * n) / total)
  const talk = talkOf(random, length)
  const answering = random.pick<Member>([
    AGENT,
    ...members.filter(({ role }) => role === 'cs_agent' || role === 'cs_manager'),
  ])
  const times = timesOf(random, talk.length, newest)
  const messages = talk.map(([voice, text], i): Message => {
    const ordinal = i + 1
    const at = times[i] ?? newest
    const [author, body] = saying(voice, text, answering)
    const isToCustomer = author.type === 'member' && body.kind === 'text'
    return {
      id: MessageId.parse(idOf(at, n, ordinal)),
      conversationId,
      ordinal,
      author,
      body,
      delivery: isToCustomer ? { state: random.chance(0.8) ? 'read' : 'delivered' } : null,
      at,
    }
  })
  const conversation = conversationOf(random, { n, conversationId, channelId: channel.id, messages, answering })
  const language = random.chance(0.03) ? 'en' : 'zh'
  const contact = describe(
    random,
    {
      id: conversation.contactId,
      channelId: channel.id,
      kind: 'person',
      externalId: externalIdOf(random, channel),
      name: nameOf(random, language, channel),
      phone: null,
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
      createdAt: conversation.createdAt,
    },
    n,
    null,
  )
  return [['contact', contact], ['conversation', conversation], ...messages.map((row): TableRow => ['message', row])]
}

type Voice = 'c' | 'm' | 'n' | 'e'

/** Dialogues one after another until there are so many lines; `e` is the line that says who has taken it. */
function talkOf(random: Random, length: number): (readonly [Voice, string])[] {
  const talk: (readonly [Voice, string])[] = []
  while (talk.length < length) {
    const fill = filler(random)
    const { lines } = random.pick(dialoguesIn(random.chance(0.03) ? 'en' : 'zh'))
    let isTaken = false
    for (const [voice, wordings] of lines) {
      const isCustomer = voice === 'c' || voice === 'p'
      if (!isCustomer && !isTaken) talk.push(['e', ''])
      isTaken ||= !isCustomer
      const [one = '', ...others] = wordings.split(' / ')
      const text = fill(random.pick([one, ...others]))
      talk.push([isCustomer ? 'c' : voice === 'n' ? 'n' : 'm', isCustomer ? withParticulars(random, text) : text])
    }
  }
  return talk.slice(0, length)
}

const ROADS = [
  '忠孝東路',
  '中山北路',
  '民生路',
  '建國二路',
  '文化街',
  '自由路',
  '五福三路',
  '公益路',
  '信義路四段',
] as const

/** Characters that people write often: any two beside each other make a word that the index has not seen much. */
const CHARACTERS =
  '天地人大小上下左右中東西南北山水火木金土日月星雲雨雪風花草樹果米麵茶酒糖鹽油衣鞋帽包杯盤碗刀紙筆書信車船門窗桌椅床燈紅黃藍白黑綠灰早晚春夏秋冬年週時分新舊長短高低快慢多少買賣送收寄取開關看聽說讀寫走跑坐站吃喝玩睡想問答學教做用試換修洗剪包裝家店路街市村國海河湖島父母兄弟姊妹朋友老師醫生心手腳頭眼口耳身體病藥輕重冷熱乾濕軟硬甜鹹酸辣香美好壞真假男女孩童數量件個張雙條'

/** Some customers add what nobody else says: who they are, where they live, which order it is about, anything else. */
function withParticulars(random: Random, text: string): string {
  switch (random.int(0, 9)) {
    case 0:
      return `${text}\n我是${nameOf(random, 'zh', channels[1] ?? fail())}，電話 09${random.letters('0123456789', 8)}`
    case 1:
      return `${text}，地址是${random.pick(ROADS)}${random.int(1, 500)}號${random.int(2, 20)}樓`
    case 2:
      return `${text}（訂單 GD${random.letters('0123456789', 8)}）`
    case 3:
    case 4:
      return `${text}，${random.letters(CHARACTERS, random.int(4, 12))}`
    default:
      return text
  }
}

function fail(): never {
  throw new Error('the demo team has too few channels')
}

function saying(voice: Voice, text: string, answering: Member): [Author, Body] {
  const member = { type: 'member', memberId: answering.id } as const
  switch (voice) {
    case 'c':
      return [
        { type: 'customer', from: null },
        { kind: 'text', text },
      ]
    case 'm':
      return [member, { kind: 'text', text }]
    case 'n':
      return [member, { kind: 'note', text }]
    case 'e':
      return [{ type: 'system' }, { kind: 'event', event: { type: 'taken', by: answering.id } }]
  }
}

/** Ascending, the last one at `newest`: minutes apart within a visit, days between visits. */
function timesOf(random: Random, count: number, newest: Time): Time[] {
  const times: Time[] = []
  let at = newest
  for (let i = 0; i < count; i++) {
    times.unshift(at)
    at -= i % 9 === 8 ? random.int(20, 90) * HOUR : random.int(8, 240) * SECOND
  }
  return times
}

type Made = {
  n: number
  conversationId: ConversationId
  channelId: Conversation['channelId']
  messages: readonly Message[]
  answering: Member
}

/** One in twelve is open, one in thirty waits, the others are closed. */
function conversationOf(random: Random, { n, conversationId, channelId, messages, answering }: Made): Conversation {
  const last = messages.at(-1)
  if (!last) throw new Error('a conversation has a message')
  const inbound = messages.filter(({ author }) => author.type === 'customer')
  const status = n % 30 === 7 ? 'pending_person' : n % 12 === 3 ? 'open' : 'closed'
  const isWaiting = status === 'pending_person'
  const text = last.body.kind === 'text' || last.body.kind === 'note' ? last.body.text : ''
  return {
    id: conversationId,
    kind: 'direct',
    contactId: ContactId.parse(idOf(CORPUS_END - SPAN, n, 1)),
    channelId,
    status,
    followerId: isWaiting ? null : answering.id,
    collaboratorIds: [],
    askingIds: [],
    messageCount: messages.length,
    inboundCount: inbound.length,
    clearedInbound: isWaiting ? Math.max(0, inbound.length - 1) : inbound.length - (random.chance(0.1) ? 1 : 0),
    lastMessage: {
      messageId: last.id,
      author: last.author,
      kind: last.body.kind,
      preview: preview(text),
      at: last.at,
    },
    lastInboundAt: inbound.at(-1)?.at ?? null,
    waitingSince: isWaiting ? (inbound.at(-1)?.at ?? last.at) : null,
    createdAt: messages[0]?.at ?? last.at,
    closedAt: status === 'closed' ? last.at + HOUR : null,
    closedBy: status === 'closed' ? answering.id : null,
  }
}
