/**
 * A patch of the hub arrives while 500 commands wait: undo, apply, run again, one transaction. Beside it the rows that
 * come out differently, written by better-sqlite3 alone in one transaction. The budget is a time: the ratio is of it.
 */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 as newId } from 'uuid'
import { MessageId } from '../../backend/domain/ids.ts'
import type { Conversation, Message } from '../../backend/domain/rows.ts'
import type { TableRow } from '../../backend/sync/protocol.ts'
import { openMemberStore } from '../../backend/workstation/store/open.ts'
import type { MemberStore } from '../../backend/workstation/store/member-store.ts'
import { openBare } from './bare.ts'
import { atMost, measured } from './bench.ts'
import type { Measured, Say } from './bench.ts'
import { CORPUS_END, CORPUS_VERSION } from './corpus.ts'
import { withFolder } from './folders.ts'
import { median, ratios, rounded, spread, timed } from './statistics.ts'
import { copiedStore } from './stores.ts'

const MESSAGES = 100_000
const WAITING = 500
const CONVERSATIONS = 100
const ROUNDS = 25
/** ms */
const BUDGET = 150
const QUIET = { info: () => undefined, warn: () => undefined }

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const place = await copiedStore(MESSAGES, folder, say)
    const opened = openMemberStore({ ...place, log: QUIET })
    if (!opened.ok) throw new Error(`the store does not open: ${opened.reason}`)
    const { store } = opened
    const open = store.conversations({ list: 'open_team', offset: 0, limit: CONVERSATIONS }).rows
    const hub = new Customers(open.map(({ conversation }) => conversation))
    queueCommands(
      store,
      open.map(({ conversation }) => conversation),
    )
    const barePath = join(folder, 'bare.db')
    store.close()
    await copyFile(place.path, barePath)
    const reopened = openMemberStore({ ...place, log: QUIET })
    if (!reopened.ok) throw new Error(`the store does not open: ${reopened.reason}`)
    const rewrite = rewriter(barePath, place.key)

    const one: number[] = []
    const every: number[] = []
    const bare: number[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const inOne = hub.writeIn(1)
      one.push(timed(() => reopened.store.applyPatch([inOne])))
      const inEvery = hub.writeIn(CONVERSATIONS)
      every.push(timed(() => reopened.store.applyPatch([inEvery])))
      bare.push(timed(rewrite))
    }
    const { waiting } = reopened.store.queue()
    if (waiting.length !== WAITING || waiting.some(({ doubtful }) => doubtful)) throw new Error('a command was lost')
    reopened.store.close()
    say(
      `rebase: ${rounded(median(every))} ms, one conversation ${rounded(median(one))} ms, bare ${rounded(median(bare))} ms`,
    )
    const slower = Math.max(median(every), median(one))
    return measured(atMost(rounded(slower / BUDGET), 1), {
      'commands that wait': WAITING,
      'budget, ms': BUDGET,
      'customers wrote in all of their conversations, ms': spread(every),
      'a customer wrote in one of them, ms': spread(one),
      'bare, the rows that differ, ms': spread(bare),
      'ratio to bare, by round': spread(ratios(every, bare)),
    })
  })
}

/** What a member does at a counter in a day without network: answers above all, some notes, some pins. */
function queueCommands(store: MemberStore, open: readonly Conversation[]): void {
  for (let i = 0; i < WAITING; i++) {
    const conversation = open[i % open.length]
    if (!conversation) throw new Error('no conversation is open')
    const conversationId = conversation.id
    const text = `好的，第 ${i} 件，已經為您處理，稍後會有專人與您聯絡。`
    const request =
      i % 10 === 8
        ? { name: 'note.add', args: { conversationId, messageId: newId(), text } }
        : i % 10 === 9
          ? { name: 'conversation.pin', args: { conversationId, pinned: i % 20 === 9 } }
          : { name: 'message.send', args: { conversationId, messageId: newId(), content: { kind: 'text', text } } }
    const answer = store.command(request, CORPUS_END + i * 1_000)
    if (!answer.ok) throw new Error(`${request.name} was refused: ${answer.refusal.code}`)
  }
}

/** The hub's side: customers who write, one command a time, and the patch that tells of it. */
class Customers {
  readonly #conversations: Conversation[]
  #version = CORPUS_VERSION
  #at = CORPUS_END + 60 * 60_000

  /** @param conversations as the hub has them */
  constructor(conversations: readonly Conversation[]) {
    this.#conversations = [...conversations]
  }

  /** One new message in each of the first `count` conversations. */
  writeIn(count: number) {
    const puts = Array.from({ length: count }, (_, i) => this.#write(i)).flat()
    this.#version += 1
    return {
      type: 'patch' as const,
      n: 1,
      version: this.#version,
      epoch: 'corpus',
      more: false,
      lastClientSeq: 0,
      results: [],
      evicts: [],
      removes: [],
      puts,
    }
  }

  #write(i: number): TableRow[] {
    const before = this.#conversations[i]
    if (!before) throw new Error('no conversation is open')
    this.#at += 1_000
    const author = { type: 'customer', from: null } as const
    const id = MessageId.parse(newId())
    const text = '不好意思，想再請問一下，這樣大概什麼時候會收到呢？'
    const ordinal = before.messageCount + 1
    const message: Message = {
      id,
      conversationId: before.id,
      ordinal,
      author,
      body: { kind: 'text', text },
      delivery: null,
      at: this.#at,
    }
    const conversation: Conversation = {
      ...before,
      messageCount: ordinal,
      inboundCount: before.inboundCount + 1,
      lastMessage: { messageId: id, author, kind: 'text', preview: text, at: this.#at },
      lastInboundAt: this.#at,
    }
    this.#conversations[i] = conversation
    return [
      ['conversation', conversation],
      ['message', message],
    ]
  }
}

/** Writes every row that waiting commands made once more, a little different, with their conversations. */
function rewriter(path: string, key: Uint8Array): () => void {
  const db = openBare(path, key)
  const rowsOf = (table: string) => {
    const changed = `SELECT value ->> 'id' FROM undo, json_each(images) WHERE value ->> 'table' = '${table}'`
    const sql = `SELECT n, data FROM ${table} WHERE id IN (${changed})`
    return db.prepare(sql).all() as { n: number; data: string }[]
  }
  const [messages, conversations] = [rowsOf('message'), rowsOf('conversation')]
  const message = db.prepare('UPDATE message SET ordinal = ordinal + 1, data = ? WHERE n = ?')
  const conversation = db.prepare('UPDATE conversation SET last_at = last_at + 1, data = ? WHERE n = ?')
  let round = 0
  return () => {
    round += 1
    db.transaction(() => {
      for (const { n, data } of messages) message.run(`${data} ${round}`, n)
      for (const { n, data } of conversations) conversation.run(`${data} ${round}`, n)
    }).immediate()
  }
}
