/** What has to hold after every run, whatever happened in it. */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { ConversationId, TeamId } from '../../backend/domain/ids.ts'
import { TABLE_NAMES } from '../../backend/domain/rows.ts'
import type { Conversation, Member } from '../../backend/domain/rows.ts'
import { maySeeReply } from '../../backend/domain/replies/permissions.ts'
import { maySee } from '../../backend/domain/visibility.ts'
import { readAll } from '../../backend/hub/store/rows.ts'
import { horizonAt, isRecent } from '../../backend/sync/protocol.ts'
import { typedIn } from '../../backend/workstation/store/queue.ts'
import type { SimDevice } from './device.ts'
import { heldIn } from './held.ts'
import type { Held } from './held.ts'
import { Model } from './model.ts'
import type { Taken } from './model.ts'
import { TEAMS } from './plan.ts'
import { teamId } from './world.ts'
import type { World } from './world.ts'

const About = z.object({ conversationId: z.string() })

/** @returns what does not hold, in words; empty when all is well */
export async function violations(world: World): Promise<string[]> {
  const found: string[] = [...world.problems, ...world.hub.problems].map((line) => `a program complained: ${line}`)
  const teams = Array.from({ length: TEAMS }, (_, n) => teamId(n))
  const model = new Model(teams, world.hub.history)
  found.push(...model.differences)
  for (const id of teams) found.push(...(await hubAgainstModel(world, id, model)))
  found.push(...customersHeard(world, model))
  for (const device of world.devices) {
    const held = heldIn(device.path)
    const member = memberOf(model, device)
    found.push(...actionsOf(world, device, model, held, member?.active ?? false))
    // Someone who is no longer active gets nothing more of the hub.
    if (!member?.active) continue
    found.push(...scopeOf(world, device, member, model, held))
    found.push(...erasureOf(device, model, held))
    found.push(...(await againstFresh(world, device, held)))
  }
  return found
}

