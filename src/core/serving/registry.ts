import { EisenError } from '../errors/error.js';
import { didYouMean } from '../errors/nearest-name.js';
import type { ModelRuntime } from './model-runtime.js';

/** A model version that can be asked by name. */
export interface RegisteredModel {
  readonly runtime: ModelRuntime;
  /** As it was named when it was registered; what list and describe show. */
  readonly url: string;
  /** The runtime named by the manifest: python, python3, LSP. */
  readonly runtimeName: string;
  readonly loadedAtStartup: boolean;
  /** A copy in the model store that goes when the model goes; absent for archives that were there before. */
  readonly ownedPath?: string;
}

/** All registered models. Every method is synchronous: between two awaits nobody sees half a change. */
export interface Registry {
  /** Without a version, the default one. Throws MODEL_NOT_FOUND or MODEL_VERSION_NOT_FOUND. */
  find(name: string, version?: string): RegisteredModel;
  /** All versions of a model, in the order in which they came. Throws MODEL_NOT_FOUND. */
  versionsOf(name: string): readonly RegisteredModel[];
  defaultVersionOf(name: string): string;
  /** The default version of every model, sorted by name. */
  defaults(): readonly RegisteredModel[];
  all(): readonly RegisteredModel[];
  /** The first version of a name becomes its default. Throws MODEL_CONFLICT when the version is there already. */
  add(model: RegisteredModel): void;
  /** Without a version, the default one. Throws MODEL_DEFAULT_KEPT when other versions still stand behind it. */
  remove(name: string, version?: string): RegisteredModel;
  setDefault(name: string, version: string): void;
  /** Called after each change (not for reads): snapshots are written from here. */
  subscribe(listener: (change: RegistryChange) => void): void;
  /** Tells the subscribers that the workers of a model were rescaled. */
  announceScaled(name: string, version: string): void;
}

export interface RegistryChange {
  readonly kind: 'added' | 'removed' | 'default' | 'scaled';
  readonly name: string;
  readonly version: string;
}

interface Family {
  defaultVersion: string;
  readonly versions: Map<string, RegisteredModel>;
}

function byName(a: RegisteredModel, b: RegisteredModel): number {
  return a.runtime.name < b.runtime.name ? -1 : 1;
}

const MOST_NAMES = 10;

/** The message is the peer's to the letter; what helps stands in the hint. */
function unknownModel(name: string, known: readonly string[]): EisenError {
  const shown = known.toSorted().slice(0, MOST_NAMES).join(', ');
  const all = known.length > MOST_NAMES ? `${shown} and ${known.length - MOST_NAMES} more` : shown;
  const loaded = known.length === 0 ? 'No model is loaded.' : `Loaded: ${all}.`;
  return new EisenError('MODEL_NOT_FOUND', `Model not found: ${name}`, {
    found: name.slice(0, 200),
    hint: `${didYouMean(name, known)} ${loaded}`.trimStart(),
  });
}

export function createRegistry(): Registry {
  const families = new Map<string, Family>();
  const listeners: ((change: RegistryChange) => void)[] = [];

  const announce = (kind: RegistryChange['kind'], name: string, version: string): void => {
    for (const listener of listeners) listener({ kind, name, version });
  };
  const familyOf = (name: string): Family => {
    const family = families.get(name);
    if (family === undefined) throw unknownModel(name, [...families.keys()]);
    return family;
  };
  const find = (name: string, version?: string): RegisteredModel => {
    const family = familyOf(name);
    const model = family.versions.get(version ?? family.defaultVersion);
    if (model !== undefined) return model;
    throw new EisenError('MODEL_VERSION_NOT_FOUND', `Model version: ${version} does not exist for model: ${name}`, {
      expected: [...family.versions.keys()].join(', '),
      found: version,
    });
  };

  return {
    find,
    versionsOf: (name) => [...familyOf(name).versions.values()],
    defaultVersionOf: (name) => familyOf(name).defaultVersion,
    defaults: () => [...families.keys()].map((name) => find(name)).sort(byName),
    all: () => [...families.values()].flatMap((family) => [...family.versions.values()]),
    add(model) {
      const { name, version } = model.runtime;
      const family = families.get(name);
      if (family?.versions.has(version)) {
        throw new EisenError('MODEL_CONFLICT', `Model version ${version} is already registered for model ${name}`);
      }
      if (family === undefined) families.set(name, { defaultVersion: version, versions: new Map([[version, model]]) });
      else family.versions.set(version, model);
      announce('added', name, version);
    },
    remove(name, version) {
      const family = familyOf(name);
      const model = find(name, version);
      const removed = model.runtime.version;
      if (family.versions.size > 1 && removed === family.defaultVersion) {
        throw new EisenError('MODEL_DEFAULT_KEPT', `Cannot remove default version for model ${name}`, {
          hint: 'Make another version the default first, or remove the others first.',
        });
      }
      family.versions.delete(removed);
      if (family.versions.size === 0) families.delete(name);
      announce('removed', name, removed);
      return model;
    },
    setDefault(name, version) {
      const family = familyOf(name);
      if (!family.versions.has(version)) {
        throw new EisenError('MODEL_VERSION_NOT_FOUND', `Model version ${version} does not exist for model ${name}`);
      }
      family.defaultVersion = version;
      announce('default', name, version);
    },
    subscribe: (listener) => void listeners.push(listener),
    announceScaled: (name, version) => announce('scaled', name, version),
  };
}
