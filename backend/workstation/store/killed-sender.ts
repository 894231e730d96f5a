/** A process for `departing.test.ts` to kill: sends texts that leave later, and says each one's number once it is kept. */
import { writeSync } from 'node:fs'
import { MessageId } from '../../domain/ids.ts'
import { NOW, conversationId, open } from './sample.ts'

const [, , path] = process.argv
if (path === undefined) throw new Error('no path')
const store = open({ path })
for (let i = 1; ; i++) {
  const content = { kind: 'text', text: `預存 ${i}` } as const
  const sends = [{ conversationId: conversationId(1), messageId: MessageId.parse(`s${i}`), content }]
  const answer = store.depart({ id: `d${i}`, leavesAt: NOW + i, sends, files: [] }, NOW)
  if (!answer.ok) throw new Error(answer.refusal.code)
  writeSync(1, `${i}\n`)
}
