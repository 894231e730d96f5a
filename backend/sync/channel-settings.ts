/** What admins and the hub say to each other about channels and their accounts: over HTTP, and through the workstation. */
import { z } from 'zod'
import { addChannel, configureChannel } from '../domain/channels/settings.ts'
import { Failure } from '../domain/channels/failures.ts'
import { Channel, Time } from '../domain/rows.ts'

export const ChannelAdd = addChannel.args
export type ChannelAdd = z.infer<typeof ChannelAdd>

export const ChannelChange = configureChannel.args.omit({ channelId: true })
export type ChannelChange = z.infer<typeof ChannelChange>

/** Fields of an account by their names. An empty secret, and a field that is not there, stay what they are. */
export const AccountFields = z.record(z.string().regex(/^\w{1,64}$/), z.string().max(5_000))
export type AccountFields = z.infer<typeof AccountFields>

/** A channel as admins see it; nothing here is a secret. */
export const ChannelView = z.strictObject({
  channel: Channel,
  /** Null while there is none. */
  account: z
    .strictObject({
      settings: z.record(z.string(), z.string()),
      /** Which secrets are kept. */
      secrets: z.array(z.string()),
      /** When the platform last called; null when it never has. */
      calledAt: Time.nullable(),
      /** When the platform's templates were last read; null when they never were. */
      templatesAt: Time.nullable(),
    })
    .nullable(),
  /** Where the platform has to call, and whether that address is one it can take; null for a kind that is not called. */
  webhook: z.strictObject({ url: z.string(), isHttps: z.boolean() }).nullable(),
  /** The web chat's own page, and the script that puts it on another; null for other kinds. */
  chat: z.strictObject({ page: z.string(), script: z.string() }).nullable(),
})
export type ChannelView = z.infer<typeof ChannelView>
export const ChannelViews = z.strictObject({ channels: z.array(ChannelView) })

/** `detail` is the platform's own words. */
export const CheckStep = z.strictObject({
  step: z.enum(['token', 'webhook', 'subscription', 'quota']),
  ok: z.boolean(),
  code: Failure.nullable(),
  detail: z.string(),
})
export type CheckStep = z.infer<typeof CheckStep>
export const ChannelCheck = z.strictObject({ steps: z.array(CheckStep), view: ChannelView })
export type ChannelCheck = z.infer<typeof ChannelCheck>

/** How many templates the platform has, or why it did not tell. */
export const TemplateRefresh = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), count: z.number().int(), view: ChannelView }),
  z.strictObject({ ok: z.literal(false), code: Failure }),
])
export type TemplateRefresh = z.infer<typeof TemplateRefresh>
