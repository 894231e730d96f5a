/**
 * Which ports the servers get: the same ones each time a home is started, since a workstation knows its hub, and a
 * browser its workstation, by the address.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { z } from 'zod'

const Port = z.number().int().min(0).max(65_535)
const Ports = z.object({ hub: Port, workstation: Port, sandbox: Port })
export type Ports = z.infer<typeof Ports>

/** Listens on a port of 127.0.0.1 for a moment; null when it is taken. 0 finds a free one. */
function tried(port: number): Promise<number | null> {
  return new Promise((answer) => {
    const server = createServer()
    server.once('error', () => answer(null))
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as AddressInfo
      server.close(() => answer(got))
    })
  })
}

/**
 * What was asked for in the environment (0: any); else the first of `wishes` that is free; else any free one.
 *
 * @throws when what was asked for is no port, or there is none left.
 */
export async function choosePort(asked: string | undefined, wishes: readonly (number | undefined)[]): Promise<number> {
  if (asked) {
    const port = Port.safeParse(Number(asked))
    if (!port.success) throw new Error(`Not a port: ${asked}`)
    if (port.data !== 0) return port.data
  }
  for (const wish of asked ? [0] : [...wishes, 0]) {
    const port = wish === undefined ? null : await tried(wish)
    if (port !== null) return port
  }
  throw new Error('There is no free port.')
}

/** The ports of the last start; none when there was no start, or the file cannot be understood. */
export function rememberedPorts(file: string): { [K in keyof Ports]?: Ports[K] | undefined } {
  if (!existsSync(file)) return {}
  const parsed = Ports.partial().safeParse(JSON.parse(readFileSync(file, 'utf8')))
  return parsed.success ? parsed.data : {}
}

export function rememberPorts(file: string, ports: Ports): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(ports)}\n`)
  renameSync(`${file}.new`, file)
}
