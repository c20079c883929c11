// SQL expressions that fail a load in BigQuery's words.

/** Beginning of the text by which the loader recognises that an error is BigQuery's own refusal of a value. */
export const loadErrorPrefix = 'Error while reading data, error message: JSON parsing error: ';

/** An expression that fails with a fixed text. */
export function fail(message: string): string {
  return `error('${(loadErrorPrefix + message).replaceAll("'", "''")}')`;
}

/** An expression that fails and names the value. */
export function cannotConvert(text: string, type: string, field: string): string {
  const start = `${loadErrorPrefix}Could not convert value to ${type}. Field: ${field}; Value: `.replaceAll("'", "''");
  return `error('${start}' || left(${text}, 100))`;
}
