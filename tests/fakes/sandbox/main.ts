/**
 * Runs the sandbox: `node tests/fakes/sandbox/main.ts --hub URL [--port N]`, where the hub is or is going to be.
 *
 * | variable | meaning |
 * |---|---|
 * | `COUNTERTOP_DEMO_TOKEN` | what the demo hub wants for letting time go by; the same as the hub's |
 * | `COUNTERTOP_CHILD=1` | ends when standard input ends, so that it does not outlive who started it |
 *
 * When it is ready it prints one line of JSON on standard output: its own address, and those that the hub is to be given.
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { webchat } from '../../../backend/hub/demo/team.ts'
import { hubLink } from './hub-link.ts'
import { PUBLIC_URL, startSandbox } from './sandbox.ts'
import { serveSandbox } from './server.ts'

const { values } = parseArgs({
  options: { hub: { type: 'string' }, port: { type: 'string', default: '0' } },
})
const Settings = z.object({
  hub: z.url({ protocol: /^http$/ }).transform((url) => url.replace(/\/+$/, '')),
  port: z.coerce.number().int().min(0).max(65_535),
  token: z.string().min(1),
})
const { hub: hubUrl, port, token } = Settings.parse({ ...values, token: process.env['COUNTERTOP_DEMO_TOKEN'] })

const sandbox = await startSandbox({ hubUrl, hub: hubLink(hubUrl, token) })
const server = await serveSandbox({ sandbox, port, hubUrl, webchatPath: `/chat/${webchat.id}/embed` })

let ending = false
async function end(): Promise<void> {
  if (ending) return
  ending = true
  await server.close()
  await sandbox.close()
  process.exit(0)
}
process.on('SIGTERM', () => void end())
process.on('SIGINT', () => void end())
if (process.env['COUNTERTOP_CHILD'] === '1') {
  process.stdin.on('end', () => void end())
  process.stdin.on('error', () => void end())
  process.stdin.resume()
}

const { line, whatsapp, sms } = sandbox
const addresses = {
  line: line.apiUrl,
  lineData: line.dataUrl,
  graph: whatsapp.origin,
  sms: sms.url,
  publicUrl: PUBLIC_URL,
}
process.stdout.write(`${JSON.stringify({ ready: true, url: server.url, addresses })}\n`)
