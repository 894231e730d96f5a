/**
 * What a WhatsApp template is made of, reduced to what is shown, filled in and sent. The platform's own form of it is
 * read by the hub alone.
 */
import { z } from 'zod'

/** A text with placeholders `{{1}}` or `{{name}}`. */
const Text = z.string()

export const TemplateComponents = z.strictObject({
  header: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('text'), text: Text }),
      /** A picture, video or document that is given with each message. */
      z.strictObject({ kind: z.literal('media'), media: z.enum(['image', 'video', 'document']) }),
      z.strictObject({ kind: z.literal('location') }),
    ])
    .nullable(),
  body: Text,
  footer: z.string(),
  buttons: z.array(
    z.discriminatedUnion('kind', [
      /** `url` may end in a placeholder. */
      z.strictObject({ kind: z.literal('url'), text: z.string(), url: Text }),
      z.strictObject({ kind: z.literal('copyCode'), text: z.string() }),
      z.strictObject({ kind: z.literal('flow'), text: z.string() }),
      z.strictObject({ kind: z.literal('quickReply'), text: z.string() }),
      z.strictObject({ kind: z.literal('phone'), text: z.string() }),
    ]),
  ),
})
export type TemplateComponents = z.infer<typeof TemplateComponents>
