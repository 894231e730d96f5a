/** A script run to its end in a process of its own, so that nothing before it has made it warm, or large. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { z } from 'zod'

/** The longest that one may take, in ms. */
const PATIENCE = 10 * 60_000

/**
 * Runs `script` with Node and gives the last JSON line of its standard output, checked by `schema`.
 * @throws with what it wrote to standard error when it fails or takes longer than ten minutes
 */
export function runScript<R>(
  script: string,
  args: readonly string[],
  schema: z.ZodType<R>,
  flags: string[] = [],
): Promise<R> {
  const child = spawn(process.execPath, [...flags, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE,
  })
  let stderr = ''
  let last = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4_000)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) last = line
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`${script} ended with ${code ?? signal}\n${stderr}`))
      resolve(schema.parse(JSON.parse(last)))
    })
  })
}

/** For a script that serves until whoever started it ends it, or is gone. */
export function endWithStarter(): void {
  process.stdin.on('end', () => process.exit(0))
  process.stdin.resume()
}
