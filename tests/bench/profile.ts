/**
 * Where the time went: sums up what `node --cpu-prof` wrote, by function, with machine code by the function that called
 * it. `node tests/bench/profile.ts FILE.cpuprofile [LINES]`.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

const [file = '', lines = '25'] = process.argv.slice(2)
const profile = Profile.parse(JSON.parse(readFileSync(file, 'utf8')))
const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))

/** `folder/file.ts function`; what is Node's own or machine code goes by the nearest function with a file that called it. */
function nameOf(id: number): string {
  const node = nodes.get(id)
  if (!node) return '?'
  const { functionName, url } = node.callFrame
  const name = functionName || '(anonymous)'
  if (isFile(url)) return `${url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')} ${name}`
  for (let at = parents.get(id); at !== undefined; at = parents.get(at)) {
    if (isFile(nodes.get(at)?.callFrame.url ?? '')) return `${nameOf(at)} › ${name.split(':')[0]}`
  }
  return name.startsWith('(') ? name : 'Node itself'
}

function isFile(url: string): boolean {
  return url !== '' && !url.startsWith('node:')
}

const spent = new Map<string, number>()
for (const [i, id] of profile.samples.entries()) {
  const name = nameOf(id)
  spent.set(name, (spent.get(name) ?? 0) + (profile.timeDeltas[i] ?? 0))
}
const busy = [...spent].filter(([name]) => name !== '(idle)' && name !== '(program)')
const total = busy.reduce((sum, [, time]) => sum + time, 0)
for (const [name, time] of busy.toSorted(([, a], [, b]) => b - a).slice(0, Number(lines))) {
  process.stdout.write(
    `${((100 * time) / total).toFixed(1).padStart(5)} %  ${(time / 1000).toFixed(0).padStart(6)} ms  ${name}\n`,
  )
}
