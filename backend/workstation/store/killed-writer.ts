/** A process for `durable.test.ts` to kill: queues messages and says each one's number once the store has answered. */
import { writeSync } from 'node:fs'
import { NOW, conversationId, open } from './sample.ts'

const [, , path, from] = process.argv
if (path === undefined) throw new Error('no path')
const store = open({ path })
for (let i = Number(from); ; i++) {
  const content = { kind: 'text', text: `訊息 ${i}` }
  const args = { conversationId: conversationId(1), messageId: `s${i}`, content }
  const answer = store.command({ name: 'message.send', args }, NOW + i)
  if (!answer.ok) throw new Error(answer.refusal.code)
  writeSync(1, `${i}\n`)
}
