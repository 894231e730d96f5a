/**
 * A member's store that outlives damage to its file: when a page cannot be read any more, the file is set aside, a new
 * store is made with what could be saved, and what was asked is asked of that one.
 */
import { isDamage } from './connection.ts'
import type { MemberStore, Stale } from './member-store.ts'

type Args<M extends keyof MemberStore> = Parameters<MemberStore[M]>

export class MendingStore implements MemberStore {
  #store: MemberStore
  readonly #rebuild: () => MemberStore
  readonly #mended: () => void
  readonly #listeners = new Set<(stale: Stale) => void>()
  #online = false
  #closed = false
  /** The file was given up and there is no new one yet. */
  #isBroken = false

  /**
   * @param rebuild makes the new store, when the one before is closed. May be called again after it has thrown.
   * @param mended called when the new store is the one that is asked
   */
  constructor(store: MemberStore, rebuild: () => MemberStore, mended: () => void) {
    this.#store = store
    this.#rebuild = rebuild
    this.#mended = mended
    this.#follow(store)
  }

  position() {
    return this.#ask((store) => store.position())
  }
  me() {
    return this.#ask((store) => store.me())
  }
  setOnline(online: boolean): void {
    this.#online = online
    this.#ask((store) => store.setOnline(online))
  }

  command(...args: Args<'command'>) {
    return this.#ask((store) => store.command(...args))
  }
  outbox(...args: Args<'outbox'>) {
    return this.#ask((store) => store.outbox(...args))
  }
  saveDraft(...args: Args<'saveDraft'>): void {
    this.#ask((store) => store.saveDraft(...args))
  }
  addAttachment(...args: Args<'addAttachment'>): void {
    this.#ask((store) => store.addAttachment(...args))
  }
  attachment(...args: Args<'attachment'>) {
    return this.#ask((store) => store.attachment(...args))
  }
  uploads() {
    return this.#ask((store) => store.uploads())
  }
  uploaded(...args: Args<'uploaded'>): void {
    this.#ask((store) => store.uploaded(...args))
  }
  retry(...args: Args<'retry'>) {
    return this.#ask((store) => store.retry(...args))
  }
  discard(...args: Args<'discard'>) {
    return this.#ask((store) => store.discard(...args))
  }

  depart(...args: Args<'depart'>) {
    return this.#ask((store) => store.depart(...args))
  }
  leave(...args: Args<'leave'>) {
    return this.#ask((store) => store.leave(...args))
  }
  nextDeparture() {
    return this.#ask((store) => store.nextDeparture())
  }
  takeBack(...args: Args<'takeBack'>) {
    return this.#ask((store) => store.takeBack(...args))
  }
  addReplyFile(...args: Args<'addReplyFile'>): void {
    this.#ask((store) => store.addReplyFile(...args))
  }
  replyFile(...args: Args<'replyFile'>) {
    return this.#ask((store) => store.replyFile(...args))
  }
  shownReplyFile(...args: Args<'shownReplyFile'>) {
    return this.#ask((store) => store.shownReplyFile(...args))
  }
  missingReplyFiles() {
    return this.#ask((store) => store.missingReplyFiles())
  }
  keepReplyFile(...args: Args<'keepReplyFile'>) {
    return this.#ask((store) => store.keepReplyFile(...args))
  }

  applyPatch(...args: Args<'applyPatch'>) {
    return this.#ask((store) => store.applyPatch(...args))
  }
  applyWelcome(...args: Args<'applyWelcome'>): void {
    this.#ask((store) => store.applyWelcome(...args))
  }
  applySnapshotLine(...args: Args<'applySnapshotLine'>): void {
    this.#ask((store) => store.applySnapshotLine(...args))
  }
  cacheOlder(...args: Args<'cacheOlder'>): void {
    this.#ask((store) => store.cacheOlder(...args))
  }

  reference() {
    return this.#ask((store) => store.reference())
  }
  replies() {
    return this.#ask((store) => store.replies())
  }
  counts() {
    return this.#ask((store) => store.counts())
  }
  conversations(...args: Args<'conversations'>) {
    return this.#ask((store) => store.conversations(...args))
  }
  conversation(...args: Args<'conversation'>) {
    return this.#ask((store) => store.conversation(...args))
  }
  messages(...args: Args<'messages'>) {
    return this.#ask((store) => store.messages(...args))
  }
  search(...args: Args<'search'>) {
    return this.#ask((store) => store.search(...args))
  }
  queue() {
    return this.#ask((store) => store.queue())
  }
  refusalOf(...args: Args<'refusalOf'>) {
    return this.#ask((store) => store.refusalOf(...args))
  }

  onStale(listener: (stale: Stale) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    if (!this.#isBroken) this.#store.close()
  }

  #ask<R>(work: (store: MemberStore) => R): R {
    if (this.#isBroken && !this.#closed) this.#mend()
    try {
      return work(this.#store)
    } catch (error) {
      if (this.#closed || !isDamage(error)) throw error
      this.#isBroken = true
      this.#store.close()
      this.#mend()
      return work(this.#store)
    }
  }

  #mend(): void {
    this.#store = this.#rebuild()
    this.#isBroken = false
    this.#store.setOnline(this.#online)
    this.#follow(this.#store)
    this.#mended()
  }

  #follow(store: MemberStore): void {
    store.onStale((stale) => {
      for (const listener of this.#listeners) listener(stale)
    })
  }
}
