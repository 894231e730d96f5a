/** What is said of a series of measurements, and how two series are taken so that they can be compared. */

/** `values` beside the middle one, so that a reader sees how much they differ. */
export type Spread = { min: number; median: number; max: number; values: number }

/** Three significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

/** The value below which the share `q` (0 to 1) of the values lies; of the two nearest, in proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * q
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new Error('no values')
  return below + (above - below) * (place - Math.floor(place))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function spread(values: readonly number[]): Spread {
  return {
    min: rounded(Math.min(...values)),
    median: rounded(median(values)),
    max: rounded(Math.max(...values)),
    values: values.length,
  }
}

/** Of many short times: the usual one, and the slow ones. */
export function tail(values: readonly number[]): {
  p50: number
  p95: number
  p99: number
  max: number
  values: number
} {
  return {
    p50: rounded(quantile(values, 0.5)),
    p95: rounded(quantile(values, 0.95)),
    p99: rounded(quantile(values, 0.99)),
    max: rounded(Math.max(...values)),
    values: values.length,
  }
}

/** One ratio a round: its two sides ran one after the other, while the computer was equally busy. */
export function ratios(over: readonly number[], under: readonly number[]): number[] {
  return over.map((value, i) => value / (under[i] ?? Number.NaN))
}

/** How long `work` takes, in ms. */
export function timed(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}

/** Time on the clock, and of the processor for this process: on a computer that others use too the second differs less. */
export type Cost = { ms: number; cpu: number }

/** Starts now; tells what it took when it is called. */
export function stopwatch(): () => Cost {
  const begun = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { ms: performance.now() - begun, cpu: (user + system) / 1000 }
  }
}
