/** What the sandbox's page is told and what it may ask for: the form of everything between the two. */
import { z } from 'zod'

/** The phones that are drawn; a group is a chat on LINE with several people. */
export const APPS = ['line', 'group', 'whatsapp'] as const
export type App = (typeof APPS)[number]
export const PLATFORMS = ['line', 'whatsapp'] as const
export type Platform = (typeof PLATFORMS)[number]

/** Somebody's chat with the shop, on their own phone. */
export type Chat = {
  /** LINE's user or group id; of WhatsApp the number, or the business-scoped id of who shows none. */
  id: string
  app: App
  name: string
  /** The number or name by which the platform knows them. */
  about: string
  /** One of the sandbox's own people; others are there once the shop wrote to them. */
  isNamed: boolean
  /** `stranger` has not added the account; of a group: `out` when the account is not in it. */
  relation: 'with' | 'stranger' | 'blocked' | 'out'
  /** Of a group. */
  members: { id: string; name: string; isIn: boolean }[]
  /** Until when anything but a template may be written to them, in ms; null on LINE, and before they wrote. */
  windowUntil: number | null
}

export const STEPS = ['accepted', 'sent', 'delivered', 'read'] as const
export type Step = (typeof STEPS)[number]

export type Button = { id: string; text: string; isReply: boolean }

export type Content =
  | { kind: 'text'; text: string }
  /** `src` is null while it is on its way, or when there is no picture: `problem` says why. */
  | { kind: 'image'; src: string | null; caption: string; problem: string | null }
  | { kind: 'video' | 'audio'; src: string | null }
  | { kind: 'file'; name: string; src: string | null }
  | { kind: 'sticker'; label: string; src: string | null }
  | { kind: 'location'; title: string; address: string }
  | { kind: 'template'; header: string; src: string | null; text: string; footer: string; buttons: Button[] }
  /** `what` is the platform's name for its kind. */
  | { kind: 'other'; what: string }
  | { kind: 'unsent' }
  | { kind: 'event'; event: 'followed' | 'blocked' | 'unblocked' | 'joined' | 'left' | 'memberJoined' | 'memberLeft' }
  | { kind: 'passed'; hours: number }

/** One line of a thread. */
export type Entry = {
  id: string
  chatId: string
  /** In ms since 1970. */
  at: number
  /** The shop, a person by their id, or nobody: then it is about the chat. */
  by: 'shop' | 'nobody' | { id: string; name: string }
  content: Content
  /** How far a message of the shop has come, where the platform tells. */
  state: Step | 'failed' | null
  failure: string | null
  /** What the customer has put on it. */
  reaction: string | null
}

/** One request a platform got. */
export type CallLine = {
  id: string
  platform: Platform | 'sms'
  at: number
  method: string
  path: string
  status: number | null
  problems: string[]
  /** The fault that was played on it. */
  fault: string | null
}

/** One attempt to tell the hub something. */
export type DeliveryLine = {
  id: string
  platform: Platform
  at: number
  status: number | null
  failure: string | null
  attempt: number
  /** The kinds of what was told. */
  what: string[]
}

export type Settings = {
  /** How far messages on WhatsApp get by themselves. */
  automatic: Step
  /** What is going to be wrong with the next message; null for nothing. */
  next: Record<Platform, string | null>
  isHubThere: boolean
}

export type All = {
  type: 'all'
  chats: Chat[]
  entries: Entry[]
  calls: CallLine[]
  deliveries: DeliveryLine[]
  settings: Settings
  failures: Record<Platform, readonly string[]>
}
export type News =
  | All
  | { type: 'chat'; chat: Chat }
  | { type: 'entry'; entry: Entry }
  | { type: 'call'; call: CallLine }
  | { type: 'delivery'; delivery: DeliveryLine }
  | { type: 'settings'; settings: Settings }

const id = z.string().min(1).max(300)
/** Who acts in a group; in a chat of one's own it is who the chat is with. */
const as = id.optional()

export const SAMPLES = ['picture', 'document', 'voice', 'sticker', 'location', 'contact'] as const
export type Sample = (typeof SAMPLES)[number]

/** What the customer, or the platform, does. */
export const Act = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('write'), chat: id, as, text: z.string().min(1).max(20_000) }),
  z.strictObject({ do: z.literal('sample'), chat: id, as, what: z.enum(SAMPLES) }),
  z.strictObject({ do: z.literal('unsend'), chat: id, entry: id }),
  /** An empty emoji takes it back. */
  z.strictObject({ do: z.literal('react'), chat: id, entry: id, emoji: z.string().max(20) }),
  z.strictObject({ do: z.literal('press'), chat: id, entry: id, button: id }),
  /** Adds the account, or takes the block back. */
  z.strictObject({ do: z.literal('follow'), chat: id }),
  z.strictObject({ do: z.literal('block'), chat: id }),
  z.strictObject({ do: z.literal('join'), chat: id }),
  z.strictObject({ do: z.literal('leave'), chat: id }),
  z.strictObject({ do: z.literal('memberJoin'), chat: id, as: id }),
  z.strictObject({ do: z.literal('memberLeave'), chat: id, as: id }),
  z.strictObject({ do: z.literal('advance'), chat: id, entry: id, to: z.enum(['delivered', 'read']) }),
  z.strictObject({ do: z.literal('automatic'), to: z.enum(STEPS) }),
  z.strictObject({
    do: z.literal('passTime'),
    chat: id,
    hours: z
      .number()
      .positive()
      .max(31 * 24),
  }),
  z.strictObject({ do: z.literal('failNext'), platform: z.enum(PLATFORMS), failure: z.string().max(50).nullable() }),
])
export type Act = z.infer<typeof Act>

/** Why something cannot be done. */
export const REFUSALS = ['invalid', 'notThere', 'blocked', 'notInGroup', 'hub', 'notHere'] as const
export type Refused = (typeof REFUSALS)[number]
