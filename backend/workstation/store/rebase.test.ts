/** The store against a plain model of hub and device: whatever the order of things, both end the same. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { isCommandName } from '../../domain/commands.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { markId } from '../../domain/ids.ts'
import { LIST_NAMES } from '../../domain/lists.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { QueuedCommand, TableRow } from '../../sync/protocol.ts'
import { PlainStore } from '../../sync/plain-store.ts'
import type { Change } from '../../sync/run.ts'
import type { MemberStore } from './member-store.ts'
import {
  ME,
  NOW,
  OTHER,
  conversationId,
  conversationRows,
  fill,
  member,
  open,
  patch,
  referenceRows,
  snapshot,
  temporaryFolder,
} from './sample.ts'

const IDS = [1, 2, 3]
const ROLE = 'cs_manager'

/** A hub of plain maps: takes commands in order, remembers what changed since a version, as frames tell it. */
class PlainHub {
  readonly rows = new PlainStore()
  version = 1
  lastClientSeq = 0
  changed = new Map<string, Change>()
  results: { seq: number; refusal: Refusal }[] = []

  constructor(rows: readonly TableRow[]) {
    for (const [table, row] of rows) this.rows.put<typeof table>(table, row)
  }

  take(command: QueuedCommand): void {
    if (command.seq !== this.lastClientSeq + 1) throw new Error(`gap at ${command.seq}`)
    this.lastClientSeq = command.seq
    const refusal = this.run(command.name, command.args, ME)
    if (refusal) this.results.push({ seq: command.seq, refusal })
  }

  run(name: string, args: unknown, by: typeof ME | null): Refusal | null {
    if (!isCommandName(name)) throw new Error(name)
    const actor = by ? this.rows.actor(member(by, by === ME ? ROLE : 'supervisor')) : ({ type: 'system' } as const)
    const outcome = this.rows.run(name, args, { actor, now: NOW + 1_000 * ++this.version })
    if (!outcome.ok) return outcome.refusal
    for (const change of outcome.changes) this.changed.set(`${change.table} ${change.id}`, change)
    return null
  }

  /** What changed since the last one. */
  patch() {
    const puts = [...this.changed.values()].flatMap(({ table, id }) => {
      const row = this.rows.get(table, id)
      // A mark of somebody else never reaches this device.
      return row && !('memberId' in row && row.memberId !== ME) ? [[table, row] as TableRow] : []
    })
    puts.sort((a, b) => TABLE_NAMES.indexOf(a[0]) - TABLE_NAMES.indexOf(b[0]))
    const results = this.results
    this.changed = new Map()
    this.results = []
    return patch(this.version, { puts, results, lastClientSeq: this.lastClientSeq })
  }
}

/** Everything a screen can see. */
function seenIn(store: MemberStore) {
  return {
    counts: store.counts(),
    lists: LIST_NAMES.map((list) => store.conversations({ list, offset: 0, limit: 50 })),
    threads: IDS.map((id) => store.messages(conversationId(id), { limit: 200 })),
    found: ['字', '你好', 'ab'].map((q) => store.search({ q, limit: 100 })),
    reference: store.reference(),
  }
}

