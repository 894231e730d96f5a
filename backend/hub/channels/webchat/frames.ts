/**
 * What goes over the socket between the customer's page and the hub, as JSON text frames. The page shows messages by
 * id, sorted by ordinal, so that repeats and reconnections change nothing.
 */
import { z } from 'zod'
import { AttachmentId, MessageId } from '../../../domain/ids.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import type { Time } from '../../../domain/rows.ts'

/** Largest frame the page may send, in bytes. */
export const PAGE_FRAME_MAX = 64 * 1024
/** How many messages one `history` or `messages` frame carries at most. */
export const MESSAGES_A_FRAME = 50

const Pixels = z.number().int().positive().max(100_000)
/** The database's own integers: it fails when it is asked about a larger one. */
const Ordinal = z.number().int().nonnegative().max(2_147_483_647)

/** Page → hub. */
export const PageFrame = z.discriminatedUnion('type', [
  /**
   * The first frame: everything after this ordinal is missing on the page; 0 asks for the newest. `deletions`: as it came
   * with the history that the page has.
   */
  z.strictObject({ type: z.literal('hello'), after: Ordinal, deletions: Ordinal.default(0) }),
  /** May be repeated with the same id any number of times. */
  z.strictObject({
    type: z.literal('send'),
    id: MessageId,
    content: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('text'), text: z.string() }),
      /** A file that was uploaded before. */
      z.strictObject({
        kind: z.literal('attachment'),
        attachmentId: AttachmentId,
        /** Pixels, for a picture. */
        image: z.strictObject({ width: Pixels, height: Pixels }).nullable(),
      }),
    ]),
  }),
  z.strictObject({ type: z.literal('older'), before: Ordinal }),
  z.strictObject({ type: z.literal('typing'), on: z.boolean() }),
  /** The page holds every message up to this ordinal: delivered. */
  z.strictObject({ type: z.literal('got'), upTo: Ordinal }),
  /** They are on a visible screen: read. */
  z.strictObject({ type: z.literal('seen'), upTo: Ordinal }),
  z.strictObject({ type: z.literal('ping') }),
])
export type PageFrame = z.infer<typeof PageFrame>

/** A message as the customer sees it: never a note, never a system line. */
export type PublicMessage = {
  id: string
  ordinal: number
  /** `name` is the member's, as the team wrote it; nothing else about members leaves the team. */
  from: { type: 'you' } | { type: 'member'; name: string } | { type: 'bot' }
  content:
    | { kind: 'text'; text: string }
    | { kind: 'image'; attachmentId: string; name: string; size: number; width: number; height: number }
    | { kind: 'file'; attachmentId: string; name: string; size: number }
  at: Time
}

/** Hub → page. */
export type PageAnswer =
  /** The newest messages, oldest first; the page forgets what it had. `deletions` tells one conversation from the next. */
  | { type: 'history'; messages: PublicMessage[]; hasOlder: boolean; deletions: number }
  /** What came before; the answer to `older`. */
  | { type: 'older'; messages: PublicMessage[]; hasOlder: boolean }
  /** What came after what the page has. */
  | { type: 'messages'; messages: PublicMessage[] }
  /** Durable at the hub; `kept: false` when it does not come back with a place in the thread. */
  | { type: 'accepted'; id: string; kept: boolean }
  | { type: 'refused'; id: string; refusal: Refusal }
  /** How the conversation stands; `name` is whoever answers. */
  | { type: 'state'; stage: 'new' | 'waiting' | 'answered' | 'closed'; name: string | null }
  | { type: 'pong' }
  /** The last frame before the hub closes the connection, or about a frame that is passed over. */
  | { type: 'error'; error: Refusal }
