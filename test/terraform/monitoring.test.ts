// What is watched exists: moments, fields and metrics the alerts and the dashboard ask for; and every alert brings its runbook.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog, type LogFields, moments } from '../../shared/base/log.ts';
import { executionStatuses } from '../../shared/schema/execution.ts';
import { everything, smallest } from './installations.ts';
import { openWorkspace, type Plan, terraformInstalled, type Workspace } from './run-terraform.ts';
import { terraformFolder } from './terraform-folder.ts';

/** Metrics of Google's that are asked for, as PromQL names them (kind, then the metric's type). */
const googles = [
  'monitoring_googleapis_com:uptime_check_check_passed',
  'pubsub_googleapis_com:subscription_num_undelivered_messages',
  'pubsub_googleapis_com:subscription_oldest_unacked_message_age',
  'run_googleapis_com:request_count',
  'run_googleapis_com:request_latencies_bucket',
];

const runbooks = readdirSync(join(terraformFolder, 'runbooks')).map((file) => file.replace(/\.md$/, ''));
const runbook = (name: string): string => readFileSync(join(terraformFolder, 'runbooks', `${name}.md`), 'utf8');

let workspace: Workspace;
let plan: Plan;
beforeAll(async () => {
  if (!terraformInstalled) return;
  workspace = await openWorkspace();
  plan = await workspace.plan(everything);
});
afterAll(() => workspace?.close());

type Alert = {
  conditions: [
    { condition_prometheus_query_language: [{ query: string; duration: string; disable_metric_validation: boolean }] },
  ];
  documentation: [{ content: string; subject: string }];
  notification_channels: string[];
};

const alerts = () =>
  plan
    .ofType('google_monitoring_alert_policy')
    .map(({ index, values }) => ({ ...(values as unknown as Alert), name: String(index) }));
const alertQueries = (): string[] =>
  alerts().map(({ conditions }) => conditions[0].condition_prometheus_query_language[0].query);

type Tile = {
  xPos: number;
  yPos: number;
  width: number;
  height: number;
  widget: { title: string; xyChart: { dataSets: { timeSeriesQuery: { prometheusQuery: string } }[] } };
};
const tiles = (): Tile[] =>
  (
    JSON.parse(String(plan.at('google_monitoring_dashboard.this').values.dashboard_json)) as {
      mosaicLayout: { tiles: Tile[] };
    }
  ).mosaicLayout.tiles;
const tileQueries = (): string[] =>
  tiles().flatMap(({ widget }) =>
    widget.xyChart.dataSets.map(({ timeSeriesQuery }) => timeSeriesQuery.prometheusQuery),
  );

describe.skipIf(!terraformInstalled)('every query', () => {
  test('asks for metrics that exist, ours by the names PromQL gives them', () => {
    const metrics = plan.ofType('google_logging_metric').map(({ values }) => {
      const name = `logging_googleapis_com:user_${String(values.name).replaceAll(/[^a-z0-9]/gi, '_')}`;
      const [{ value_type: type }] = values.metric_descriptor as [{ value_type: string }];
      return type === 'DISTRIBUTION' ? [`${name}_sum`, `${name}_count`, `${name}_bucket`] : [name];
    });
    const known = new Set([...googles, ...metrics.flat()]);
    const asked = [...alertQueries(), ...tileQueries()].flatMap((query) =>
      [...query.matchAll(/\b\w+_googleapis_com:\w+/g)].map(([name]) => name),
    );
    expect(asked.length).toBeGreaterThan(20);
    expect([...new Set(asked)].filter((name) => !known.has(name))).toEqual([]);
    expect(googles.filter((name) => !asked.includes(name))).toEqual([]);
  });

  test('asks for moments and statuses that exist', () => {
    const queries = [...alertQueries(), ...tileQueries()].join('\n');
    const named = [...queries.matchAll(/moment=~?"([^"]+)"/g)].flatMap(([, names]) => names?.split('|') ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !(name in moments))).toEqual([]);
    const statuses = [...queries.matchAll(/status="([^"]+)"/g)].map(([, status]) => status ?? '');
    expect(statuses.filter((status) => !(executionStatuses as readonly string[]).includes(status))).toEqual([]);
  });

  test('has balanced brackets and quotes', () => {
    for (const query of [...alertQueries(), ...tileQueries()]) {
      for (const [open, close] of ['()', '{}', '[]'])
        expect(query.split(open ?? '').length, query).toBe(query.split(close ?? '').length);
      expect((query.split('"').length - 1) % 2, query).toBe(0);
    }
  });
});

