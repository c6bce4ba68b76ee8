/** Where a server stands. Alive is every phase; ready is `ready` only. It goes forward, and never back. */
export type Phase = 'starting' | 'ready' | 'draining';

export interface Readiness {
  readonly phase: Phase;
  /** All models of the start answer; ignored once the server drains. */
  markReady(): void;
  markDraining(): void;
}

export function createReadiness(): Readiness {
  let phase: Phase = 'starting';
  return {
    get phase() {
      return phase;
    },
    markReady() {
      if (phase === 'starting') phase = 'ready';
    },
    markDraining() {
      phase = 'draining';
    },
  };
}
