/** What happens in one simulated run: everything that chance decides is in here, so that it can be shrunk and replayed. */
import fc from 'fast-check'
import { ROLES } from '../../backend/domain/rows.ts'

/** Two teams with a member of every role each, one of them twice; some customers who write to each. */
export const TEAMS = 2
export const MEMBERS = [...ROLES, 'cs_agent2'] as const
export const CUSTOMERS = 3

/** Mostly one team and those who have much to do, so that they get into each other's way. */
const team = fc.constantFrom(0, 0, 0, 1)
const member = fc.constantFrom(...MEMBERS, 'cs_agent', 'cs_agent', 'supervisor', 'salesperson', 'sales_manager')
const who = fc.nat({ max: CUSTOMERS - 1 })
/** Of the plan's devices; taken modulo their number. */
const device = fc.nat({ max: 5 })
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'請問還有貨嗎明天可以到店拿謝謝'), minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)
const moment = fc.constantFrom('before' as const, 'after' as const)
const soon = fc.integer({ min: 1, max: 6 })

const action = {
  customer: fc.record({ type: fc.constant('customer' as const), team, who, text }),
  act: fc.record({
    type: fc.constant('act' as const),
    device,
    what: fc.constantFrom(
      'take',
      'close',
      'reopen',
      'transfer',
      'reply',
      'reply',
      'reply',
      'note',
      'read',
      'pin',
      'unpin',
      'add',
      'add',
      'join',
      'ask',
      'decline',
      'remove',
      'leave',
      'takeOver',
      'delete',
      'blacklist',
      'saveReply',
      'saveReply',
      'removeReply',
      'saveFolder',
      'removeFolder',
    ),
    who,
    to: member,
    text,
  }),
  draft: fc.record({ type: fc.constant('draft' as const), device, who, text }),
  settle: fc.record({
    type: fc.constant('settle' as const),
    device,
    how: fc.constantFrom('retry' as const, 'discard' as const),
  }),
  wait: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(20, 200, 2_000, 20_000) }),
  cut: fc.record({ type: fc.constant('cut' as const), device }),
  reach: fc.record({ type: fc.constant('reach' as const), device, reaches: fc.boolean() }),
  killDevice: fc.record({ type: fc.constant('killDevice' as const), device, changes: soon, moment }),
  stopDevice: fc.record({ type: fc.constant('stopDevice' as const), device }),
  startDevice: fc.record({ type: fc.constant('startDevice' as const), device }),
  old: fc.record({ type: fc.constant('old' as const), device, old: fc.boolean() }),
  killHub: fc.record({ type: fc.constant('killHub' as const), commits: soon, moment }),
  stopHub: fc.constant({ type: 'stopHub' as const }),
  startHub: fc.constant({ type: 'startHub' as const }),
  role: fc.record({ type: fc.constant('role' as const), team, member, role: fc.constantFrom(...ROLES) }),
  stores: fc.record({ type: fc.constant('stores' as const), team, member, stores: fc.subarray(['xinyi', 'qinmei']) }),
  active: fc.record({ type: fc.constant('active' as const), team, member, active: fc.constantFrom(true, true, false) }),
  /** From when on a team collaborates, in ms from now; null for not. */
  collaboration: fc.record({
    type: fc.constant('collaboration' as const),
    team,
    from: fc.constantFrom(0, 0, 0, 60_000, null),
  }),
  /** Whoever is on the blacklist is taken off it. */
  lift: fc.record({ type: fc.constant('lift' as const), team, who }),
  progress: fc.record({
    type: fc.constant('progress' as const),
    team,
    nth: fc.nat({ max: 9 }),
    state: fc.constantFrom('sent' as const, 'delivered' as const, 'read' as const, 'failed' as const),
  }),
  backup: fc.constant({ type: 'backup' as const }),
  restore: fc.constant({ type: 'restore' as const }),
  prune: fc.constant({ type: 'prune' as const }),
  days: fc.record({ type: fc.constant('days' as const), days: fc.constantFrom(1, 20, 95) }),
}

const step = fc.oneof(
  { weight: 12, arbitrary: action.customer },
  { weight: 60, arbitrary: action.act },
  { weight: 2, arbitrary: action.draft },
  { weight: 2, arbitrary: action.settle },
  { weight: 14, arbitrary: action.wait },
  { weight: 3, arbitrary: action.cut },
  { weight: 4, arbitrary: action.reach },
  { weight: 4, arbitrary: action.killDevice },
  { weight: 2, arbitrary: action.stopDevice },
  { weight: 3, arbitrary: action.startDevice },
  { weight: 1, arbitrary: action.old },
  { weight: 4, arbitrary: action.killHub },
  { weight: 1, arbitrary: action.stopHub },
  { weight: 4, arbitrary: action.startHub },
  { weight: 3, arbitrary: action.role },
  { weight: 2, arbitrary: action.stores },
  { weight: 2, arbitrary: action.active },
  { weight: 2, arbitrary: action.collaboration },
  { weight: 2, arbitrary: action.lift },
  { weight: 4, arbitrary: action.progress },
  { weight: 1, arbitrary: action.backup },
  { weight: 1, arbitrary: action.restore },
  { weight: 1, arbitrary: action.prune },
  { weight: 1, arbitrary: action.days },
)
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

export const plan = fc.record({
  /** Of the network's chance. */
  seed: fc.integer(),
  faults: fc.record({
    lost: fc.constantFrom(0, 0, 0.02, 0.1),
    repeated: fc.constantFrom(0, 0.05, 0.2),
    overtaken: fc.constantFrom(0, 0, 0.05, 0.2),
    delay: fc.constantFrom(5, 50, 500),
    slowCommit: fc.constantFrom(0, 30, 300),
  }),
  /** Whose workstations there are; the same member may have several. */
  devices: fc.array(fc.record({ team, member }), { minLength: 2, maxLength: 3 }),
  steps: fc.array(step, { minLength: 30, maxLength: 80 }),
})
export type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never
