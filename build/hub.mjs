import { handOver } from './setup.mjs'

handOver('build/hub.ts')
