/** Rows and stores for the tests of this folder: a small team, as many conversations as asked for, temporary files. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AttachmentId,
  ChannelId,
  ContactId,
  ConversationId,
  MemberId,
  MessageId,
  StoreId,
  TagId,
  TeamId,
} from '../../domain/ids.ts'
import { preview } from '../../domain/text.ts'
import type { Contact, Conversation, Member, Message } from '../../domain/rows.ts'
import type { SnapshotLine, TableRow } from '../../sync/protocol.ts'
import type { StoreLog } from './connection.ts'
import type { MemberStore, Patch } from './member-store.ts'
import { openMemberStore } from './open.ts'
import type { OpenOptions } from './open.ts'
import { searchable } from './search/message-index.ts'
import { newTeam } from '../../domain/team/team.ts'

export const KEY = new Uint8Array(32).fill(7)
export const ME = MemberId.parse('me')
export const OTHER = MemberId.parse('other')
export const CHANNEL = ChannelId.parse('web')
export const STORE = StoreId.parse('xinyi')
export const VIP = TagId.parse('vip')
export const NOW = Date.UTC(2026, 2, 5, 4)
export const QUIET: StoreLog = { info: () => undefined, warn: () => undefined }
const MINUTE = 60_000

export const conversationId = (id: string | number) => ConversationId.parse(`c${id}`)
export const messageId = (id: string) => MessageId.parse(id)
export const attachmentId = (id: string) => AttachmentId.parse(id)

/** A member; `me` is a cs_agent unless told otherwise. */
export function member(id: MemberId, role: Member['role'] = 'cs_agent'): Member {
  return { id, name: id, email: `${id}@example.com`, phone: null, role, storeIds: [STORE], active: true }
}

export function referenceRows(role: Member['role'] = 'cs_agent'): TableRow[] {
  return [
    ['team', newTeam({ id: TeamId.parse('team'), name: '晴天選品' })],
    ['store', { id: STORE, name: '信義店' }],
    ['member', member(ME, role)],
    ['member', member(OTHER, 'supervisor')],
    [
      'channel',
      {
        id: CHANNEL,
        kind: 'webchat',
        name: '官網',
        botOn: false,
        botKeywords: [],
        welcomeText: null,
        connected: true,
        problem: null,
      },
    ],
    ['tag', { id: VIP, name: '黃金會員', colour: 'yellow' }],
  ]
}

type Shape = {
  conversation?: Partial<Conversation>
  contact?: Partial<Contact>
  texts?: readonly string[]
  at?: number
}

/** A conversation with its contact and one customer message for each text, a minute apart, the last one at `at`. */
export function conversationRows(id: string | number, shape: Shape = {}): TableRow[] {
  const cid = conversationId(id)
  const contactId = ContactId.parse(`k${id}`)
  const texts = shape.texts ?? ['你好，請問今天營業到幾點？']
  const at = shape.at ?? NOW
  const messages = texts.map((text, i): Message => ({
    id: messageId(`m${id}-${i + 1}`),
    conversationId: cid,
    ordinal: i + 1,
    author: { type: 'customer', from: null },
    body: { kind: 'text', text },
    delivery: null,
    at: at - (texts.length - 1 - i) * MINUTE,
  }))
  const last = messages.at(-1)
  const conversation: Conversation = {
    id: cid,
    kind: 'direct',
    contactId,
    channelId: CHANNEL,
    status: 'pending_person',
    followerId: null,
    collaboratorIds: [],
    askingIds: [],
    messageCount: messages.length,
    inboundCount: messages.length,
    clearedInbound: 0,
    lastMessage: last
      ? { messageId: last.id, author: last.author, kind: 'text', preview: preview(searchable(last.body)), at: last.at }
      : null,
    lastInboundAt: last?.at ?? null,
    waitingSince: last?.at ?? null,
    createdAt: at - 60 * MINUTE,
    closedAt: null,
    closedBy: null,
    ...shape.conversation,
  }
  const contact: Contact = {
    id: contactId,
    channelId: CHANNEL,
    kind: 'person',
    externalId: `visitor-${id}`,
    name: `顧客${id}`,
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
    createdAt: at - 60 * MINUTE,
    ...shape.contact,
  }
  return [['contact', contact], ['conversation', conversation], ...messages.map((row): TableRow => ['message', row])]
}

/** A whole snapshot at `version`, with these conversations in one line. */
export function snapshot(
  version: number,
  conversations: readonly TableRow[][],
  role: Member['role'] = 'cs_agent',
): SnapshotLine[] {
  const ids = conversations.flatMap((rows) =>
    rows.flatMap(([table, row]) => (table === 'conversation' ? [row.id] : [])),
  )
  return [
    { type: 'begin', version, epoch: 'first', horizon: 0, total: ids.length },
    { type: 'scope', conversationIds: ids, deletedIds: [] },
    { type: 'reference', rows: referenceRows(role) },
    ...(ids.length === 0
      ? []
      : [
          {
            type: 'conversations' as const,
            rows: conversations.flat(),
            last: ids.at(-1) ?? null,
            count: ids.length,
          },
        ]),
    { type: 'end' },
  ]
}

export function fill(store: MemberStore, lines: readonly SnapshotLine[]): void {
  for (const line of lines) store.applySnapshotLine(line)
}

export function patch(version: number, change: Partial<Patch> = {}): Patch {
  return {
    type: 'patch',
    n: 1,
    version,
    epoch: 'first',
    more: false,
    lastClientSeq: 0,
    results: [],
    evicts: [],
    removes: [],
    puts: [],
    ...change,
  }
}

/** Opens a store that must open. */
export function open(options: Partial<OpenOptions> & { path: string }): MemberStore {
  const create = { clientId: 'client-1', memberId: ME, lastClientSeq: 0 }
  const opened = openMemberStore({ key: KEY, create, log: QUIET, ...options })
  if (!opened.ok) throw new Error(`not opened: ${opened.reason}`)
  return opened.store
}

/** A folder that is gone when the test is. Give it vitest's `onTestFinished`. */
export function temporaryFolder(onFinished: (done: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'countertop-store-'))
  onFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A store in a temporary folder, with these conversations at version 1. */
export function filledStore(
  onFinished: (done: () => void) => void,
  conversations: readonly TableRow[][],
  role: Member['role'] = 'cs_agent',
): { store: MemberStore; path: string } {
  const path = join(temporaryFolder(onFinished), 'member.db')
  const store = open({ path })
  fill(store, snapshot(1, conversations, role))
  onFinished(() => store.close())
  return { store, path }
}
