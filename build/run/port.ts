/** Which port a server gets. */
import { createServer } from 'node:net'

/** Whether a server can listen on this port of 127.0.0.1 now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer()
    server.once('error', () => answer(false))
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)))
  })
}

/**
 * What was asked for in the environment; else the usual port when it is free; else 0, which means any.
 *
 * @throws when what was asked for is no port.
 */
export async function choosePort(asked: string | undefined, usual: number | null): Promise<number> {
  if (asked !== undefined && asked !== '') {
    const port = Number(asked)
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`Not a port: ${asked}`)
    return port
  }
  return usual !== null && (await isFree(usual)) ? usual : 0
}
