import { integerParam, type Param } from '../param.js';
import { CONNECTIVITIES, type Connectivity } from './components.js';

/** How many neighbours of a voxel count as connected to it. */
export function connectivityParam(fallback: Connectivity): Param<Connectivity> {
  const base = integerParam('neighbours that count as connected: 6, 18 or 26 (in a plane 4 or 8)');
  return {
    ...base,
    default: fallback,
    expected: `one of ${CONNECTIVITIES.join(', ')}`,
    schema: { enum: [...CONNECTIVITIES] },
    read: (value) => CONNECTIVITIES.find((known) => known === value),
  };
}
