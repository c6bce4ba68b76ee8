/** What became of the words of the program. */
export interface WatchedStreams {
  /** After the last word: why stdout could not take all of it, null when it could or its reader did not want more. */
  settle(): Promise<Error | null>;
  release(): void;
}

/**
 * Keeps a full disk or a reader that has gone behind stdout or stderr from ending the program with a stack: Node tells it by an
 * `error` event, which nobody who writes could catch. Of stderr nothing is told, for there is nobody to tell it to.
 */
export function watchStreams({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): WatchedStreams {
  let lost: NodeJS.ErrnoException | null = null;
  const onLost = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') lost ??= error;
  };
  const ignore = (): void => undefined;
  stdout.on('error', onLost);
  stderr.on('error', ignore);
  return {
    async settle() {
      // The event of a failed write comes a tick after it.
      await new Promise((resolve) => setImmediate(resolve));
      if (lost === null) return null;
      const { EisenError } = await import('../core/errors/error.js');
      const system = lost.code ?? lost.message;
      const isFull = /^E(NOSPC|DQUOT|FBIG)$/.test(system);
      const what = isFull ? 'the disk is full' : 'cannot be written';
      const message = `stdout: ${what} (${system}); the words of the result are lost.`;
      return new EisenError(isFull ? 'DISK_FULL' : 'NOT_WRITABLE', message, { where: 'stdout', cause: lost });
    },
    release() {
      stdout.off('error', onLost);
      stderr.off('error', ignore);
    },
  };
}
