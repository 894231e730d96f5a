/** Internal notes 備註: they stay inside the team (CNV-8). */
import { z } from 'zod'
import { mayNote } from '../conversations/permissions.ts'
import { ConversationId, MessageId } from '../ids.ts'
import { allow, asMember, defineCommand, put } from '../rule.ts'
import { seen } from '../visibility.ts'
import { append } from './append.ts'
import { NoteText, checkText } from './content.ts'

/** Adds a note. It has no effect outside: nothing about it can reach a channel. */
export const addNote = defineCommand({
  name: 'note.add',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ conversationId: ConversationId, messageId: MessageId, text: NoteText }),
  *run(args, context) {
    const member = yield* asMember(context)
    const conversation = yield* seen(args.conversationId, member)
    yield* allow(mayNote(conversation, member))
    const note = {
      id: args.messageId,
      author: { type: 'member', memberId: member.id },
      body: { kind: 'note', text: yield* checkText(args.text) },
      delivery: null,
    } as const
    yield* put('conversation', yield* append(conversation, note, context.now))
  },
})
