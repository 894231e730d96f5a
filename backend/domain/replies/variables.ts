/**
 * What a saved reply says differently to each customer (REP-1): `{{customer.name}}` in a text is filled in when the reply
 * is used. Whatever stands between two pairs of braces is a variable, so that a slip of the pen is refused when the
 * reply is saved instead of reaching a customer; a single brace is only a brace.
 */
import type { Channel, Contact, Member, Reply, ReplyMessage, Store, Team } from '../rows.ts'

/** Every variable by the name it has in texts; screens call it by its label. */
export const VARIABLES = [
  'customer.name',
  'customer.phone',
  'customer.email',
  'customer.memberNumber',
  'member.name',
  'store.name',
  'team.name',
  'channel.name',
] as const
export type Variable = (typeof VARIABLES)[number]

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g

/** What a reply is filled in from: who it is for, who sends it, and where. */
export type Facts = {
  contact: Pick<Contact, 'name' | 'phone' | 'matchedPhone' | 'email' | 'memberNumber' | 'binding'>
  member: Pick<Member, 'name' | 'storeIds'>
  stores: readonly Store[]
  team: Pick<Team, 'name'>
  channel: Pick<Channel, 'name'>
}
/** A reply with everything filled in that is known; of what is `missing`, the placeholders still stand in the texts. */
export type Filled = { messages: ReplyMessage[]; missing: Variable[] }

/** The variables of a text, each once, in their order; what is none of ours is among the `unknown`. */
export function variablesOf(text: string): { known: Variable[]; unknown: string[] } {
  const known = new Set<Variable>()
  const unknown = new Set<string>()
  for (const [, inside = ''] of text.matchAll(PLACEHOLDER)) {
    const variable = variableOf(inside)
    if (variable) known.add(variable)
    else unknown.add(inside.trim())
  }
  return { known: [...known], unknown: [...unknown] }
}

/** Puts the values in. One that itself looks like a variable stays as it is: it is what the customer is called. */
export function fillIn({ messages }: Pick<Reply, 'messages'>, facts: Facts): Filled {
  const missing = new Set<Variable>()
  const fill = (text: string) =>
    text.replace(PLACEHOLDER, (whole, inside: string) => {
      const variable = variableOf(inside)
      if (!variable) return whole
      const value = valueOf(variable, facts)
      if (value === '') missing.add(variable)
      return value === '' ? whole : value
    })
  const filled = messages.map((message) =>
    message.kind === 'text' ? { ...message, text: fill(message.text) } : message,
  )
  return { messages: filled, missing: [...missing] }
}

function variableOf(inside: string): Variable | undefined {
  return VARIABLES.find((variable) => variable === inside.trim())
}

/** Empty when it is not known. */
function valueOf(variable: Variable, { contact, member, stores, team, channel }: Facts): string {
  switch (variable) {
    case 'customer.name':
      return contact.name.trim()
    case 'customer.phone':
      return contact.phone ?? contact.matchedPhone ?? ''
    case 'customer.email':
      return contact.email ?? ''
    case 'customer.memberNumber':
      return contact.memberNumber ?? ''
    case 'member.name':
      return member.name
    case 'store.name': {
      // The customer's store by the binding; without one the sender's, when there can be no doubt which that is.
      const only = member.storeIds.length === 1 ? member.storeIds[0] : undefined
      const storeId = contact.binding?.storeId ?? only
      return stores.find(({ id }) => id === storeId)?.name ?? ''
    }
    case 'team.name':
      return team.name
    case 'channel.name':
      return channel.name
  }
}
