/** One hash over files, by which a script knows whether what it made before is still of the sources as they are. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Says of a path below the folder, with `/` between its parts, whether it is left out, with all below it. */
export type LeavesOut = (path: string) => boolean

function* filesUnder(folder: string, path: string, leavesOut: LeavesOut): Generator<string> {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const entry of readdirSync(path).toSorted()) {
    const below = join(path, entry)
    if (!leavesOut(relative(folder, below).replaceAll('\\', '/'))) yield* filesUnder(folder, below, leavesOut)
  }
}

/** One hash over the names and contents of all files of the inputs, which are paths in the folder. */
export function hashOf(folder: string, inputs: readonly string[], leavesOut: LeavesOut): string {
  const hash = createHash('sha256')
  for (const input of inputs) {
    for (const file of filesUnder(folder, join(folder, input), leavesOut)) {
      hash
        .update(`${relative(folder, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
    }
  }
  return hash.digest('hex')
}
