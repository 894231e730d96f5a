/** Asks the local backend to do something: the answer is there once the command is durable, or refused. */
import { api, call } from './client.ts'
import type { CommandArgs, MemberCommandName } from '../../backend/domain/commands.ts'
import type { CommandAnswer } from '../../backend/workstation/views.ts'

/**
 * Runs a command of the registry; never throws. `ok` means that it is kept on this device and will reach the hub
 * (SYN-2).
 */
export async function runCommand<N extends MemberCommandName>(name: N, args: CommandArgs<N>): Promise<CommandAnswer> {
  const called = await call(api.api.commands.$post({ json: { name, args } }))
  return called.ok ? called.value : called
}
