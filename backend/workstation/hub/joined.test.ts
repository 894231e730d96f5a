import { expect, it } from 'vitest'
import { refuse } from '../../domain/refusal.ts'
import type { SnapshotLine } from '../../sync/protocol.ts'
import type { Result } from '../service.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import { joined } from './joined.ts'

type Line = Result<SnapshotLine>
const LONG = { rows: 1_000, patience: 60_000 }
const refusal: Line = { ok: false, refusal: refuse('hub.unreachable', {}) }

async function* streamOf(lines: readonly SnapshotLine[]): AsyncGenerator<Line> {
  for (const value of lines) yield { ok: true, value }
}

async function all(lines: AsyncGenerator<Line>): Promise<Line[]> {
  const all: Line[] = []
  for await (const line of lines) all.push(line)
  return all
}

function shapeOf(lines: readonly Line[]) {
  return lines.map((line) => {
    if (!line.ok) return line.refusal.code
    const { value } = line
    return value.type === 'conversations' ? `${value.count} up to ${value.last}, ${value.rows.length} rows` : value.type
  })
}

it('[SYN-7] joins lines up to a length, and says how far each joined one reaches', async () => {
  const lines = snapshotOf(['one', 'two', 'three', 'four', 'five'])
  const short = await all(joined(streamOf(lines), { ...LONG, rows: 4 }))
  expect(shapeOf(short)).toEqual([
    'begin',
    'scope',
    'reference',
    '2 up to two, 4 rows',
    '2 up to four, 4 rows',
    '1 up to five, 2 rows',
    'end',
  ])
  const rowsOf = (line: SnapshotLine) => (line.type === 'conversations' ? line.rows : [])
  expect(short.flatMap((line) => (line.ok ? rowsOf(line.value) : []))).toEqual(lines.flatMap(rowsOf))
})

it('leaves those that are sent once more, and what is longer already, by themselves', async () => {
  const lines = snapshotOf(['one', 'two', 'three']).map((line, i) =>
    line.type === 'conversations' && i > 3 ? { ...line, last: null } : line,
  )
  expect(shapeOf(await all(joined(streamOf(lines), LONG))).slice(3, 6)).toEqual([
    '1 up to one, 2 rows',
    '1 up to null, 2 rows',
    '1 up to null, 2 rows',
  ])
  const each = await all(joined(streamOf(snapshotOf(['one', 'two'])), { ...LONG, rows: 1 }))
  expect(shapeOf(each).slice(3, 5)).toEqual(['1 up to one, 2 rows', '1 up to two, 2 rows'])
})

it('gives what came before a failure', async () => {
  async function* breaking(): AsyncGenerator<Line> {
    yield* streamOf(snapshotOf(['one', 'two', 'three']).slice(0, 5))
    yield refusal
  }
  const shape = shapeOf(await all(joined(breaking(), LONG)))
  expect(shape.slice(3)).toEqual(['2 up to two, 4 rows', 'hub.unreachable'])
})

it('does not hold a line back when the next one is long in coming', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* slow(): AsyncGenerator<Line> {
    yield* streamOf(snapshotOf(['one']).slice(3, 4))
    await promise
    yield* streamOf(snapshotOf(['two']).slice(3, 4))
  }
  const lines = joined(slow(), { ...LONG, patience: 1 })
  const first = await lines.next()
  expect(first.done ? [] : shapeOf([first.value])).toEqual(['1 up to one, 2 rows'])
  resolve()
  expect(shapeOf(await all(lines))).toEqual(['1 up to two, 2 rows'])
})

it('lets the stream go when nobody wants more of it', async () => {
  let isOver = false
  async function* stream(): AsyncGenerator<Line> {
    try {
      yield* streamOf(snapshotOf(['one']))
    } finally {
      isOver = true
    }
  }
  for await (const line of joined(stream(), LONG)) if (line.ok && line.value.type === 'reference') break
  await expect.poll(() => isOver).toBe(true)
})
