/** Texts that each occur once in a run, with a word that is found again wherever it lies. */
import type { Random } from '../../../backend/hub/demo/random.ts'

const PHRASES = [
  '請問還有現貨嗎',
  '好的，馬上幫您確認',
  '可以寄到台中嗎？',
  '週末有營業，歡迎過來 🙂',
  'Do you ship overseas?',
  '這款有兩種尺寸，大的兩百八、小的一百八',
  '謝謝！',
] as const
const WORD = /zq[a-z0-9]+?qz/g

export class Texts {
  readonly #random: Random
  readonly #writer: string
  #n = 0

  /** @param writer letters and figures that nobody else writes under */
  constructor(writer: string, random: Random) {
    this.#writer = writer
    this.#random = random
  }

  next(): string {
    this.#n += 1
    return `zq${this.#writer}n${this.#n}qz ${this.#random.pick(PHRASES)}`
  }
}

/** The words that occur in some bytes. */
export function wordsIn(text: string): Set<string> {
  return new Set(text.match(WORD))
}
