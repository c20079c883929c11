// Runs Terraform on a copy of terraform/ with the stand-in provider: nothing is downloaded, nothing of the user's configuration is read.

import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandInProvider } from './stand-in-provider.ts';
import { terraformFolder } from './terraform-folder.ts';

/** Whether Terraform is installed; says aloud what is left out where it is not. */
export const terraformInstalled = (() => {
  const installed = spawnSync('terraform', ['version'], { env: environment('/dev/null') }).status === 0;
  if (!installed)
    console.log(
      'SKIPPED: everything that runs Terraform itself, which is not installed here (the parsed files are still checked)',
    );
  return installed;
})();

export type TerraformRun = { readonly code: number; readonly output: string };

export type Workspace = {
  /** The copy; files may be changed in it. */
  readonly folder: string;
  /** Runs one command and answers its exit code with everything it wrote. */
  run(...args: string[]): Promise<TerraformRun>;
  /** The plan for these variables, every value known; throws Terraform's own words when there is none. */
  plan(variables: Readonly<Record<string, unknown>>): Promise<Plan>;
  close(): void;
};

/**
 * An initialised copy of terraform/ in a temporary folder, on the stand-in provider, or on the provider in the mirror folder `provider`.
 * Throws Terraform's own words when it cannot be initialised.
 */
export async function openWorkspace(options: { readonly provider?: string } = {}): Promise<Workspace> {
  const root = mkdtempSync(join(tmpdir(), 'terraform-copy-'));
  const folder = join(root, 'terraform');
  cpSync(terraformFolder, folder, { recursive: true, filter: (path) => !path.includes('/.terraform') });
  writeFileSync(join(root, 'terraformrc'), '');
  writeFileSync(join(root, 'functions.zip'), 'stands in for the package');
  const standIn = options.provider === undefined ? await startStandInProvider() : undefined;
  const env = {
    ...environment(join(root, 'terraformrc')),
    ...(standIn === undefined ? {} : { TF_REATTACH_PROVIDERS: standIn.reattach }),
  };
  const run = (...args: string[]) => execute(folder, env, args);
  const close = () => {
    standIn?.close();
    rmSync(root, { recursive: true, force: true });
  };
  const mirror = options.provider === undefined ? [] : [`-plugin-dir=${options.provider}`];
  const initialised = await run('init', '-backend=false', '-input=false', '-no-color', ...mirror);
  if (initialised.code !== 0) {
    close();
    throw new Error(`terraform init failed:\n${initialised.output}`);
  }
  return {
    folder,
    run,
    close,
    async plan(variables) {
      writeFileSync(
        join(root, 'plan.tfvars.json'),
        JSON.stringify({ package: join(root, 'functions.zip'), ...variables }),
      );
      const planned = await run(
        'plan',
        '-no-color',
        '-input=false',
        '-refresh=false',
        `-var-file=${root}/plan.tfvars.json`,
        `-out=${root}/plan`,
      );
      if (planned.code !== 0) throw new Error(planned.output);
      const shown = await run('show', '-json', `${root}/plan`);
      return planOf(JSON.parse(shown.output) as Shown);
    },
  };
}

function environment(config: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, TF_CLI_CONFIG_FILE: config, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
}

function execute(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<TerraformRun> {
  return new Promise((done) => {
    execFile('terraform', args, { cwd, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, output: code === 0 ? stdout : `${stdout}${stderr}` });
    });
  });
}

type Shown = {
  readonly planned_values: {
    readonly root_module: ShownModule;
    readonly outputs?: Record<string, { value?: unknown }>;
  };
};
type ShownModule = { readonly resources?: readonly PlannedResource[]; readonly child_modules?: readonly ShownModule[] };

export type PlannedResource = {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly index?: string | number;
  // Terraform's own JSON: every consumer checks what it reads.
  readonly values: Readonly<Record<string, unknown>>;
};

export type Plan = {
  readonly resources: readonly PlannedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Resources of one type. */
  ofType(type: string): readonly PlannedResource[];
  /** The resource at an address; throws when the plan has none. */
  at(address: string): PlannedResource;
};

function planOf({ planned_values: { root_module: rootModule, outputs = {} } }: Shown): Plan {
  const collect = (module: ShownModule): PlannedResource[] => [
    ...(module.resources ?? []),
    ...(module.child_modules ?? []).flatMap(collect),
  ];
  const resources = collect(rootModule).filter(({ mode }) => mode === 'managed');
  return {
    resources,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
    ofType: (type) => resources.filter((resource) => resource.type === type),
    at(address) {
      const found = resources.find((resource) => resource.address === address);
      if (found === undefined) throw new Error(`the plan has no ${address}`);
      return found;
    },
  };
}
