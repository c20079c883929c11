// The Recommendations contract on SQLite.

import { sqliteRecommendations } from '../../local/store/sqlite-recommendations.ts';
import { temporaryStore } from '../support/sqlite-store.ts';
import { recommendationsContract } from './recommendations.contract.ts';

recommendationsContract('SQLite', async () => {
  const store = temporaryStore();
  const db = store.connect();
  return {
    recommendations: sqliteRecommendations(db),
    async writeRaw(runId, document) {
      db.prepare('INSERT INTO recommendations VALUES (?, ?)').run(runId, JSON.stringify(document));
    },
    close: store.close,
  };
});