describe.skipIf(!terraformInstalled)('log-based metrics', () => {
  test('take their values and labels from fields that are logged, of moments that exist', () => {
    const line = JSON.parse(
      lineOf('settled', { status: 'RUNNING', count: 1, durationMs: 2, costMicroUsd: 3 }),
    ) as Record<string, unknown>;
    for (const { values } of plan.ofType('google_logging_metric')) {
      const text = JSON.stringify([values.filter, values.value_extractor, values.label_extractors]);
      for (const [, field] of text.matchAll(/jsonPayload\.(\w+)/g))
        expect(line, `${values.name}: ${field}`).toHaveProperty(field ?? '');
      for (const [, moment] of String(values.filter).matchAll(/jsonPayload\.moment="(\w+)"/g))
        expect(moments).toHaveProperty(moment ?? '');
    }
  });

  test('count the three functions of this installation alone', () => {
    const names = plan.ofType('google_cloudfunctions2_function').map(({ values }) => String(values.name));
    for (const { values } of plan.ofType('google_logging_metric')) {
      const pattern = new RegExp(/service_name=~"([^"]+)"/.exec(String(values.filter))?.[1] ?? '(?!)');
      expect(names.every((name) => pattern.test(name))).toBe(true);
      for (const other of ['streamnova-execute', 'sn-prod2-execute', 'x-sn-prod-execute', 'sn-prod-execute-old'])
        expect(pattern.test(other), other).toBe(false);
    }
  });
});

describe('runbooks', () => {
  test('say what it means, where to look, what to do and when it is over, within what an alert may carry', () => {
    expect(runbooks.length).toBe(9);
    for (const name of runbooks) {
      const text = runbook(name);
      for (const part of ['# ', '**What it means.**', '**Look**', '**Do**', '**Over when**'])
        expect(text, `${name}: ${part}`).toContain(part);
      // An alert policy's documentation takes 8 KiB.
      expect(Buffer.byteLength(text), name).toBeLessThan(8192);
    }
  });

  test('name only moments, runbooks and scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(terraformFolder, '../package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const name of runbooks) {
      const text = runbook(name);
      for (const [, moment] of text.matchAll(/moment="(\w+)"/g))
        expect(moments, `${name}: ${moment}`).toHaveProperty(moment ?? '');
      for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g))
        expect(scripts, `${name}: ${script}`).toHaveProperty(script ?? '');
      for (const [, other] of text.matchAll(/\*([a-z-]+)\*(?!\*)/g))
        expect(runbooks, `${name}: ${other}`).toContain(other);
    }
  });
});

describe.skipIf(!terraformInstalled)('alerts', () => {
  test('are one for each runbook, which is their text', () => {
    expect(
      alerts()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(runbooks.toSorted());
    for (const { name, documentation } of alerts()) {
      expect(documentation[0].content).toBe(runbook(name));
      expect(documentation[0].subject).toBe(
        `sn-prod: ${/^# (.+)$/m.exec(runbook(name))?.[1]?.replace(/ the budget$/, ' 12.5 US dollars')}`,
      );
    }
  });

  test('reach everybody named, and do not ask for metrics that were never written', () => {
    expect(plan.ofType('google_monitoring_notification_channel').map(({ values }) => values.labels)).toEqual([
      { email_address: 'data-platform@example.com' },
    ]);
    for (const { notification_channels: channels, conditions } of alerts()) {
      expect(channels).toHaveLength(1);
      expect(conditions[0].condition_prometheus_query_language[0].disable_metric_validation).toBe(true);
    }
  });

  test('watch the budget in the unit costs are logged in', () => {
    expect(alertQueries().find((query) => query.includes('cost_micro_usd'))).toMatch(/> 12500000$/);
  });

  test('exist without anybody to notify, too', async () => {
    const quiet = await workspace.plan({ ...smallest, alert_emails: [] });
    expect(quiet.ofType('google_monitoring_alert_policy').length).toBe(9);
    expect(quiet.ofType('google_monitoring_notification_channel')).toEqual([]);
  });
});

describe.skipIf(!terraformInstalled)('the dashboard', () => {
  test('shows launches, latency, queue, tick lag, dead letters and cost per day', () => {
    const titles = tiles().map(({ widget }) => widget.title);
    for (const word of ['Launches', 'Latency', 'Queue', 'Tick lag', 'Dead letters', 'Cost per day']) {
      expect(
        titles.some((title) => title.startsWith(word)),
        word,
      ).toBe(true);
    }
  });

  test('lays its tiles out without overlap, within its columns', () => {
    const cells = tiles().flatMap(({ xPos, yPos, width, height }) => {
      expect(xPos + width).toBeLessThanOrEqual(48);
      return Array.from(
        { length: width * height },
        (_, cell) => `${xPos + (cell % width)},${yPos + Math.floor(cell / width)}`,
      );
    });
    expect(new Set(cells).size).toBe(cells.length);
  });
});

function lineOf(moment: keyof typeof moments, fields: LogFields): string {
  let line = '';
  createLog((text) => {
    line = text;
  })(moment, fields);
  return line;
}
