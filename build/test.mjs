import { handOver } from './setup.mjs'

handOver('build/test.ts')
