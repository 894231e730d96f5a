/** What the page may ask of the shell: the check of every payload before anything is done with it. */
import { z } from 'zod'
import type { ShellChannel, ShellRequests } from '../bridge.ts'

const conversationId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

/** Schema by channel. `satisfies` keeps it in step with the types that the page sees. */
export const requests = {
  info: z.null(),
  badge: z.number().int().min(0).max(99_999),
  notify: z.strictObject({
    title: z.string().min(1).max(200),
    body: z.string().max(500),
    conversationId: conversationId.nullable(),
    silent: z.boolean(),
  }),
  print: z.null(),
  openExternal: z.string().max(2048),
  language: z.enum(['zh-Hant-TW', 'en']),
} satisfies { [C in ShellChannel]: z.ZodType<ShellRequests[C]['takes']> }

/** Whether a message comes from our own page itself: not from a frame in it, nor from anything else. */
export function isOwnSender(
  sender: { url: string; isMainFrame: boolean; isOurWindow: boolean },
  origin: string | null,
  isOwnPage: (url: string, origin: string | null) => boolean,
): boolean {
  return sender.isOurWindow && sender.isMainFrame && isOwnPage(sender.url, origin)
}
