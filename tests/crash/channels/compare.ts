/** Compares what customers wrote and were shown with what the hub has. Gives what differs, in words. */
import { isDeepStrictEqual } from 'node:util'
import type { Delivery, Message } from '../../../backend/domain/rows.ts'
import type { Chat, Side } from './chat.ts'
import { counted } from './chat.ts'
import type { ChannelsState } from './state.ts'

/** A member's reply that their device took. */
export type Reply = { chat: Chat; text: string }

export type Comparison = {
  differences: string[]
  inbound: number
  outbound: number
  /** How many messages to customers ended how, by channel. */
  ends: Record<string, number>
  /** Messages whose end the hub does not know, and how many of them reached the customer. */
  uncertain: { all: number; reached: number }
}

export function compare(hub: ChannelsState, sides: readonly Side[], replies: readonly Reply[]): Comparison {
  const differences = [...hub.differences, ...hub.left, ...sides.flatMap((side) => side.invalid())]
  for (const { why, events } of hub.failures) differences.push(`nothing came of ${events} events: ${why}`)
  if (hub.attempts > 0) differences.push(`${hub.attempts} attempts to send are still open`)
  const ends: string[] = []
  const uncertain = { all: 0, reached: 0 }
  let inbound = 0
  let outbound = 0
  const repliesOf = Map.groupBy(replies, ({ chat }) => chat)
  for (const side of sides) {
    for (const chat of side.chats) {
      const rows = rowsOf(hub, chat, differences)
      const written = rows.flatMap((row) => (row.author.type === 'customer' ? [textOf(row)] : []))
      inbound += written.length
      if (!isDeepStrictEqual(written, chat.written)) differences.push(writtenDiffers(side, chat, written))
      const sent = rows.filter(({ delivery }) => delivery !== null)
      outbound += sent.length
      differences.push(...repliesDiffer(side, chat, repliesOf.get(chat) ?? [], sent))
      differences.push(...sentDiffers(side, chat, sent))
      for (const row of sent) {
        ends.push(`${side.name} ${endOf(row.delivery)}`)
        if (row.delivery?.state !== 'failed' || row.delivery.code !== 'channel.uncertain') continue
        uncertain.all += 1
        if (chat.shown().some(({ text, told }) => text === textOf(row) && told?.state !== 'failed'))
          uncertain.reached += 1
      }
    }
  }
  return { differences, inbound, outbound, ends: counted(ends.toSorted()), uncertain }
}

/** The messages of the chat's one conversation, in order. */
function rowsOf(hub: ChannelsState, chat: Chat, differences: string[]): Message[] {
  const contacts = hub.contacts.filter((one) => one.channelId === chat.channelId && one.externalId === chat.externalId)
  const conversations = hub.conversations.filter(({ contactId }) => contacts.some(({ id }) => id === contactId))
  if (contacts.length !== 1 || conversations.length !== 1) {
    differences.push(`${chat.externalId} is ${contacts.length} contacts with ${conversations.length} conversations`)
  }
  const [conversation] = conversations
  return conversation ? hub.messages.filter(({ conversationId }) => conversationId === conversation.id) : []
}

function writtenDiffers({ name }: Side, { externalId, written }: Chat, found: readonly string[]): string {
  const counts = counted(found)
  const missing = written.filter((text) => !counts[text])
  const twice = Object.keys(counts).filter((text) => (counts[text] ?? 0) > 1)
  const what = [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(twice.length > 0 ? [`twice: ${twice.join(', ')}`] : []),
  ]
  const order = `in another order: ${found.join(', ')} instead of ${written.join(', ')}`
  return `what ${name} ${externalId} wrote: ${what.length > 0 ? what.join('; ') : order}`
}

function repliesDiffer({ name }: Side, chat: Chat, replies: readonly Reply[], sent: readonly Message[]): string[] {
  const counts = counted(sent.map(textOf))
  return replies
    .filter(({ text }) => counts[text] !== 1)
    .map(({ text }) => `${name} ${chat.externalId}: a reply is ${counts[text] ?? 0} messages of the hub: ${text}`)
}

/** Each message once at the customer or failed, in order, and as far as the platform says. */
function sentDiffers({ name }: Side, chat: Chat, sent: readonly Message[]): string[] {
  const shown = chat.shown()
  const known = new Set(sent.map(textOf))
  const where = `${name} ${chat.externalId}`
  const strange = shown
    .filter(({ text }) => !known.has(text))
    .map(({ text }) => `${where} was shown ${text}, which nobody sent`)
  const wrong = sent.flatMap((row) => {
    const own = shown.filter(({ text }) => text === textOf(row))
    const reached = own.filter(({ told }) => told?.state !== 'failed').length
    const says = `${where}: ${textOf(row)} is ${endOf(row.delivery)}, and reached the customer ${reached} times`
    if (own.length > 1 || row.delivery === null) return [says]
    if (row.delivery.state === 'failed') {
      const may = row.delivery.code === 'channel.uncertain' ? 1 : 0
      return reached > may ? [says] : []
    }
    if (reached !== 1) return [says]
    const told = own[0]?.told
    return told && told.state !== row.delivery.state ? [`${says}; the platform said ${told.state}`] : []
  })
  const place = new Map(sent.map((row, n) => [textOf(row), n]))
  const order = shown.flatMap(({ text }) => place.get(text) ?? [])
  const isInOrder = order.every((n, i) => i === 0 || n > (order[i - 1] ?? 0))
  return [...strange, ...wrong, ...(isInOrder ? [] : [`${where} was shown messages in the order ${order.join(' ')}`])]
}

function endOf(delivery: Delivery | null): string {
  return delivery?.state === 'failed' ? `failed (${delivery.code})` : (delivery?.state ?? 'nothing')
}

function textOf({ body }: Message): string {
  return 'text' in body ? body.text : body.kind
}
