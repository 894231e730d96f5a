/**
 * Stores that many runs begin with. To make and encrypt one takes longer than most of a run, so each is made once in a
 * process and copied.
 */
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { MemberId } from '../../backend/domain/ids.ts'
import { SnapshotLine } from '../../backend/sync/protocol.ts'
import { Connection } from '../../backend/workstation/store/connection.ts'
import { openMemberStore, proofPath, writeProof } from '../../backend/workstation/store/open.ts'

export const KEY = new Uint8Array(32).fill(3)
const log = { info: () => undefined, warn: () => undefined }

export class Templates {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** An empty store of this member's. */
  empty(path: string, clientId: string, memberId: MemberId): void {
    const template = join(this.#folder, 'empty.db')
    if (!existsSync(template)) make(template, [])
    copy(template, path, clientId, memberId)
  }

  /** A store of this member's that has taken in a snapshot. @param name tells the snapshots apart */
  filled(path: string, clientId: string, memberId: MemberId, name: string, lines: readonly string[]): void {
    const template = join(this.#folder, `filled-${name}.db`)
    if (!existsSync(template)) make(template, lines, memberId)
    copy(template, path, clientId, memberId)
  }

  has(name: string): boolean {
    return existsSync(join(this.#folder, `filled-${name}.db`))
  }
}

function make(path: string, lines: readonly string[], memberId = MemberId.parse('nobody')): void {
  const opened = openMemberStore({ path, key: KEY, log, create: { clientId: 'template', memberId, lastClientSeq: 0 } })
  if (!opened.ok) throw new Error(`a template does not open: ${opened.reason}`)
  for (const line of lines) opened.store.applySnapshotLine(SnapshotLine.parse(JSON.parse(line)))
  opened.store.close()
}

function copy(template: string, path: string, clientId: string, memberId: MemberId): void {
  copyFileSync(template, path)
  const connection = new Connection(path, KEY, log)
  connection.run('UPDATE about SET client_id = ?, member_id = ?', clientId, memberId)
  connection.close()
  if (!existsSync(proofPath(path))) writeProof(path, KEY)
}
