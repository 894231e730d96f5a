/** Where a channel's event comes from: a customer, or a group. */
import { z } from 'zod'
import { ChannelId } from '../ids.ts'

export const Source = z.strictObject({
  channelId: ChannelId,
  kind: z.enum(['person', 'group']).default('person'),
  /** Who or which group it is, by the channel's id. */
  externalId: z.string().min(1).max(200),
  /** What they call themselves; null where the event does not say and the platform has to be asked. */
  name: z.string().max(1_000).nullable(),
  /** In E.164, where the platform gives it. */
  phone: z.string().max(30).nullable().default(null),
})
export type Source = z.infer<typeof Source>
