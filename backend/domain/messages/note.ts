/** Internal notes 備註: they stay inside the team (CNV-8). */
import { z } from 'zod'
import { mayNote } from '../conversations/permissions.ts'
import { permitted } from '../conversations/permitted.ts'
import { ConversationId, MessageId } from '../ids.ts'
import { defineCommand, put } from '../rule.ts'
import { append } from './append.ts'
import { NoteText, checkText } from './content.ts'

/** Adds a note. It has no effect outside: nothing about it can reach a channel. */
export const addNote = defineCommand({
  name: 'note.add',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, messageId: MessageId, text: NoteText }),
  *run(args, context) {
    const { member, conversation } = yield* permitted(args.conversationId, context, mayNote)
    const note = {
      id: args.messageId,
      author: { type: 'member', memberId: member.id },
      body: { kind: 'note', text: yield* checkText(args.text) },
      delivery: null,
    } as const
    yield* put('conversation', yield* append(conversation, note, context.now))
  },
})
