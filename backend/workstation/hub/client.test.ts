import { expect, it, onTestFinished, vi } from 'vitest'
import { StandInHub } from '../stand-ins/hub.ts'
import { SILENT } from '../stand-ins/place.ts'
import { snapshotOf } from '../stand-ins/rows.ts'
import { HUB_TIMING, HubClient } from './client.ts'

it('[SYN-7] does not take the hub for silent while the device is busy with what came', async () => {
  const hub = await StandInHub.start()
  onTestFinished(() => hub.stop())
  hub.snapshotLines = snapshotOf(['one', 'two', 'three'])
  const client = new HubClient(hub.url, SILENT)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const came: string[] = []
  for await (const line of client.snapshot('token', {}, new AbortController().signal)) {
    came.push(line.ok ? line.value.type : line.refusal.code)
    vi.advanceTimersByTime(HUB_TIMING.silence * 2)
  }
  expect(came).toEqual(['begin', 'scope', 'reference', ...Array<string>(3).fill('conversations'), 'end'])
})
