// Builds the parameters of GCS_Text_to_BigQuery_Flex: lines of text files, made into rows by the user's JavaScript function.

import type { Violation } from '../../base/errors.ts';
import { outputTableOf } from './output-table.ts';
import type { Route, RouteInput } from './route.ts';

/**
 * inputFilePattern from the source's path, JSONPath from the load's schemaPath; the JavaScript pair comes through template.parameters.
 * The template always creates if needed and appends: a truncating load is refused.
 */
export function gcsTextToBigQuery({ load, target, tempLocation }: RouteInput): Route {
  const violations: Violation[] = [];
  const output = outputTableOf(load, target.projectId);
  if (!output.ok) violations.push(output.violation);
  if (load.truncate === true) {
    const message =
      'GCS_Text_to_BigQuery_Flex always appends: truncate cannot be kept; empty the table first, or remove truncate';
    violations.push({ code: 'CONFLICT', path: `/loads/${load.name}/truncate`, message });
  }
  if (load.schemaPath === undefined) {
    const message = 'schemaPath is missing: the gs:// JSON file that holds the schema under the key "BigQuery Schema"';
    violations.push({ code: 'INCOMPLETE_LOAD', path: `/loads/${load.name}/schemaPath`, message });
  }
  return {
    templateName: 'GCS_Text_to_BigQuery_Flex',
    parameters: {
      ...(load.source.path === undefined ? {} : { inputFilePattern: load.source.path }),
      ...(load.schemaPath === undefined ? {} : { JSONPath: load.schemaPath }),
      ...(output.ok ? { outputTable: output.table } : {}),
      bigQueryLoadingTemporaryDirectory: `${tempLocation}/bigquery`,
    },
    readMode: 'files',
    steps: ['the template creates the table if needed and appends; one bad line fails the job'],
    warnings: [],
    violations,
  };
}
