import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { choosePort, rememberPorts, rememberedPorts } from './port.ts'

it('gives the asked port, else the first wish that is free, else any', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const free = await choosePort(undefined, [])
  expect(await choosePort(String(port), [free])).toBe(port)
  expect(await choosePort(undefined, [undefined, port, free])).toBe(free)
  expect(await choosePort('0', [free])).not.toBe(0)
  await expect(choosePort('99999', [])).rejects.toThrow('Not a port: 99999')
  taken.close()
})

it('remembers the ports of a home', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'ports-')), 'home', 'ports.json')
  expect(rememberedPorts(file)).toEqual({})
  rememberPorts(file, { hub: 4001, workstation: 4002, sandbox: 4003 })
  expect(rememberedPorts(file)).toEqual({ hub: 4001, workstation: 4002, sandbox: 4003 })
})

it('goes on from the ports of a start that had fewer servers', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'ports-')), 'ports.json')
  writeFileSync(file, JSON.stringify({ hub: 4001, workstation: 4002 }))
  expect(rememberedPorts(file)).toEqual({ hub: 4001, workstation: 4002 })
})
