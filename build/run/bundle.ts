/** The workstation's backend as it ships: one file with everything inside but what has machine code. */
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './paths.ts'

/** Bundles it into `folder`, which is emptied first. @returns the file */
export async function bundleBackend(folder: string): Promise<string> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['better-sqlite3', '@node-rs/argon2'] },
    build: {
      ssr: true,
      target: 'node24',
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: join(root, 'backend/workstation/main.ts'),
        output: { format: 'es', entryFileNames: 'index.mjs', codeSplitting: false },
      },
    },
  })
  return join(folder, 'index.mjs')
}
