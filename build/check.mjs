import { handOver } from './setup.mjs'

handOver('build/check.ts')
