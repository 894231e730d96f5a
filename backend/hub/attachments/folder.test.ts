import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openFolder } from './folder.ts'

it('a hub that starts leaves what another one of the same folder is just taking in, and removes what is left over', async () => {
  const root = await mkdtemp(join(tmpdir(), 'countertop-attachments-'))
  try {
    const first = await openFolder(root, true)
    const drafts = join(root, 'drafts')
    await writeFile(join(drafts, 'left-over'), 'x')
    const longAgo = new Date(Date.now() - 2 * 24 * 3_600_000)
    await utimes(join(drafts, 'left-over'), longAgo, longAgo)
    const draft = await first.put(new Blob(['圖片']).stream(), 1_000)
    if (draft === 'tooLarge') throw new Error('six bytes are not too many')

    const second = await openFolder(root, true)
    expect(await readdir(drafts)).toHaveLength(1)
    await draft.keep('shop', 'a1')
    const bytes = await second.get('shop', 'a1')
    expect(await new Response(bytes).text()).toBe('圖片')

    // A folder of its own holds nothing that anybody else could be writing.
    await first.put(new Blob(['x']).stream(), 1_000)
    await openFolder(root)
    expect(await readdir(drafts)).toEqual([])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
