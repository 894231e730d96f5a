/** What every benchmark gives: one ratio to a bare reference, its budget, and the figures behind it. */
import type { Spread } from './statistics.ts'

/** Tells whoever waits what is going on; not part of the result. */
export type Say = (line: string) => void
export type Figure = number | string | Spread | Limit | Figures
export type Figures = { [name: string]: Figure }
/** One figure beside the budget it has to keep. */
export type Limit = { value: number; budget: number; bound: 'at least' | 'at most'; ok: boolean }

export type Measured = {
  /** Of ours to the reference, as the benchmark says. */
  ratio: number
  budget: number
  /** Whether this and every other limit among the figures is kept. */
  ok: boolean
  figures: Figures
}
export type Bench = {
  /** @param say told of each step */
  measure(say: Say): Promise<Measured>
}

export function atLeast(value: number, budget: number): Limit {
  return { value, budget, bound: 'at least', ok: value >= budget }
}

export function atMost(value: number, budget: number): Limit {
  return { value, budget, bound: 'at most', ok: value <= budget }
}

/** The result whose ratio is `main`; every limit among the figures has to be kept as well. */
export function measured(main: Limit, figures: Figures): Measured {
  return { ratio: main.value, budget: main.budget, ok: main.ok && limitsIn(figures).every(({ ok }) => ok), figures }
}

function isLimit(figure: Figure): figure is Limit {
  return typeof figure === 'object' && 'bound' in figure
}

function limitsIn(figure: Figure): Limit[] {
  if (typeof figure !== 'object') return []
  if (isLimit(figure)) return [figure]
  return Object.values(figure).flatMap((part) => limitsIn(part))
}

/** The result for people. */
export function asText(name: string, { ratio, budget, ok, figures }: Measured): string {
  return [`${ok ? '✓' : '✗'} ${name}  ratio ${ratio} (budget ${budget})`, ...linesOf(figures, '  ')].join('\n')
}

function linesOf(figures: Figures, indent: string): string[] {
  return Object.entries(figures).flatMap(([name, figure]) => {
    if (typeof figure !== 'object') return [`${indent}${name}: ${figure}`]
    if (isLimit(figure)) {
      return [`${indent}${name}: ${figure.value} (${figure.bound} ${figure.budget}: ${figure.ok ? 'kept' : 'missed'})`]
    }
    const parts = Object.values(figure)
    if (parts.every((part) => typeof part !== 'object')) {
      const line = Object.entries(figure).map(([part, value]) => `${part} ${value}`)
      return [`${indent}${name}: ${line.join(', ')}`]
    }
    return [`${indent}${name}:`, ...linesOf(figure as Figures, `${indent}  `)]
  })
}
