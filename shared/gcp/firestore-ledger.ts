// The Ledger port on Firestore: one document per execution, every change a compare-and-set on its update time.
// The queries below need the indexes in terraform/firestore.tf; a test compares both.

import type { DocumentSnapshot, Firestore, Query } from '@google-cloud/firestore';
import { EngineError } from '../base/errors.ts';
import { pageTokenOf, parsePageToken } from '../base/page-token.ts';
import type { Ledger, Versioned } from '../engine/ports.ts';
import { type Execution, executionSchema } from '../schema/execution.ts';
import { createDocument, replaceDocument, versionOf } from './firestore-client.ts';
import { translated } from './grpc-errors.ts';

const collection = 'executions';
const fields = Object.keys(executionSchema.shape);

export function firestoreLedger(firestore: Firestore): Ledger {
  const executions = firestore.collection(collection);
  return {
    create: (execution) => createDocument(executions.doc(execution.executionId), execution),
    async read(executionId) {
      const snapshot = await translated(`read of ${collection}/${executionId}`, () =>
        executions.doc(executionId).get(),
      );
      return snapshot.exists ? parse(snapshot) : undefined;
    },
    replace: (execution, version) => replaceDocument(executions.doc(execution.executionId), execution, fields, version),
    async due({ now, pageSize, pageToken }) {
      const query = executions.where('nextCheckAt', '<=', now).orderBy('nextCheckAt').orderBy('executionId');
      return page(query, pageSize, pageToken, 'nextCheckAt');
    },
    async list({ status, load, pageSize, pageToken }) {
      let query: Query = executions;
      if (status !== undefined) query = query.where('status', '==', status);
      if (load !== undefined) query = query.where('load', '==', load);
      query = query.orderBy('acceptedAt', 'desc').orderBy('executionId', 'desc');
      return page(query, pageSize, pageToken, 'acceptedAt');
    },
  };
}

/** `sortField` orders the page; it and the id are read from the document as stored, because a damaged one cannot be parsed. */
async function page(
  query: Query,
  pageSize: number,
  pageToken: string | undefined,
  sortField: 'nextCheckAt' | 'acceptedAt',
): ReturnType<Ledger['list']> {
  const from = pageToken === undefined ? query : query.startAfter(...parsePageToken(pageToken));
  const snapshot = await translated(`query of ${collection}`, () => from.limit(pageSize).get());
  const executions: Versioned<Execution>[] = [];
  const damaged: EngineError[] = [];
  for (const document of snapshot.docs) {
    try {
      executions.push(parse(document));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      damaged.push(error);
    }
  }
  const last = snapshot.docs.at(-1);
  return {
    executions,
    ...(last === undefined || snapshot.size < pageSize
      ? {}
      : { nextPageToken: pageTokenOf([Number(last.get(sortField)), String(last.get('executionId'))]) }),
    ...(damaged.length === 0 ? {} : { damaged }),
  };
}

function parse(snapshot: DocumentSnapshot): Versioned<Execution> {
  const parsed = executionSchema.safeParse(snapshot.data());
  if (!parsed.success || snapshot.updateTime === undefined) {
    const problems = parsed.error?.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
    throw new EngineError('CORRUPT_RECORD', `${collection}/${snapshot.id} does not fit its schema: ${problems}`);
  }
  return { value: parsed.data, version: versionOf(snapshot.updateTime) };
}
