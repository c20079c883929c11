// Lays a load over its scenario and the file's defaults, and a request's overrides over all of them.

import type { Violation } from '../base/errors.ts';
import type { Environment } from '../schema/environment.ts';
import type { Overrides } from '../schema/event.ts';
import type { EffectiveLoad, Load, LoadConfig, Scenario } from '../schema/load-config.ts';
import { didYouMean } from './nearest-names.ts';

export type EffectiveLoadResult =
  | { readonly ok: true; readonly load: EffectiveLoad }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/**
 * The load as it will run. Precedence, weakest first: file `defaults`, the scenario (the request's, else `defaultScenario`), the load, the
 * request's overrides (design section 5). `environment` is laid field by field, labels, launchOptions and template parameters key by key,
 * everything else as a whole. Connection, table and sizes come from the load and its source alone.
 */
export function effectiveLoadConfig(
  config: LoadConfig,
  loadName: string,
  overrides: Overrides = {},
): EffectiveLoadResult {
  const violations: Violation[] = [];
  const load = own(config.loads, loadName, 'load', '/load', violations);
  const scenarioName = overrides.scenario ?? config.defaultScenario;
  const scenarioPath = overrides.scenario === undefined ? '/defaultScenario' : '/overrides/scenario';
  const scenario =
    scenarioName === undefined
      ? undefined
      : own(config.scenarios ?? {}, scenarioName, 'scenario', scenarioPath, violations);
  if (load === undefined) return { ok: false, violations };
  const at = `/loads/${loadName}`;
  const source = own(config.sources, load.source, 'source', `${at}/source`, violations);
  const target = own(config.targets, load.target, 'target', `${at}/target`, violations);
  const via = load.via === undefined ? undefined : own(config.targets, load.via, 'target', `${at}/via`, violations);
  if (overrides.incremental !== undefined && load.incremental === undefined) {
    const message = `load "${loadName}" has no incremental column, so a request cannot set from or to: add incremental.column to the load`;
    violations.push({ code: 'NOT_INCREMENTAL', path: '/overrides/incremental', message });
  }
  if (violations.length > 0 || source === undefined || target === undefined) return { ok: false, violations };

  const { source: sourceName, target: targetName, via: viaName, ...rest } = load;
  const laid = lay([config.defaults, scenario, load, overridesAsScenario(overrides)]);
  const incremental =
    load.incremental === undefined ? {} : { incremental: { ...load.incremental, ...overrides.incremental } };
  const effective: EffectiveLoad = {
    ...rest,
    ...laid,
    ...incremental,
    name: loadName,
    sourceName,
    source,
    targetName,
    target,
    ...(viaName === undefined || via === undefined ? {} : { viaName, via }),
    ...(scenarioName === undefined ? {} : { scenario: scenarioName }),
  };
  return { ok: true, load: effective };
}

function own<T>(
  named: Readonly<Record<string, T>>,
  name: string,
  kind: string,
  path: string,
  violations: Violation[],
): T | undefined {
  if (Object.hasOwn(named, name)) return named[name];
  const names = Object.keys(named);
  const list = names.length === 0 ? `no ${kind} is configured` : `configured: ${names.join(', ')}`;
  violations.push({
    code: 'UNKNOWN_NAME',
    path,
    message: `unknown ${kind} "${name}"${didYouMean(name, names)}; ${list}`,
  });
  return undefined;
}

function overridesAsScenario(overrides: Overrides): Scenario {
  return {
    ...(overrides.truncate === undefined ? {} : { truncate: overrides.truncate }),
    ...(overrides.environment === undefined ? {} : { environment: overrides.environment }),
  };
}

type Layer = Pick<Load, 'environment' | 'fetchSize' | 'truncate' | 'template'> | undefined;

function lay(layers: readonly Layer[]): Scenario {
  const result: { -readonly [key in keyof Scenario]: Scenario[key] } = {};
  for (const layer of layers) {
    if (layer?.fetchSize !== undefined) result.fetchSize = layer.fetchSize;
    if (layer?.truncate !== undefined) result.truncate = layer.truncate;
    if (layer?.environment !== undefined) result.environment = layEnvironment(result.environment, layer.environment);
    if (layer?.template !== undefined) {
      const parameters = { ...result.template?.parameters, ...layer.template.parameters };
      result.template = {
        ...result.template,
        ...layer.template,
        ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
      };
    }
  }
  return result;
}

function layEnvironment(below: Environment | undefined, above: Environment): Environment {
  const labels = { ...below?.additionalUserLabels, ...above.additionalUserLabels };
  const launchOptions = { ...below?.launchOptions, ...above.launchOptions };
  return {
    ...withoutRivalPlace(below, above),
    ...above,
    ...(Object.keys(labels).length > 0 ? { additionalUserLabels: labels } : {}),
    ...(Object.keys(launchOptions).length > 0 ? { launchOptions } : {}),
  };
}

/** A zone above replaces a region below and the other way round: only one of the two may reach Dataflow. */
function withoutRivalPlace(below: Environment | undefined, above: Environment): Environment {
  const { workerZone, workerRegion, ...rest } = below ?? {};
  return {
    ...rest,
    ...(workerZone !== undefined && above.workerRegion === undefined ? { workerZone } : {}),
    ...(workerRegion !== undefined && above.workerZone === undefined ? { workerRegion } : {}),
  };
}
