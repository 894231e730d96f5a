import { describe, expect, it } from 'vitest'
import { commands, isCommandName } from '../../backend/domain/commands.ts'
import { commandNameKey } from './command-name.ts'

describe('names of queued actions', () => {
  it('[SYN-8] are there for every command that a member can give', () => {
    const names = Object.keys(commands).filter((name) => isCommandName(name) && commands[name].by === 'member')
    expect(names.map(commandNameKey)).toEqual(names.map((name) => `queue.command.${name}`))
  })

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
