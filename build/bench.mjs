import { handOver } from './setup.mjs'

handOver('build/bench.ts')