/** The sequential model agrees with the hub. */
async function hubAgainstModel({ hub }: World, id: TeamId, model: Model): Promise<string[]> {
  const found: string[] = []
  for (const table of TABLE_NAMES) {
    const expected = (model.teams.get(id)?.all(table) ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const rows = await readAll(hub.db, id, table)
    if (!isDeepStrictEqual(rows, expected)) {
      found.push(`[model] ${id}: the hub's ${table} rows are not the model's: ${differenceOf(rows, expected)}`)
    }
  }
  return found
}

/** Each message of a customer that the hub said it has is there once; those of one customer in their order. */
function customersHeard(world: World, model: Model): string[] {
  const found: string[] = []
  const latest = new Map<string, number>()
  for (const { teamId: id, args, answer } of world.inbound) {
    const rows = (model.teams.get(id)?.all('message') ?? []).filter((row) => row.id === args.messageId)
    const [row] = rows
    if (!row) {
      // A restored hub has forgotten what came after its backup.
      if (answer === 'ok' && world.restores === 0 && !model.erased.has(args.messageId))
        found.push(`[SYN-2] a customer's message is lost: ${args.messageId}`)
      continue
    }
    const queue = `${id} ${args.conversationId}`
    if (row.ordinal <= (latest.get(queue) ?? 0)) found.push(`[SYN-3] a customer's messages are out of order: ${row.id}`)
    latest.set(queue, row.ordinal)
  }
  return found
}

/** SYN-2, 3, 4: what the member did took effect once, in order, or is refused and visible; nothing else happened. */
function actionsOf(world: World, device: SimDevice, model: Model, held: Held, isActive: boolean): string[] {
  const found: string[] = []
  const deleted = deletedEver(world, device, model)
  const own = (taken: Pick<Taken, 'clientId'>) => taken.clientId === device.clientId
  const taken = model.taken.filter(own)
  const known = new Set(device.issued.map(({ at }) => at))
  let last = 0
  for (const { command } of taken) {
    if (command.at <= last)
      found.push(`[SYN-3] ${device.name}: ${command.name} at ${command.at} is out of order, or there twice`)
    if (!known.has(command.at)) found.push(`[SYN-3] ${device.name}: nobody did ${command.name} at ${command.at}`)
    last = Math.max(last, command.at)
  }
  const byTime = new Map(taken.map((one) => [one.command.at, one]))
  const ever = new Set(
    world.hub.ever.flatMap((done) => (done.by === 'member' && own(done.identity) ? [done.command.at] : [])),
  )
  for (const { at, name, args, answer } of device.issued) {
    const what = `${device.name}: ${name} at ${at}`
    // With its conversation goes what was done there, whatever had become of it (DEL-7).
    if (deleted.has(String(args['conversationId']))) continue
    const here = held.items.filter((item) => item.at === at)
    const there = byTime.get(at)
    const isSettled = device.settled.has(at)
    const wasForgotten = world.restores > 0 && ever.has(at)
    if (here.length > 1) found.push(`[SYN-3] ${what} is in the queue ${here.length} times`)
    if (answer === 'ok' && !there && here.length === 0 && !isSettled && !wasForgotten) {
      found.push(`[SYN-2] ${what} (${JSON.stringify(args)}) is lost`)
    }
    if (there?.refusal && name !== 'conversation.markRead' && !isSettled) {
      const typed = typedIn(there.command.args)
      if (typed !== null && !here.some((item) => typedIn(item.args) === typed)) {
        found.push(`[SYN-4] the text of the refused ${what} is gone`)
      }
      if (isActive && here[0]?.state !== 'refused') found.push(`[SYN-4] the refused ${what} is not shown`)
    }
    // Somebody who is no longer active is not told what became of it.
    if (isActive && there && !there.refusal && here.length > 0) {
      found.push(`[SYN-3] the accepted ${what} is still in the queue as ${here[0]?.state}`)
    }
  }
  for (const [id, text] of device.drafts) {
    const kept = held.drafts.get(id) === text || held.items.some((item) => typedIn(item.args) === text)
    if (text.trim() !== '' && !kept && device.settled.size === 0 && !deleted.has(id))
      found.push(`[SYN-2] ${device.name}: the draft for ${id} is lost`)
  }
  return found
}

/** Conversations of the device's team that were deleted, as far as the device may have heard. */
function deletedEver(world: World, { teamId: id }: SimDevice, model: Model): Set<string> {
  const own = [...model.deleted].flatMap((key) => (key.startsWith(`${id} `) ? [key.slice(id.length + 1)] : []))
  if (world.restores === 0) return new Set(own)
  // A hub that was put back may have had deletions that it has no more.
  const tried = world.hub.ever.flatMap((done) =>
    done.by === 'member' && done.teamId === id && /\.(delete|blacklist)$/.test(done.command.name)
      ? [About.parse(done.command.args).conversationId]
      : [],
  )
  return new Set([...own, ...tried])
}

/** DEL-7: of a deleted conversation nothing is left on a device, typed or not. */
function erasureOf({ teamId: id, name }: SimDevice, model: Model, held: Held): string[] {
  const isDeleted = (conversationId: string) => model.deleted.has(`${id} ${conversationId}`)
  const about = held.items.flatMap(({ args }) => About.safeParse(args).data?.conversationId ?? [])
  const left = [...held.conversations, ...held.drafts.keys(), ...about].filter(isDeleted)
  return left.length === 0 ? [] : [`[DEL-7] ${name}: something is left of ${[...new Set(left)].join(', ')}`]
}

/** ROL-1, ROL-2: the device has every conversation of the member's scope, and nothing about any other. */
function scopeOf(world: World, device: SimDevice, member: Member, model: Model, held: Held): string[] {
  const found: string[] = []
  const store = model.teams.get(device.teamId)
  const horizon = horizonAt(world.now)
  const stores = new Map((store?.all('member') ?? []).map((one) => [one.id, one.storeIds]))
  const inScope = (one: Conversation) =>
    maySee(one, member, (one.followerId && stores.get(one.followerId)) || []) && isRecent(one, horizon)
  const scope = new Set<string>((store?.all('conversation') ?? []).filter(inScope).map(({ id }) => id))
  for (const id of held.conversations)
    if (!scope.has(id)) found.push(`[ROL-2] ${device.name}: something about ${id} is on the device`)
  for (const id of scope) {
    if (!device.store?.conversation(id as ConversationId)) found.push(`[ROL-1] ${device.name}: ${id} is missing`)
  }
  const replies = (store?.all('reply') ?? []).filter((reply) => maySeeReply(reply, member))
  const seen = new Set<string>(replies.map(({ id }) => id))
  for (const { id } of device.store?.replies().replies ?? []) {
    if (!seen.delete(id)) found.push(`[ROL-2] ${device.name}: the reply ${id} is on the device`)
  }
  for (const id of seen) found.push(`[REP-1] ${device.name}: the reply ${id} is missing`)
  for (const [what, count] of Object.entries(held.leftovers)) {
    if (count !== 0) found.push(`[SYN-6] ${device.name}: ${count} rows are left in ${what}`)
  }
  return found
}

/** SYN-6: what a workstation holds is what a new one of the same member would hold. */
async function againstFresh(world: World, device: SimDevice, held: Held): Promise<string[]> {
  const expected = heldIn(await world.fresh(device))
  return Object.keys(expected.shared).flatMap((what) => {
    const [is, should] = [held.shared[what] ?? [], expected.shared[what] ?? []]
    if (isDeepStrictEqual(is, should)) return []
    return [`[SYN-6] ${device.name}: ${what} is not what a fresh device has: ${differenceOf(is, should)}`]
  })
}

function memberOf(model: Model, { teamId: id, memberId }: SimDevice): Member | undefined {
  return model.teams
    .get(id)
    ?.all('member')
    .find((member) => member.id === memberId)
}

function differenceOf(is: readonly unknown[], should: readonly unknown[]): string {
  const texts = (rows: readonly unknown[]) => new Set(rows.map((row) => JSON.stringify(row)))
  const [a, b] = [texts(is), texts(should)]
  const only = (x: Set<string>, y: Set<string>) => [...x].filter((row) => !y.has(row)).slice(0, 2)
  return `too much ${only(a, b).join(' ') || '-'}; missing ${only(b, a).join(' ') || '-'} (${is.length} and ${should.length})`
}
