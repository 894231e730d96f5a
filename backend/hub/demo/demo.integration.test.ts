import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { LIST_NAMES, listOf } from '../../domain/lists.ts'
import { tables } from '../../domain/rows.ts'
import type { Conversation, Member, Message, Row, TableName } from '../../domain/rows.ts'
import { isFor } from '../../domain/replies/permissions.ts'
import { maySee } from '../../domain/visibility.ts'
import { horizonAt, isRecent } from '../../sync/protocol.ts'
import { PlainStore } from '../../sync/plain-store.ts'
import { createAttachments } from '../attachments/attachments.ts'
import { openFolder } from '../attachments/folder.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { migrate } from '../store/migrations/index.ts'
import { createHubCore } from '../sync/hub-core.ts'
import { createDemoTeam, demoRows } from './demo.ts'
import { CONVERSATIONS, MESSAGES } from './history.ts'
import { COLLABORATIONS } from './sharing.ts'

const now = Date.UTC(2026, 4, 20, 7, 12)
const { rows, files } = demoRows(now, true)

function rowsOf<T extends TableName>(table: T): Row<T>[] {
  return rows.flatMap(([name, row]) => (name === table ? [row as Row<T>] : []))
}

const conversations = rowsOf('conversation')
const members = new Map(rowsOf('member').map((member) => [member.id, member]))

test('there are 2,000 conversations and 40,000 messages, the same at every start', () => {
  expect([conversations.length, rowsOf('contact').length, rowsOf('message').length]).toEqual([
    CONVERSATIONS,
    CONVERSATIONS,
    MESSAGES,
  ])
  expect(demoRows(now, true).rows).toEqual(rows)
})

test('every row is as the domain wants it, no id is there twice, and no place was left unfilled', () => {
  const seen = new Set<string>()
  for (const [table, row] of rows) {
    expect(tables[table].safeParse(row).error?.message).toBeUndefined()
    seen.add(`${table} ${row.id}`)
  }
  expect(seen.size).toBe(rows.length)
  expect(JSON.stringify(rows)).not.toMatch(/\{\w+\}/)
})

test('what a conversation says of itself follows from its messages', () => {
  const byConversation = Map.groupBy(rowsOf('message'), ({ conversationId }) => conversationId)
  for (const conversation of conversations) {
    const messages = (byConversation.get(conversation.id) ?? []).toSorted((a, b) => a.ordinal - b.ordinal)
    expect(wrongIn(conversation, messages)).toEqual([])
  }
})

function wrongIn(conversation: Conversation, messages: Message[]): string[] {
  const inbound = messages.filter(({ author }) => author.type === 'customer')
  const last = messages.at(-1)
  const isClosed = conversation.status === 'closed'
  const checks: Record<string, boolean> = {
    ordinals: messages.every(({ ordinal }, at) => ordinal === at + 1),
    times: messages.every(({ at }, n) => at >= (messages[n - 1]?.at ?? 0) && at <= now),
    messageCount: conversation.messageCount === messages.length,
    inboundCount: conversation.inboundCount === inbound.length,
    cleared: conversation.clearedInbound <= inbound.length,
    lastMessage: conversation.lastMessage?.messageId === last?.id && conversation.lastMessage?.at === last?.at,
    lastInboundAt: conversation.lastInboundAt === inbound.at(-1)?.at,
    closed: isClosed === (conversation.closedAt !== null) && isClosed === (conversation.closedBy !== null),
    pending:
      !conversation.status.startsWith('pending') || (!conversation.followerId && conversation.waitingSince !== null),
    open: conversation.status !== 'open' || conversation.followerId !== null,
    waitingClosed: !isClosed || conversation.waitingSince === null,
    sent: messages.every(
      ({ author, body, delivery }) => (author.type === 'member' && body.kind !== 'note') === (delivery !== null),
    ),
  }
  return Object.entries(checks).flatMap(([name, good]) => (good ? [] : [`${conversation.id} ${name}`]))
}

