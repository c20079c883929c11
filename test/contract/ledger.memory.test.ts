// The Ledger contract on the store the simulation uses.

import type { Ledger } from '../../shared/engine/ports.ts';
import { memoryLedger } from '../simulation/memory-ledger.ts';
import { perfectWire, remote } from '../simulation/remote.ts';
import { ledgerContract } from './ledger.contract.ts';

ledgerContract('memory', async () => {
  const store = memoryLedger();
  const connect = (): Ledger => remote<Ledger>('ledger', store.port, perfectWire);
  return {
    ledger: connect(),
    connect: async () => connect(),
    writeRaw: async (executionId, document) => store.writeRaw(executionId, document),
    close: async () => {},
  };
});
