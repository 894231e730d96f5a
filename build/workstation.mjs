import { handOver } from './setup.mjs'

handOver('build/workstation.ts')