test('[ROL-1] every list that a role may see holds something for it', () => {
  const recent = conversations.filter((one) => isRecent(one, horizonAt(now)))
  const listsOf = (member: Member) => {
    const seen = recent.filter((one) => {
      const follower = one.followerId ? members.get(one.followerId) : undefined
      return maySee(one, member, follower?.storeIds ?? [])
    })
    const found = new Set(seen.map((one) => listOf(one, member.id)))
    return LIST_NAMES.filter((name) => found.has(name))
  }
  for (const member of members.values()) {
    const lists = listsOf(member)
    switch (member.role) {
      case 'admin':
      case 'supervisor':
      case 'cs_manager':
      case 'marketing_cs':
        expect([member.name, lists]).toEqual([member.name, LIST_NAMES])
        break
      case 'cs_agent':
        expect(lists).toEqual(['pending_person', 'pending_bot', 'open_mine', 'closed_mine'])
        break
      case 'sales_manager':
        expect(lists).toEqual(['open_mine', 'open_team', 'closed_mine', 'closed_team'])
        break
      case 'salesperson':
        expect(lists).toEqual(['open_mine', 'closed_mine'])
        break
      case 'marketer':
        expect(lists).toEqual([])
    }
  }
  const statuses = Map.groupBy(conversations, ({ status }) => status)
  expect([
    statuses.get('pending_person')?.length,
    statuses.get('pending_bot')?.length,
    statuses.get('open')?.length,
  ]).toEqual([60, 8, 120])
})

test('[REP-1] its saved replies are such as their owners may save, in folders, and every role that writes has some', () => {
  const replies = rowsOf('reply')
  expect([replies.length >= 12, rowsOf('replyFolder').length]).toEqual([true, 3])
  const store = new PlainStore()
  for (const [table, row] of rows)
    if (table === 'team' || table === 'store' || table === 'replyFolder') store.put(table, row)
  for (const { id: replyId, updatedAt: _, ownerId, ...reply } of replies) {
    const member = members.get(ownerId)
    if (!member) throw new Error(`nobody owns ${replyId}`)
    const outcome = store.run('reply.save', { replyId, ...reply }, { actor: store.actor(member), now: 1 })
    expect([reply.name, outcome.ok]).toEqual([reply.name, true])
    expect(store.get('reply', replyId)).toEqual({ id: replyId, ownerId, ...reply, updatedAt: 1 })
  }
  for (const member of members.values()) {
    const theirs = replies.filter((reply) => isFor(reply, member))
    expect(theirs.length).toBeGreaterThanOrEqual(member.role === 'marketer' ? 1 : 8)
  }
  const kinds = new Set(replies.flatMap(({ visibility, messages }) => [visibility.to, ...messages.map((m) => m.kind)]))
  expect([...kinds].toSorted()).toEqual(['all', 'image', 'owner', 'roles', 'stores', 'text'])
})

test('a dozen conversations are shared, and in some of them a colleague asks to be let in', () => {
  const shared = conversations.filter(({ collaboratorIds }) => collaboratorIds.length > 0)
  expect(shared.length).toBe(COLLABORATIONS)
  expect(shared.every(({ status, followerId }) => status === 'open' && followerId !== null)).toBe(true)
  expect(new Set(shared.map(({ collaboratorIds }) => collaboratorIds.length)).size).toBeGreaterThan(2)
  expect(shared.filter(({ askingIds }) => askingIds.length > 0).length).toBeGreaterThan(0)
})

test('it is set up once, in a database, with its files', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countertop-demo-'))
  const database = await sampleDatabase()
  try {
    await migrate(database.db)
    const clock = () => now
    const attachments = createAttachments({ db: database.db, store: await openFolder(folder), now: clock })
    const effects = { record: async () => undefined }
    const log = pino({ level: 'silent' })
    const core = createHubCore({ db: database.db, effects, attachments, log, clock })
    const created: string[] = []
    const accounts = { createAccount: async ({ email }: { email: string }) => void created.push(email) }
    const first = await createDemoTeam({ core, accounts, attachments, clock })
    expect(await createDemoTeam({ core, accounts, attachments, clock })).toEqual(first)
    expect(created).toEqual(first.accounts.map(({ email }) => email))
    const count = await database.executeSql('select count(*) as n from message')
    expect(count.rows).toEqual([{ n: MESSAGES }])
    expect(files.length).toBeGreaterThan(5)
    for (const { attachmentId, file } of files) {
      expect(await attachments.find(first.teamId, attachmentId)).toMatchObject({ info: { mime: file.mime } })
    }
  } finally {
    await database.close()
    await rm(folder, { recursive: true })
  }
})
