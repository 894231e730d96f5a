/** What a member or a customer may put in a message, checked and cleaned at the edge of the rules. */
import { z } from 'zod'
import { ATTACHMENT_MAX, FILE_TYPES, IMAGE_TYPES } from '../attachments.ts'
import { AttachmentId } from '../ids.ts'
import { refuse } from '../refusal.ts'
import { reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { MESSAGE_TEXT_MAX, cleanName, cleanText } from '../text.ts'

/** Loose in length, so that a text that is too long is refused with a code instead of as a malformed request. */
const Text = z.string().max(200_000)
const attachment = {
  attachmentId: AttachmentId,
  name: z.string().min(1).max(255),
  size: z.number().int().positive().max(ATTACHMENT_MAX),
}

/** What can be sent to or by a customer. */
export const Content = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: Text }),
  z.strictObject({
    kind: z.literal('image'),
    ...attachment,
    mime: z.enum(IMAGE_TYPES),
    width: z.number().int().positive().max(100_000),
    height: z.number().int().positive().max(100_000),
  }),
  z.strictObject({ kind: z.literal('file'), ...attachment, mime: z.enum(FILE_TYPES) }),
])
export type Content = z.infer<typeof Content>
export const NoteText = Text

/** The text as it is stored. Refuses an empty one and one over the limit; the whole text stays with who typed it. */
export function* checkText(text: string): Rule<string> {
  const clean = cleanText(text)
  if (clean.trim() === '') return yield* reject(refuse('text.empty', {}))
  if (clean.length > MESSAGE_TEXT_MAX) {
    return yield* reject(
      refuse('text.tooLong', { length: clean.length, max: MESSAGE_TEXT_MAX }, { instead: 'shorten' }),
    )
  }
  return clean
}

/** The content as it is stored. */
export function* checkContent(content: Content): Rule<Content> {
  if (content.kind === 'text') return { kind: 'text', text: yield* checkText(content.text) }
  return { ...content, name: cleanName(content.name) || 'file' }
}
