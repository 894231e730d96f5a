import { handOver } from './setup.mjs'

handOver('build/start.ts')
