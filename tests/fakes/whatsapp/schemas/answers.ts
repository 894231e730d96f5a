/** What the Cloud API answers, as our own schemas: the fake checks each of its answers before it leaves. */
import { z } from 'zod'

export const Success = z.object({ success: z.literal(true) })

/** A refusal, in the shape of the Graph API. */
export const GraphError = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(['OAuthException', 'GraphMethodException']),
    code: z.int(),
    error_subcode: z.int().optional(),
    error_data: z.object({ messaging_product: z.literal('whatsapp'), details: z.string() }).optional(),
    fbtrace_id: z.string().min(1),
  }),
})
export type GraphError = z.infer<typeof GraphError>

export const SendAnswer = z.object({
  messaging_product: z.literal('whatsapp'),
  contacts: z
    .array(
      z.object({
        input: z.string(),
        wa_id: z.string().regex(/^\d+$/).optional(),
        user_id: z.string().optional(),
      }),
    )
    .length(1),
  messages: z
    .array(z.object({ id: z.string().startsWith('wamid.'), message_status: z.literal('accepted').optional() }))
    .length(1),
})

export const UploadAnswer = z.object({ id: z.string().regex(/^\d+$/) })

export const MediaAnswer = z.object({
  messaging_product: z.literal('whatsapp'),
  url: z.url(),
  mime_type: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Bytes, as digits. */
  file_size: z.string().regex(/^\d+$/),
  id: z.string(),
})

export const PhoneNumberAnswer = z.object({
  id: z.string(),
  display_phone_number: z.string().optional(),
  verified_name: z.string().optional(),
  quality_rating: z.enum(['GREEN', 'YELLOW', 'RED', 'NA']).optional(),
  code_verification_status: z.enum(['VERIFIED', 'UNVERIFIED']).optional(),
  name_status: z.string().optional(),
})

const cursors = z.object({ before: z.string(), after: z.string() })

export const TemplatesAnswer = z.object({
  data: z.array(z.object({ id: z.string() }).loose()),
  paging: z.object({ cursors, next: z.url().optional() }).optional(),
})

const blocked = z.object({ input: z.string(), wa_id: z.string().optional(), user_id: z.string().optional() })
const failed = blocked.extend({
  errors: z
    .array(z.object({ message: z.string(), code: z.int(), error_data: z.object({ details: z.string() }) }))
    .min(1),
})

/** Some may be blocked and some not: then it comes with status 400 and an error beside the lists. */
export const BlockAnswer = z.object({
  messaging_product: z.literal('whatsapp'),
  block_users: z.object({
    added_users: z.array(blocked).optional(),
    removed_users: z.array(blocked).optional(),
    failed_users: z.array(failed).optional(),
  }),
  error: GraphError.shape.error.optional(),
})

export const BlockedAnswer = z.object({
  data: z.array(
    z.object({
      messaging_product: z.literal('whatsapp'),
      wa_id: z.string().optional(),
      user_id: z.string().optional(),
    }),
  ),
  paging: z.object({ cursors }).optional(),
})

export const SubscribedAnswer = z.object({
  data: z.array(
    z.object({ whatsapp_business_api_data: z.object({ id: z.string(), name: z.string(), link: z.string() }) }),
  ),
})
