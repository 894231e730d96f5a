import { afterAll, beforeAll, expect, it } from 'vitest'
import { ClientFrame, HubFrame } from '../../backend/sync/protocol.ts'
import { PROTOCOL_MD, blocksOf } from './document.ts'
import { Player } from './player.ts'
import { startShop } from './shop.ts'

const blocks = blocksOf(PROTOCOL_MD)
let hub: Awaited<ReturnType<typeof startShop>>
let player: Player

beforeAll(async () => {
  hub = await startShop()
  player = new Player(hub.url)
})
afterAll(async () => {
  await player.stop()
  await hub.stop()
})

it('docs/protocol.md: a hub answers every example, whole, as the document says', async () => {
  await player.play(blocks)
  expect(player.answers.map(({ block }) => block.line)).toEqual(
    blocks.filter(({ info }) => info.includes('hub→')).map(({ line }) => line),
  )
})

it('every frame there is has an example', () => {
  const types = (of: string, { options }: { options: readonly { shape: { type: { value: string } } }[] }) =>
    options.map(({ shape }) => `${of}.${shape.type.value}`)
  const all = [...types('ClientFrame', ClientFrame), ...types('HubFrame', HubFrame)]
  expect([...player.types].toSorted()).toEqual(all.toSorted())
})

it('no value in an answer could be otherwise without being noticed', () => {
  const { placeholders, answers } = player
  const unnoticed = answers.flatMap(({ block, expected, actual }) =>
    [...changesOf(expected)]
      .filter((changed) => placeholders.differences(changed, actual).length === 0)
      .map(() => `${block.line} ${block.info}`),
  )
  expect(answers.length).toBeGreaterThan(20)
  expect(unnoticed).toEqual([])
})

/** Copies of a value, each with one thing in it that is different: another value, a field less, a field more. */
function* changesOf(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    yield [...value, 'one more']
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1)
      for (const changed of changesOf(item)) yield value.with(index, changed)
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, more: 'a field' }
    for (const [key, inner] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([one]) => one !== key))
      for (const changed of changesOf(inner)) yield { ...value, [key]: changed }
    }
  } else yield typeof value === 'string' ? `${value}, but otherwise` : 'otherwise'
}
