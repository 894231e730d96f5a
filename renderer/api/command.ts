/** Asks the local backend to do something: the answer is there once the command is durable, or refused. */
import { api, call } from './client.ts'
import type { CommandAnswer } from '../../backend/workstation/views.ts'

/** Runs a command by name; never throws. `ok` means that it is kept on this device and will reach the hub (SYN-2). */
export async function runCommand(name: string, args: unknown): Promise<CommandAnswer> {
  const called = await call(api.api.commands.$post({ json: { name, args } }))
  return called.ok ? called.value : called
}

/** {@link runCommand} for components. */
export function useCommand(): { run: typeof runCommand } {
  return { run: runCommand }
}
