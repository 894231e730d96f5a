import { handOver } from './setup.mjs'

handOver('build/package.ts')
