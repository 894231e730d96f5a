/** A display for Electron tests where there is none: an Xvfb of their own. */
import { spawn, spawnSync } from 'node:child_process'
import { installDebian } from './debian.ts'
import { hasDisplay } from './electron.ts'

/** `name` is for `DISPLAY`; `close` ends what was started. */
export type Display = { name: string; close: () => Promise<void> }

/**
 * The display there is, or a new Xvfb of 1920×1080.
 *
 * @throws with what to install when neither can be had.
 */
export async function testDisplay(): Promise<Display> {
  if (hasDisplay()) return { name: process.env['DISPLAY'] ?? '', close: async () => undefined }
  installDebian(['xvfb'])
  if (spawnSync('which', ['Xvfb']).status !== 0)
    throw new Error('No display and no Xvfb. Debian: `apt-get install xvfb`.')
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((done) => server.once('close', () => done()))
  const number = await new Promise<string>((got, failed) => {
    server.once('error', failed)
    server.once('exit', (code) => failed(new Error(`Xvfb ended with code ${code}.`)))
    server.stdio[3]?.once('data', (chunk: Buffer) => got(chunk.toString().trim()))
  })
  // Left running by a test run that was killed, it would hold its number for ever.
  const end = (): boolean => server.kill()
  process.once('exit', end)
  return {
    name: `:${number}`,
    close: async () => {
      process.off('exit', end)
      server.kill()
      await ended
    },
  }
}
