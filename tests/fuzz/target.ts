/** What each target of the fuzz offers: its inputs, and how one is played. */
import type fc from 'fast-check'
import type { World } from './world.ts'

/** One input under way. */
export type Turn = {
  world: World
  /** The input's number. */
  run: number
  /** Which workstations and addresses are its own while it is played. */
  slot: number
  /** An address nobody else has. */
  address: string
}

export interface Target {
  readonly name: TargetName
  readonly inputs: fc.Arbitrary<unknown>
  /** Plays an input of {@link inputs}; gives back what was wrong at once. */
  play(turn: Turn, input: unknown): Promise<string[]>
  /** Compares what lasts, while nothing is played. */
  check(world: World): Promise<string[]>
}

export const TARGETS = ['hub-socket', 'hub-http', 'local-api', 'webchat'] as const
export type TargetName = (typeof TARGETS)[number]

/** Binds inputs and play of one type together. */
export function target<I>(
  name: TargetName,
  inputs: fc.Arbitrary<I>,
  play: (turn: Turn, input: I) => Promise<string[]>,
  check: (world: World) => Promise<string[]>,
): Target {
  return {
    name,
    inputs,
    // The runner only hands over what it took from `inputs`.
    play: (turn, input) => play(turn, input as I),
    check,
  }
}
