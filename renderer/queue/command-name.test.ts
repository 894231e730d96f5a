import { describe, expect, it } from 'vitest'
import { commandNameKey } from './command-name.ts'

describe('names of queued actions', () => {
  it('are those of the command, or of another action', () => {
    const names = ['message.send', 'conversation.transfer', 'contact.merge', 'message', 'conversation.toString', '']
    expect(names.map(commandNameKey)).toEqual([
      'queue.command.message.send',
      'queue.command.conversation.transfer',
      'queue.command.other',
      'queue.command.other',
      'queue.command.other',
      'queue.command.other',
    ])
  })
})
