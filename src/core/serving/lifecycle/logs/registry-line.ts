import type { Registry, RegistryChange } from '../../registry.js';
import type { ServerMessage } from './log-lines.js';

/** A change of what is served as one line for the operator. */
export function describeRegistryChange(change: RegistryChange, registry: Registry): ServerMessage {
  const { kind, name, version } = change;
  const model = `model ${name}, version ${version},`;
  switch (kind) {
    case 'added':
      return { level: 'INFO', message: `${model} was registered from ${registry.find(name, version).url}` };
    case 'removed':
      return { level: 'INFO', message: `${model} was unregistered` };
    case 'default':
      return { level: 'INFO', message: `${model} is the default of its name now` };
    case 'scaled': {
      // It may have been unregistered while its workers started.
      const scaled = registry.all().find(({ runtime }) => runtime.name === name && runtime.version === version);
      const count = scaled === undefined ? '' : ` to ${scaled.runtime.settings.minWorkers}`;
      return { level: 'INFO', message: `${model} was scaled${count}` };
    }
  }
}
