/** Compares what was acknowledged with what is durable on the hub and on every device. Gives what differs, in words. */
import { isDeepStrictEqual } from 'node:util'
import type { Body, Conversation, Message } from '../../../backend/domain/rows.ts'
import { isHeld } from '../../../backend/sync/protocol.ts'
import { maySee } from '../../../backend/domain/visibility.ts'
import type { QueueItem } from '../../../backend/workstation/views.ts'
import type { Customer } from './customer.ts'
import type { DeviceState } from './device-state.ts'
import type { HubState } from './hub-state.ts'
import { matchTaken, show } from './ledger.ts'
import type { Deed, Taken } from './ledger.ts'
import { memberIdOf } from './team.ts'
import { wordsIn } from './words.ts'
import type { Workplace } from './workplace.ts'

/** A workplace with what was found there. */
export type Found = {
  place: Workplace
  device: DeviceState
  /** Of a workstation that the same member has just signed in at for the first time. */
  fresh: DeviceState
  /** What the member was shown as refused. */
  refused: readonly QueueItem[]
}

export type Comparison = {
  differences: string[]
  /** What became of each unanswered action. */
  resolved: { place: Workplace; deed: Deed; kept: boolean }[]
  customers: number
  taken: number
  refused: number
}

export function compareAll(hub: HubState, customers: readonly Customer[], found: readonly Found[]): Comparison {
  const differences = [...hub.differences]
  const resolved: Comparison['resolved'] = []
  const known = new Set<string>()
  for (const customer of customers) {
    for (const { id } of customer.written) known.add(id)
    differences.push(...customerDiffers(hub, customer))
  }
  let count = 0
  let refused = 0
  for (const one of found) {
    const { place, device } = one
    const taken = hub.taken.get(device.clientId) ?? []
    const matched = matchTaken(place.worker, place.ledger.deeds, taken)
    count += taken.length
    refused += matched.pairs.filter(([, { refusal }]) => refusal !== null).length
    differences.push(...matched.differences)
    for (const deed of matched.absent) resolved.push({ place, deed, kept: false })
    for (const [deed] of matched.pairs) {
      if (deed.outcome === 'unanswered') resolved.push({ place, deed, kept: true })
      if (deed.args.messageId) known.add(deed.args.messageId)
    }
    differences.push(...effectsDiffer(hub, place, matched.pairs))
    differences.push(...refusedDiffer(one, matched.pairs))
    differences.push(...deviceDiffers(hub, one))
  }
  for (const { id, conversationId } of hub.messages) {
    if (!known.has(id)) differences.push(`the hub has message ${id} in ${conversationId}, which nobody wrote`)
  }
  return {
    differences,
    resolved,
    customers: customers.reduce((sum, { written }) => sum + written.length, 0),
    taken: count,
    refused,
  }
}

/** Each message that was accepted is there once, in the customer's order; and they were shown what is theirs to see. */
function customerDiffers({ messages }: HubState, customer: Customer): string[] {
  const { name, conversationId, written, shown } = customer
  const own = messages.filter((message) => message.conversationId === conversationId)
  const inbound = own.filter(({ author }) => author.type === 'customer').map(({ id, body }) => [id, textOf(body)])
  const accepted = written.filter((one) => one.accepted).map(({ id, text }) => [id, text])
  const differences = isDeepStrictEqual(inbound, accepted)
    ? []
    : [`${name}: ${firstDifference('accepted', accepted.map(String), 'on the hub', inbound.map(String))}`]
  const visible = own.filter(({ body }) => body.kind !== 'note' && body.kind !== 'event')
  const onPage = [...shown.values()].toSorted((a, b) => a.ordinal - b.ordinal)
  const theirs = visible.map(({ id, ordinal, body }) => `${ordinal} ${id} ${textOf(body)}`)
  const seen = onPage.map(
    ({ id, ordinal, content }) => `${ordinal} ${id} ${content.kind === 'text' ? content.text : ''}`,
  )
  if (!isDeepStrictEqual(theirs, seen)) {
    differences.push(`${name}: ${firstDifference('on the hub', theirs, 'on the page', seen)}`)
  }
  const undelivered = visible.filter(({ delivery }) => delivery !== null && delivery.state !== 'read')
  differences.push(...undelivered.map(({ id, delivery }) => `${name} read ${id}, which is still ${delivery?.state}`))
  return differences
}

/** An accepted action did what it says, once, in its member's order; a refused one did nothing. */
function effectsDiffer(hub: HubState, { worker }: Workplace, pairs: readonly [Deed, Taken][]): string[] {
  const byId = new Map<string, Message>(hub.messages.map((message) => [message.id, message]))
  const newest = new Map<string, number>()
  return pairs.flatMap(([deed, { refusal }]) => {
    const { messageId, conversationId } = deed.args
    if (messageId === undefined) return []
    const message = byId.get(messageId)
    if (refusal !== null)
      return message ? [`${worker}: refused (${refusal}), and there all the same: ${show(deed)}`] : []
    if (!message) return [`${worker}: accepted, and without effect: ${show(deed)}`]
    const after = newest.get(conversationId) ?? 0
    newest.set(conversationId, message.ordinal)
    const isThis =
      message.conversationId === conversationId && isDeepStrictEqual(meaningOf(message), meantBy(worker, deed))
    return [
      ...(message.ordinal > after ? [] : [`${worker}: out of order: ${show(deed)}`]),
      ...(isThis ? [] : [`${worker}: ${show(deed)} became ${JSON.stringify(message)}`]),
    ]
  })
}

