/**
 * One hub per folder: the embedded database must never be opened twice. The owner listens on a socket that belongs to the
 * folder; the system drops it with the process, so a killed hub leaves no lock, only a file that nobody answers on.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from './start-error.ts'

/** Longest path of a socket that every Unix takes. */
const SOCKET_PATH_MAX = 100

/**
 * Takes the folder, which is made when it is not there. Answers the function that lets go of it.
 * @throws StartError while another hub has it
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  mkdirSync(home, { recursive: true })
  const path = socketOf(realpathSync(home))
  let server = await listen(path)
  if (!server) {
    if (await isAnswered(path)) throw new StartError(`another hub runs on ${home}: stop it, or use another --home`)
    rmSync(path, { force: true })
    server = await listen(path)
  }
  if (!server) throw new StartError(`another hub has just started on ${home}`)
  const owned = server
  return () => new Promise((resolve) => owned.close(() => resolve()))
}

function socketOf(home: string): string {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\countertop-hub-${name}`
  const inside = join(home, 'hub.sock')
  return inside.length <= SOCKET_PATH_MAX ? inside : join(tmpdir(), `countertop-hub-${name}.sock`)
}

/** Null when the path is taken. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
