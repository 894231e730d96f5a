/**
 * `npm run bench -- [NAME …] [--json]`: measures what `docs/performance.md` describes, each beside a bare reference in
 * the same run. Without a name it runs all of them, each in a process of its own. With `--json` the last line of each is
 * one JSON object: `{"name","ratio","budget","ok","figures":{…}}`. Exit code 1 when one is over its budget.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { endWithParent } from './run/parent.ts'
import { asText } from '../tests/bench/bench.ts'
import { benches } from '../tests/bench/benches.ts'

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function measure(name: string, json: boolean): Promise<boolean> {
  const load = benches[name]
  if (!load) throw new Error(`no benchmark ${name}`)
  const measured = await (await load()).measure(say)
  process.stdout.write(`${json ? JSON.stringify({ name, ...measured }) : asText(name, measured)}\n`)
  return measured.ok
}

/** What ran before in a process leaves it warm, or large: each benchmark gets a new one. */
async function measureApart(name: string, json: boolean): Promise<boolean> {
  const args = [fileURLToPath(import.meta.url), name, ...(json ? ['--json'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [code] = await once(child, 'exit')
  return code === 0
}

endWithParent()
// An orderly end: what was started and written for a measurement goes with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  say(`No benchmark is called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
const names = positionals.length > 0 ? positionals : Object.keys(benches)
const [only] = names
let isOk = true
if (names.length === 1 && only !== undefined) isOk = await measure(only, values.json)
else for (const name of names) isOk = (await measureApart(name, values.json)) && isOk
process.exitCode = isOk ? 0 : 1