const target = fc.constantFrom(...IDS.map(conversationId))
const commandsToRun = fc.oneof(
  fc.record({ name: fc.constant('message.send'), id: target, text: fc.constantFrom('字一', '你好嗎', 'ab c', '') }),
  fc.record({ name: fc.constant('note.add'), id: target, text: fc.constantFrom('字備註', 'x') }),
  fc.record({
    name: fc.constantFrom('conversation.take', 'conversation.close', 'conversation.reopen', 'conversation.transfer'),
    id: target,
    text: fc.constant(''),
  }),
  fc.record({ name: fc.constantFrom('conversation.pin', 'conversation.markRead'), id: target, text: fc.constant('') }),
)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('mine' as const), command: commandsToRun }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('theirs' as const), command: commandsToRun }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('customer' as const), id: fc.constantFrom(...IDS) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('push' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pull' as const), repeat: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

let unique = 0
function argsOf({ name, id, text }: { name: string; id: string; text: string }): unknown {
  const messageId = `x${++unique}`
  switch (name) {
    case 'message.send':
      return { conversationId: id, messageId, content: { kind: 'text', text } }
    case 'note.add':
      return { conversationId: id, messageId, text }
    case 'conversation.transfer':
      return { conversationId: id, messageId, toMemberId: OTHER }
    case 'conversation.pin':
      return { conversationId: id, pinned: true }
    case 'conversation.markRead':
      return { conversationId: id, readInbound: 1 }
    default:
      return { conversationId: id, messageId }
  }
}

it(
  '[SYN-3] [SYN-4] [SYN-6] any mix of commands, patches, repeats and restarts ends as a fresh device would',
  { timeout: 60_000 },
  () => {
    const path = join(temporaryFolder(onTestFinished), 'member.db')
    let run = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => {
        const file = `${path}-${++run}`
        const start = IDS.map((id) => conversationRows(id))
        const hub = new PlainHub([...referenceRows(ROLE), ...start.flat()])
        let store = open({ path: file })
        fill(store, snapshot(1, start, ROLE))
        let accepted = 0
        let refusedByHub = 0
        const pull = (repeat: boolean) => {
          const frame = hub.patch()
          refusedByHub += frame.results.filter(
            ({ seq }) => store.outbox(seq - 1, 1)[0]?.name !== 'conversation.markRead',
          ).length
          store.applyPatch([frame])
          if (repeat) store.applyPatch([frame])
          expectAsModel(store, hub)
        }
        const push = (count: number) => store.outbox(hub.lastClientSeq, count).forEach((command) => hub.take(command))
        for (const one of steps) {
          if (one.do === 'mine') {
            const answer = store.command({ name: one.command.name, args: argsOf(one.command) }, NOW + unique)
            if (answer.ok) accepted++
          } else if (one.do === 'theirs') hub.run(one.command.name, argsOf(one.command), OTHER)
          else if (one.do === 'customer') {
            const args = {
              channelId: 'web',
              externalId: `visitor-${one.id}`,
              name: 'x',
              contactId: 'none',
              conversationId: 'none',
              messageId: `in${++unique}`,
              content: { kind: 'text', text: '字又來了' },
            }
            expect(hub.run('message.receive', args, null)).toBeNull()
          } else if (one.do === 'push') push(one.count)
          else if (one.do === 'pull') pull(one.repeat)
          else {
            store.close()
            store = open({ path: file })
          }
          const { waiting, refused } = store.queue()
          expect(waiting.length + refused.length).toBe(
            accepted - hub.lastClientSeq + refusedByHub + awaited(store, hub),
          )
        }
        push(1_000)
        pull(false)
        const fresh = open({ path: `${file}-fresh` })
        fill(
          fresh,
          snapshot(
            hub.version,
            IDS.map((id) => rowsOf(hub, id)),
            ROLE,
          ),
        )
        const stripped = (seen: ReturnType<typeof seenIn>) =>
          JSON.parse(JSON.stringify(seen, (key, value) => (key === 'refused' ? undefined : value)))
        expect(store.queue().waiting).toEqual([])
        expect(stripped(seenIn(store))).toEqual(stripped(seenIn(fresh)))
        store.close()
        fresh.close()
      }),
      { numRuns: Number(process.env['STORE_RUNS'] ?? 25) },
    )
  },
)

/** Right after a patch: the hub's rows, with what waits run upon them in order. */
function expectAsModel(store: MemberStore, hub: PlainHub): void {
  const model = new PlainStore()
  for (const table of TABLE_NAMES) for (const row of hub.rows.all(table)) model.put(table, row)
  const actor = model.actor(member(ME, ROLE))
  for (const { name, args, at } of store.outbox(hub.lastClientSeq, 1_000)) {
    if (isCommandName(name)) model.run(name, args, { actor, now: at })
  }
  for (const id of IDS.map(conversationId)) {
    const shown = store.messages(id, { limit: 200 })?.messages.map(({ waiting: _, ...message }) => message)
    expect([store.conversation(id)?.conversation, shown, store.conversation(id)?.mark ?? undefined]).toEqual([
      model.get('conversation', id),
      model.list('message', 'conversationId', id),
      model.get('mark', markId(ME, id)),
    ])
  }
}

/** Commands that the hub has taken while the device has not heard of it. */
function awaited(store: MemberStore, hub: PlainHub): number {
  return hub.lastClientSeq - store.position().lastClientSeq
}

function rowsOf(hub: PlainHub, id: number): TableRow[] {
  const conversation = hub.rows.get('conversation', conversationId(id))
  const contact = hub.rows.get('contact', `k${id}`)
  if (!conversation || !contact) throw new Error('gone')
  return [
    ['contact', contact],
    ['conversation', conversation],
    ...hub.rows
      .all('message')
      .flatMap((row): TableRow[] => (row.conversationId === conversation.id ? [['message', row]] : [])),
    ...hub.rows
      .all('mark')
      .flatMap((row): TableRow[] =>
        row.conversationId === conversation.id && row.memberId === ME ? [['mark', row]] : [],
      ),
  ] as TableRow[]
}
