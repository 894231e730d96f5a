/** Where benchmarks keep files: on the disk of the project, which is a real one where the system's is often memory. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const cache = join(root, '.cache', 'bench')

/** Gives `work` a new folder, which is gone afterwards. */
export async function withFolder<R>(work: (folder: string) => Promise<R>): Promise<R> {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'run-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    return await work(folder)
  } finally {
    process.off('exit', remove)
    remove()
  }
}
