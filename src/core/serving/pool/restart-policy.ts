/** What is remembered of the deaths of a model's workers. Only deaths before a first answer count against it. */
export interface RestartState {
  /** Times of the early deaths within the window, oldest first. */
  readonly earlyDeaths: readonly number[];
  /** Early deaths in a row. */
  readonly streak: number;
  /** Time of the first death of the streak, null while all is well. */
  readonly failingSince: number | null;
  readonly breakerOpen: boolean;
}

export const HEALTHY: RestartState = { earlyDeaths: [], streak: 0, failingSince: null, breakerOpen: false };

const RESTART = {
  windowMs: 60_000,
  deathsToOpen: 5,
  probeMs: 30_000,
  longestMs: 60_000,
  jitter: 0.2,
} as const;

export interface Death {
  readonly now: number;
  /** True when the worker had answered a request since its start. */
  readonly hadAnswered: boolean;
  /** True when nothing died: a start was refused while another worker serves, which that says nothing against. */
  readonly isHarmless?: boolean;
  /** 0 ≤ random < 1. */
  readonly random: number;
}

/**
 * After a death: at once when the worker had answered something; else after 0, 1, 2, 4 … 60 s (±20 %). Five early deaths
 * within a minute open the breaker: from then on one probe every 30 s until a worker is ready again. A refused start beside a worker that
 * serves counts for nothing, and is tried as seldom as a probe.
 */
export function decideRestart(state: RestartState, death: Death): { state: RestartState; delayMs: number } {
  const { now, hadAnswered, random } = death;
  if (death.isHarmless) return { state, delayMs: RESTART.probeMs };
  if (hadAnswered) return { state: HEALTHY, delayMs: 0 };
  const earlyDeaths = [...state.earlyDeaths.filter((time) => now - time < RESTART.windowMs), now];
  const breakerOpen = state.breakerOpen || earlyDeaths.length >= RESTART.deathsToOpen;
  const streak = state.streak + 1;
  const steps = streak === 1 ? 0 : Math.min(1000 * 2 ** (streak - 2), RESTART.longestMs);
  const spread = 1 + RESTART.jitter * (2 * random - 1);
  return {
    state: { earlyDeaths, streak, failingSince: state.failingSince ?? now, breakerOpen },
    delayMs: breakerOpen ? RESTART.probeMs : Math.round(steps * spread),
  };
}

/** After a worker has loaded its model: the breaker closes, early deaths are kept in mind until a request is answered. */
export function afterReady(state: RestartState): RestartState {
  return state.breakerOpen
    ? { ...state, breakerOpen: false, earlyDeaths: state.earlyDeaths.slice(1 - RESTART.deathsToOpen) }
    : state;
}

/** False once the breaker is open, or when no start has led to an answer for `within` milliseconds. */
export function mayRecover(
  state: RestartState,
  { now, within }: { readonly now: number; readonly within: number },
): boolean {
  const { breakerOpen, failingSince } = state;
  return !breakerOpen && (failingSince === null || now - failingSince < within);
}
