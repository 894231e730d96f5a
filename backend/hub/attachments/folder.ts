/**
 * Where the bytes of attachments are: a folder on this machine, behind an interface so that it may become a bucket.
 * A file is written under a draft's name and renamed when it is complete, so that a kill leaves it whole or not there.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'

/** Bytes that were received and belong to no attachment yet: kept or discarded, once. */
export interface Draft {
  /** Bytes. */
  readonly size: number
  readonly sha256: Uint8Array
  read(): Promise<Uint8Array>
  /** Makes them the bytes of this attachment, in place of earlier ones. */
  keep(teamId: string, id: string): Promise<void>
  discard(): Promise<void>
}

export interface AttachmentStore {
  /** Takes bytes in. Stops reading after `max` and answers `tooLarge`. */
  put(bytes: ReadableStream<Uint8Array>, max: number): Promise<Draft | 'tooLarge'>
  /** The bytes, null when there are none. */
  get(teamId: string, id: string): Promise<ReadableStream<Uint8Array> | null>
  /** Removes the bytes; nothing happens when there are none. */
  remove(teamId: string, id: string): Promise<void>
  /** Of which attachments there are bytes that were written before this time (ms since 1970), a folder at a time. */
  older(before: number): AsyncIterable<{ teamId: string; id: string }[]>
}

/** So old, in ms, is no draft in a folder that other hubs use too. */
const DRAFT_AT_MOST = 24 * 60 * 60 * 1000

/**
 * Opens the folder, which is made when it is not there; drafts that a killed hub left are removed.
 * @param isShared whether other hubs use it at the same time: then only drafts that nobody can be writing any more go
 */
export async function openFolder(root: string, isShared = false): Promise<AttachmentStore> {
  const drafts = join(root, 'drafts')
  await mkdir(drafts, { recursive: true, mode: 0o700 })
  for (const name of await readdir(drafts)) {
    const path = join(drafts, name)
    if (!isShared || (await ageOf(path)) > DRAFT_AT_MOST) await rm(path, { force: true })
  }
  return {
    put: (bytes, max) => receive(root, join(drafts, randomUUID()), bytes, max),
    async get(teamId, id) {
      const path = pathOf(root, teamId, id)
      if (!(await exists(path))) return null
      return webStream(Readable.toWeb(createReadStream(path)))
    },
    remove: (teamId, id) => rm(pathOf(root, teamId, id), { force: true }),
    older: (before) => older(join(root, 'files'), before),
  }
}

async function* older(files: string, before: number): AsyncGenerator<{ teamId: string; id: string }[]> {
  for (const teamId of await namesIn(files)) {
    for (const first of await namesIn(join(files, teamId))) {
      for (const second of await namesIn(join(files, teamId, first))) {
        const folder = join(files, teamId, first, second)
        const found: { teamId: string; id: string }[] = []
        for (const id of await namesIn(folder)) {
          if ((await ageOf(join(folder, id))) > Date.now() - before) found.push({ teamId, id })
        }
        yield found
      }
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

async function receive(
  root: string,
  path: string,
  bytes: ReadableStream<Uint8Array>,
  max: number,
): Promise<Draft | 'tooLarge'> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let size = 0
  let whole = false
  try {
    for await (const chunk of bytes) {
      size += chunk.byteLength
      if (size > max) return 'tooLarge'
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.sync()
    whole = true
  } finally {
    await file.close()
    if (!whole) await rm(path, { force: true })
  }
  return {
    size,
    sha256: hash.digest(),
    read: () => readFile(path),
    async keep(teamId, id) {
      const target = pathOf(root, teamId, id)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await rename(path, target)
    },
    discard: () => rm(path, { force: true }),
  }
}

// Two levels of folders by the id's hash: ids that begin alike (they carry the time) still spread, and ids that
// differ in case alone stay apart where file names do not.
function pathOf(root: string, teamId: string, id: string): string {
  const hash = createHash('sha256').update(id).digest('hex')
  return join(root, 'files', teamId, hash.slice(0, 2), hash.slice(2, 4), id)
}

/** In ms; 0 of one that is gone. */
async function ageOf(path: string): Promise<number> {
  return (await exists(path)) ? Date.now() - (await stat(path)).mtimeMs : 0
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** Node's web streams and the platform's are the same class under two type names. */
function webStream(stream: unknown): ReadableStream<Uint8Array> {
  if (!(stream instanceof ReadableStream)) throw new Error('not a web stream')
  return stream
}
