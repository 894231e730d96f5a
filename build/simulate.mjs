import { handOver } from './setup.mjs'

handOver('build/simulate.ts')
