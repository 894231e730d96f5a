/** For scripts that run a server in their own process: they end, in good order, when what started them is gone. */

export function endWithParent(): void {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}
