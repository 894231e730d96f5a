/** A team with one very long conversation, the same each time: everything people write and send, over years. */
import { AttachmentId, ContactId, ConversationId, MessageId } from '../../../backend/domain/ids.ts'
import type { Author, Body, Contact, Conversation, Message } from '../../../backend/domain/rows.ts'
import { MESSAGES_HELD } from '../../../backend/sync/protocol.ts'
import type { SnapshotLine } from '../../../backend/sync/protocol.ts'
import { seeded } from '../../../backend/hub/demo/random.ts'
import type { Random } from '../../../backend/hub/demo/random.ts'
import { channels } from '../../../backend/hub/demo/team.ts'
import { AGENT, CORPUS_END, CORPUS_VERSION, OWNER, referenceRows } from '../corpus.ts'

const SEED = 20_260_306
const MINUTE = 60_000
const SENTENCES = [
  '好的，謝謝',
  '請問這個還有現貨嗎？',
  '可以幫我改成宅配嗎，地址一樣，電話也一樣',
  '您好，這一款目前門市與網路都有現貨，今天下午三點前完成訂單的話明天就可以收到，需要幫您保留嗎？',
  '收到了，包裝很完整。',
  'Thank you! See you on Saturday then.',
  '我想再確認一次：紅色兩件、藍色一件，一起寄到公司，統編要打在發票上',
  'OK',
] as const

export type LongThread = { conversation: Conversation; contact: Contact; messages: Message[] }

/** One conversation with so many messages. */
export function longThread(count: number): LongThread {
  const random = seeded(SEED)
  const id = ConversationId.parse('0195-long-thread')
  const contactId = ContactId.parse('0195-long-contact')
  const [channel] = channels
  if (!channel) throw new Error('the demo team has no channel')
  const messages: Message[] = []
  let at = CORPUS_END
  const gaps = Array.from({ length: count }, () => (random.chance(0.25) ? random.int(20, 300) : random.int(0, 3)))
  for (const gap of gaps) at -= gap * MINUTE
  for (const [i, gap] of gaps.entries()) {
    at += gap * MINUTE
    messages.push(messageAt(random, id, i + 1, at))
  }
  const last = messages.at(-1)
  if (!last) throw new Error('a conversation has a message')
  const inboundCount = messages.filter(({ author }) => author.type === 'customer').length
  const conversation: Conversation = {
    id,
    kind: 'direct',
    contactId,
    channelId: channel.id,
    status: 'open',
    followerId: OWNER.id,
    collaboratorIds: [],
    askingIds: [],
    messageCount: count,
    inboundCount,
    clearedInbound: inboundCount,
    lastMessage: { messageId: last.id, author: last.author, kind: last.body.kind, preview: '', at: last.at },
    lastInboundAt: last.at,
    waitingSince: null,
    createdAt: messages[0]?.at ?? last.at,
    closedAt: null,
    closedBy: null,
  }
  return { conversation, contact: contactOf(contactId, channel.id, conversation.createdAt), messages }
}

/** What a device gets of it at first: the newest messages, as a hub sends them. */
export function snapshotOf({ conversation, contact, messages }: LongThread): SnapshotLine[] {
  return [
    { type: 'begin', version: CORPUS_VERSION, epoch: 'corpus', horizon: 0, total: 1 },
    { type: 'scope', conversationIds: [conversation.id], deletedIds: [] },
    { type: 'reference', rows: referenceRows() },
    {
      type: 'conversations',
      rows: [
        ['contact', contact],
        ['conversation', conversation],
        ...messages.slice(-MESSAGES_HELD).map((row): ['message', Message] => ['message', row]),
      ],
      last: conversation.id,
      count: 1,
    },
    { type: 'end' },
  ]
}

function messageAt(random: Random, conversationId: ConversationId, ordinal: number, at: number): Message {
  const isOurs = random.chance(0.45)
  const ours: Author = { type: 'member', memberId: random.chance(0.3) ? OWNER.id : AGENT.id }
  const body = bodyAt(random, ordinal, isOurs)
  const author: Author =
    body.kind === 'event'
      ? { type: 'system' }
      : body.kind === 'note' || (isOurs && body.kind !== 'sticker')
        ? ours
        : { type: 'customer', from: null }
  return {
    id: MessageId.parse(`0195-message-${String(ordinal).padStart(8, '0')}`),
    conversationId,
    ordinal,
    author,
    body,
    delivery: author.type === 'member' && body.kind !== 'note' ? { state: 'read' } : null,
    at,
  }
}

/** Of a hundred: 78 texts, 7 pictures, 3 files, 5 notes, 4 events, 3 of other kinds. */
function bodyAt(random: Random, ordinal: number, isOurs: boolean): Body {
  const nth = random.int(0, 99)
  if (nth < 78) return { kind: 'text', text: words(random) }
  const attachmentId = AttachmentId.parse(`0195-attachment-${String(ordinal).padStart(8, '0')}`)
  if (nth < 85) {
    const width = random.int(200, 1_600)
    return {
      kind: 'image',
      attachmentId,
      name: `IMG_${ordinal}.png`,
      mime: 'image/png',
      size: 90_000,
      width,
      height: random.int(200, 1_600),
    }
  }
  if (nth < 88) {
    return { kind: 'file', attachmentId, name: `報價單 ${ordinal}.pdf`, mime: 'application/pdf', size: 120_000 }
  }
  if (nth < 93) return { kind: 'note', text: words(random) }
  if (nth < 97) return { kind: 'event', event: { type: 'taken', by: AGENT.id } }
  if (isOurs) return { kind: 'text', text: words(random) }
  return random.chance(0.5)
    ? { kind: 'sticker', label: '謝謝' }
    : { kind: 'location', title: '信義店', address: '臺北市信義區松高路 12 號', latitude: 25.04, longitude: 121.57 }
}

/** One to six sentences, seldom with a list of lines under them. */
function words(random: Random): string {
  const most = random.chance(0.15) ? 6 : 2
  const text = Array.from({ length: random.int(1, most) }, () => random.pick(SENTENCES)).join(' ')
  if (!random.chance(0.06)) return text
  return `${text}\n${Array.from({ length: random.int(2, 8) }, (_, n) => `${n + 1}. ${random.pick(SENTENCES)}`).join('\n')}`
}

function contactOf(id: ContactId, channelId: Contact['channelId'], createdAt: number): Contact {
  return {
    id,
    channelId,
    kind: 'person',
    externalId: 'long',
    name: '陳美玲',
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
    createdAt,
  }
}