function meaningOf({ author, body }: Message): unknown {
  return [author, body]
}

/** Author and body that the action's message has to have. */
function meantBy(worker: Workplace['worker'], { name, args, typed }: Deed): unknown {
  const by = memberIdOf(worker)
  const event = (more: object) => [{ type: 'system' }, { kind: 'event', event: { ...more, by } }]
  switch (name) {
    case 'message.send':
      return [
        { type: 'member', memberId: by },
        { kind: 'text', text: typed },
      ]
    case 'note.add':
      return [
        { type: 'member', memberId: by },
        { kind: 'note', text: typed },
      ]
    case 'conversation.take':
      return event({ type: 'taken' })
    case 'conversation.close':
      return event({ type: 'closed' })
    case 'conversation.reopen':
      return event({ type: 'reopened' })
    case 'conversation.transfer':
      return event({ type: 'transferred', to: args['toMemberId'] })
    case 'conversation.markRead':
    case 'conversation.pin':
    case 'member.update':
    case 'message.retry':
      return null
  }
}

/** Every action that the hub refused is kept with its arguments and shown with its whole text (SYN-4). */
function refusedDiffer({ place: { worker }, device, refused }: Found, pairs: readonly [Deed, Taken][]): string[] {
  const expected = pairs
    // Nobody asked for it and nothing was typed.
    .filter(([{ name }, { refusal }]) => refusal !== null && name !== 'conversation.markRead')
    .map(([deed, { seq }]) => `${seq} ${deed.name} ${JSON.stringify(deed.args)}`)
  const kept = device.queue
    .filter(({ state }) => state === 'refused')
    .map(({ seq, name, args }) => `${seq} ${name} ${JSON.stringify(JSON.parse(args))}`)
  const waiting = device.queue.filter(({ state }) => state === 'waiting')
  const typed = pairs.flatMap(([{ typed: text }, { refusal }]) => (refusal !== null && text !== null ? [text] : []))
  const shown = refused.flatMap(({ text }) => (text === null ? [] : [text]))
  return [
    ...(isDeepStrictEqual(expected, kept) ? [] : [`${worker}: ${firstDifference('refused', expected, 'kept', kept)}`]),
    ...(isDeepStrictEqual(typed, shown) ? [] : [`${worker}: ${firstDifference('typed', typed, 'shown', shown)}`]),
    ...waiting.map(({ seq, name }) => `${worker}: number ${seq} (${name}) still waits on the disk`),
  ]
}

/** A device holds what a fresh one would (SYN-6), of what its member sees and of nothing else (ROL-2), whole. */
function deviceDiffers(hub: HubState, { place: { worker }, device, fresh }: Found): string[] {
  const differences = device.damage.map((what) => `${worker}: the store is damaged: ${what}`)
  if (!isDeepStrictEqual(device.rows, fresh.rows)) {
    differences.push(`${worker}: ${firstDifference('this device', device.rows, 'a fresh one', fresh.rows)}`)
  }
  for (const [which, { version }] of Object.entries({ device, fresh })) {
    if (version !== hub.version)
      differences.push(`${worker}: the ${which} is at version ${version}, the hub at ${hub.version}`)
  }
  const seen = new Map(seenBy(hub, worker).map((conversation) => [conversation.id, conversation]))
  const newest = hub.messages.filter((message) => {
    const conversation = seen.get(message.conversationId)
    return conversation !== undefined && isHeld(message, conversation)
  })
  const due = new Map<string, unknown>([...seen.values(), ...newest].map((row) => [row.id, row]))
  for (const id of new Set([...due.keys(), ...device.held.keys()])) {
    const [here, there] = [device.held.get(id), due.get(id)]
    if (isDeepStrictEqual(here, there)) continue
    differences.push(`${worker}: ${id} is ${JSON.stringify(here)} here, should be ${JSON.stringify(there)}`)
  }
  const inSight = new Set<string>(seen.keys())
  for (const [table, ids] of device.conversations) {
    const stray = [...ids].filter((id) => !inSight.has(id))
    if (stray.length > 0) differences.push(`${worker}: ${table} has rows of ${stray.join(' ')}, which is out of sight`)
  }
  const own = wordsIn(device.queue.map(({ args }) => args).join('\n'))
  for (const { conversationId, body } of hub.messages) {
    if (inSight.has(conversationId)) continue
    const stray = [...wordsIn(textOf(body))].filter((word) => device.words.has(word) && !own.has(word))
    differences.push(...stray.map((word) => `${worker}: ${word} of ${conversationId}, out of sight, is in the file`))
  }
  return differences
}

function seenBy({ conversations, members }: HubState, worker: Workplace['worker']): Conversation[] {
  const byId = new Map(members.map((member) => [member.id, member]))
  const member = byId.get(memberIdOf(worker))
  if (!member) throw new Error(`${worker} is not in the team`)
  return conversations.filter((conversation) => {
    const follower = conversation.followerId ? byId.get(conversation.followerId) : undefined
    return maySee(conversation, member, follower?.storeIds ?? [])
  })
}

function textOf(body: Body): string {
  return 'text' in body ? body.text : ''
}

/** Where two lists begin to differ, and how long each is. */
function firstDifference(one: string, a: readonly string[], other: string, b: readonly string[]): string {
  const at = a.findIndex((line, n) => line !== b[n])
  const where = at < 0 ? a.length : at
  return `${one} ${a.length}, ${other} ${b.length}; the first difference, at ${where}:\n    ${one}: ${a[where]}\n    ${other}: ${b[where]}`
}
