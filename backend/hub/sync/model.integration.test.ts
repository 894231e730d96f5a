import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { MessageId } from '../../domain/ids.ts'
import type { TeamId } from '../../domain/ids.ts'
import type { CommandArgs, CommandName } from '../../domain/commands.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { Visibility } from '../../domain/rows.ts'
import { PlainStore } from '../../sync/plain-store.ts'
import { SampleTeam, WEBCHAT, XINYI } from '../../sync/sample-team.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { readAll } from '../store/rows.ts'
import { SampleDevice } from './sample-device.ts'
import { SampleHub, idOf, rowsOf } from './sample-hub-team.ts'

// A database in WebAssembly on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let hub: SampleHub
beforeAll(async () => {
  hub = await SampleHub.start(await sampleDatabase())
}, 120_000)
afterAll(() => hub.stop())

const MEMBERS = ['admin', 'cs_agent', 'cs_agent2', 'salesperson', 'sales_manager', 'marketer']
const who = fc.constantFrom('lin', 'wang')
const member = fc.constantFrom(...MEMBERS)
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('customer' as const), who, text: fc.string({ maxLength: 8 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'conversation.take' as const,
        'conversation.close' as const,
        'conversation.reopen' as const,
        'message.send' as const,
        'note.add' as const,
        'conversation.transfer' as const,
        'conversation.pin' as const,
        'conversation.markRead' as const,
      ),
      member,
      who,
      to: member,
      text: fc.string({ unit: 'binary', maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'reply.save' as const,
        'reply.save' as const,
        'reply.remove' as const,
        'replyFolder.save' as const,
        'replyFolder.remove' as const,
      ),
      member,
      who,
      visibility: fc.constantFrom<Visibility>(
        { to: 'all' },
        { to: 'owner' },
        { to: 'roles', roles: ['cs_agent'] },
        { to: 'stores', storeIds: [XINYI] },
      ),
      isIn: fc.boolean(),
    }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

function argsOf(step: Action, n: number): { name: CommandName; args: Record<string, unknown> } {
  const conversationId = idOf(step.who)
  const messageId = MessageId.parse(`m${n}`)
  if (step.type === 'customer') {
    const ids = { channelId: WEBCHAT, externalId: step.who, name: step.who, contactId: `contact-${step.who}` }
    const content = { kind: 'text', text: step.text }
    return { name: 'message.receive', args: { ...ids, conversationId, messageId, content } }
  }
  if ('visibility' in step) {
    const { visibility, isIn } = step
    const [replyId, folderId] = [`reply-${step.who}`, 'folder']
    const message = { kind: 'text', text: `第${n}版` }
    const more = {
      'reply.save': { replyId, folderId: isIn ? folderId : null, name: step.who, messages: [message], visibility },
      'reply.remove': { replyId },
      'replyFolder.save': { replyFolderId: folderId, name: step.who, shared: visibility.to === 'all', position: n },
      'replyFolder.remove': { replyFolderId: folderId },
    }
    return { name: step.type, args: more[step.type] }
  }
  const about = { conversationId, messageId }
  const more = {
    'conversation.take': about,
    'conversation.close': about,
    'conversation.reopen': about,
    'message.send': { ...about, content: { kind: 'text', text: step.text } },
    'note.add': { ...about, text: step.text },
    'conversation.transfer': { ...about, toMemberId: step.to },
    'conversation.pin': { conversationId, pinned: n % 3 > 0 },
    'conversation.markRead': { conversationId, readInbound: n % 4 },
  }
  return { name: step.type, args: more[step.type] }
}

it('[SYN-6] the hub does what the rules over plain rows do, and every device holds what a fresh one would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (steps) => {
      const sample = new SampleTeam()
      const model = new PlainStore()
      for (const [table, row] of rowsOf(sample)) model.put(table, row)
      const team = await hub.team(sample)
      const devices = await Promise.all(MEMBERS.map((name) => SampleDevice.live(team, name)))
      const seqs = new Map<string, number>()

      for (const [n, step] of steps.entries()) {
        const { name, args } = argsOf(step, n)
        const now = hub.now + 1
        if (step.type === 'customer') {
          const expected = model.run(name, args, { actor: { type: 'system' }, now })
          const outcome = await runSystem(team.id, name, args)
          expect(outcome).toBe(expected.ok ? 'ok' : expected.refusal.code)
          continue
        }
        const actor = model.get('member', step.member)
        if (!actor || !('role' in actor)) throw new Error(`no member ${step.member}`)
        const expected = model.run(name, args, { actor: model.actor(actor), now })
        const seq = (seqs.get(step.member) ?? 0) + 1
        seqs.set(step.member, seq)
        // Any step may be pushed twice.
        for (let times = 0; times < 1 + (n % 2); times++) {
          const taken = await hub.core.runPushed(team.identity(step.member), { seq, name, args, at: 0 })
          expect(taken).toEqual({ type: 'taken', refusal: expected.ok ? null : expected.refusal })
          hub.now = now
        }
      }
      for (const table of TABLE_NAMES) {
        expect(await readAll(hub.core.db, team.id, table)).toEqual(model.all(table).toSorted(byId))
      }
      for (const device of devices) {
        await device.caughtUp()
        const fresh = new SampleDevice(team, device.member, 'fresh-device')
        await fresh.snapshot()
        expect({ [device.member]: device.held() }).toEqual({ [device.member]: fresh.held() })
        await device.close()
      }
    }),
    { numRuns: 12, interruptAfterTimeLimit: 60_000, endOnFailure: true },
  )
}, 120_000)

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1
}

async function runSystem(teamId: TeamId, name: CommandName, args: Record<string, unknown>): Promise<string> {
  const outcome = await hub.core.system(teamId, name, args as CommandArgs<CommandName>)
  return outcome.ok ? 'ok' : outcome.refusal.code
}
