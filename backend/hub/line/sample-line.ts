/** For tests: lines between hubs of one process, on which each word waits until the test delivers it. */
import type { HubLine, News } from './line.ts'

export class SampleExchange {
  readonly #ends: SampleLine[] = []
  #waiting: { from: SampleLine; news: News }[] = []

  /** One hub's end of the line. */
  join(name: string): SampleLine {
    const end = new SampleLine(name, (news) => this.#waiting.push({ from: end, news }))
    this.#ends.push(end)
    return end
  }

  /** How many words wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Delivers the first `count` words that wait; all of them by default. */
  deliver(count = Infinity): void {
    for (const { from, news } of this.#waiting.splice(0, count)) {
      for (const end of this.#ends) if (end !== from) end.hear(news, from.name)
    }
  }

  /** The words that wait never arrive. */
  lose(): void {
    this.#waiting = []
  }
}

export class SampleLine implements HubLine {
  readonly name: string
  readonly tell: (news: News) => void
  /** False for a line that tells of commits only when it is told of them itself. */
  tellsInTransactions = true
  readonly #news = new Set<(news: News, hub: string) => void>()
  readonly #missed = new Set<() => void>()
  readonly #gone = new Set<(hub: string) => void>()

  constructor(name: string, tell: (news: News) => void) {
    this.name = name
    this.tell = tell
  }

  async tellIn(_: unknown, news: News): Promise<void> {
    if (this.tellsInTransactions) this.tell(news)
  }

  onNews(listener: (news: News, hub: string) => void): () => void {
    this.#news.add(listener)
    return () => this.#news.delete(listener)
  }

  onMissed(listener: () => void): () => void {
    this.#missed.add(listener)
    return () => this.#missed.delete(listener)
  }

  onGone(listener: (hub: string) => void): () => void {
    this.#gone.add(listener)
    return () => this.#gone.delete(listener)
  }

  hear(news: News, hub: string): void {
    for (const listener of this.#news) listener(news, hub)
  }

  /** The line was broken and is there again. */
  isBack(): void {
    for (const listener of this.#missed) listener()
  }

  /** Another hub has ended. */
  lost(hub: string): void {
    for (const listener of this.#gone) listener(hub)
  }
}
